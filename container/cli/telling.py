"""Events that a file tells of, recognised as the container would; a column called like a variable is its value."""

from __future__ import annotations

from container.conversion import Conversion
from container.dedup import Dedup
from container.dedup.keys import Keys
from container.event import Event
from container.language.expression import Scope, present
from container.ledger.interface import Store
from container.pipeline import Container


def dedup_of(container: Container, store: Store, keys: Keys) -> Dedup:
    """The container's own recognition over this store, for events as a file tells them; keeps no records."""

    def scope_of(event: Event, conversion: Conversion | None) -> Scope:
        return _with_columns(container.variables.over(event, conversion), event)

    return Dedup(store, container.dedup.kinds, keys, scope_of, lambda decision: None)


def _with_columns(scope: Scope, event: Event) -> Scope:
    data, known = event.data, scope.var

    def var(name: str) -> object:
        told = data.get(name)
        return told if present(told) else known(name)

    return Scope(
        scope.event, scope.request, scope.conversion, scope.consent, scope.container, scope.now, scope.record, var
    )
