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


def _no_variable(_: str) -> Any:
    return None


class Scope:
    """The values of one evaluation. `now` is Unix seconds; `record` seeds `random`."""

    __slots__ = ("consent", "container", "conversion", "event", "local", "now", "record", "request", "var")

    def __init__(
        self,
        event: Mapping[str, Any] = _NOTHING,
        request: Request | None = None,
        conversion: Conversion | None = None,
        consent: Mapping[str, bool | None] = _NOTHING,
        container: Mapping[str, str] = _NOTHING,
        now: float = 0.0,
        record: str = "",
        var: Callable[[str], Any] = _no_variable,
        local: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.event = event
        self.request = request
        self.conversion = conversion
        self.consent = consent
        self.container = container
        self.now = now
        self.record = record
        self.var = var
        self.local = local

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
            self.var,
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
