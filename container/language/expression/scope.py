"""What an expression can name: the values at run time (`Scope`), what is allowed at load (`Context`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from container.conversion import Conversion
from container.event import Request
from container.problems import Problems

ROOTS = frozenset(
    ("event", "request", "var", "env", "secret", "conversion", "consent", "container", "now", "random")
)
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Scope:
    """The values of one evaluation. `now` is Unix seconds; `record` seeds `random`.

    `variables` are worked out when they are first read, and kept in `known`.
    """

    __slots__ = (
        "consent", "container", "conversion", "event", "known", "local", "now", "record", "request", "variables"
    )  # fmt: skip

    def __init__(
        self,
        event: Mapping[str, Any] = _NOTHING,
        request: Request | None = None,
        conversion: Conversion | None = None,
        consent: Mapping[str, bool | None] = _NOTHING,
        container: Mapping[str, str] = _NOTHING,
        now: float = 0.0,
        record: str = "",
        variables: Mapping[str, Callable[[Scope], Any]] = _NOTHING,
        known: dict[str, Any] | None = None,
        local: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.event = event
        self.request = request
        self.conversion = conversion
        self.consent = consent
        self.container = container
        self.now = now
        self.record = record
        self.variables = variables
        self.known = {} if known is None else known
        self.local = local

    def var(self, name: str) -> Any:
        """The variable's value; None where there is none of that name."""
        known = self.known
        if name not in known:
            value = self.variables.get(name)
            known[name] = value(self) if value else None
        return known[name]

    def with_local(self, **names: Any) -> Scope:
        """The same values with further local names."""
        return self.over({**self.local, **names})

    def over(self, local: Mapping[str, Any]) -> Scope:
        """The same values with these local names instead."""
        return Scope(
            self.event,
            self.request,
            self.conversion,
            self.consent,
            self.container,
            self.now,
            self.record,
            self.variables,
            self.known,
            local,
        )


@dataclass(frozen=True)
class Context:
    """What may be named at this place of the workspace, and where problems go.

    `variables` and `params` None: not checked. `locals` are names without a root (`item`, `let` names, `params`).
    """

    problems: Problems = field(default_factory=Problems)
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Collection[str] | None = None
    roots: frozenset[str] = ROOTS
    locals: frozenset[str] = frozenset()
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    params: Collection[str] | None = None

    def adding(self, *names: str) -> Context:
        """The same with further local names."""
        return replace(self, locals=self.locals | set(names))
