"""Consent for every tag: what the conversion's copies stated, else a client's default, else what `unknown` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from container.conversion import Conversion
from container.decision import Decision, TagDecision
from container.event import CONSENT_TYPES, SALE, Event

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What counts where nobody has said anything: {unknown: denied}, or {unknown: granted}.",
    "additionalProperties": False,
    "required": ["unknown"],
    "properties": {"unknown": {"enum": ["granted", "denied"]}},
}

Default = Mapping[str, bool] | None  # of a client; None: from the browser copy, so unknown until one is there


class Needs(Protocol):
    """What of a tag consent asks for."""

    @property
    def id(self) -> str: ...
    @property
    def consent(self) -> tuple[str, ...]: ...
    @property
    def vendors(self) -> tuple[str, ...]:
        """The vendors it sends to, by the types under which a TCF string may refuse them."""


def client_default(said: Any) -> Default:
    """A client's `consent:` as written: granted | denied | from_browser | a mapping of types, or nothing."""
    if said in (None, "from_browser"):
        return None
    if isinstance(said, Mapping):
        return {str(name): state == "granted" for name, state in said.items()}
    return dict.fromkeys(CONSENT_TYPES, said == "granted")


class Consent:
    """The gate before every tag."""

    def __init__(self, unknown_granted: bool, defaults: Mapping[str, Default]) -> None:
        self._unknown = unknown_granted
        self._defaults = defaults

    def state(self, event: Event, conversion: Conversion) -> Mapping[str, bool | None]:
        """What counts, by type; a default only while no copy has said anything. Absent types are unknown."""
        return self._or_default(conversion.consent, event.request.client)

    def allows(self, tag: Needs, event: Event, conversion: Conversion, decision: Decision) -> bool:
        """Whether the tag has what it needs; where not, the decision names what is missing."""
        if not tag.consent:
            return True
        state = self.state(event, conversion)
        missing = [name for name in tag.consent if not self._granted(name, state.get(name))]
        missing += [name for name in tag.vendors if state.get(name) is False]
        if not missing:
            return True
        reason = "; ".join(_why(name, state.get(name), says_something(conversion.consent)) for name in missing)
        decision.add(TagDecision(tag.id, "consent", reason))
        return False

    def granted(self, event: Event, needs: tuple[str, ...]) -> bool:
        """Whether this copy alone grants all of that: what it states, else its client's default, else `unknown`."""
        state = self._or_default(event.consent, event.request.client)
        return all(self._granted(name, state.get(name)) for name in needs)

    def _or_default(self, stated: Mapping[str, bool], client: str) -> Mapping[str, bool | None]:
        default = self._defaults.get(client)
        if not default or says_something(stated):
            return stated
        return {**default, **stated}

    def _granted(self, name: str, stated: bool | None) -> bool:
        """Who has not opted out has not opted out; of everything else nothing said is unknown."""
        return (name == SALE or self._unknown) if stated is None else stated


def says_something(stated: Mapping[str, bool]) -> bool:
    """Whether it answers the banner's question. An opt-out of sale alone does not."""
    return bool(stated) and not stated.keys().isdisjoint(CONSENT_TYPES)


def _why(name: str, stated: bool | None, told: bool) -> str:
    if name == SALE:
        return "the visitor has opted out of sale and sharing"
    if name.startswith("vendor_"):
        return f"the TCF string withholds consent from {name.removeprefix('vendor_').title()}"
    if stated is False:
        return f"{name} is denied"
    return f"{name} is unknown: " + ("no copy states it" if told else "no copy has said anything about consent")
