"""How a path reads its value from the scope."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from container.language.expression.scope import Scope
from container.language.expression.tree import Path
from container.language.values import as_decimal, step, whole

Evaluate = Callable[[Scope], Any]
Keys = tuple[str | int, ...]
_RANDOM_BELOW = 2**31  # GTM's Random Number


def read(path: Path, local: bool) -> Evaluate:
    """The function that reads the path; None where anything on the way is missing."""
    if local:
        name = path.root
        return _below(lambda scope: scope.local.get(name), path.keys)
    return _READERS[path.root](path.keys)


def _below(base: Evaluate, keys: Keys) -> Evaluate:
    if not keys:
        return base
    if len(keys) == 1:
        only = keys[0]

        def one(scope: Scope) -> Any:
            found = base(scope)
            return found.get(only) if found.__class__ is dict and only.__class__ is str else step(found, only)

        return one

    def several(scope: Scope) -> Any:
        found = base(scope)
        for key in keys:
            found = step(found, key)
        return found

    return several


def _event(keys: Keys) -> Evaluate:
    if not keys:
        return lambda scope: scope.event
    first, rest = keys[0], keys[1:]
    if not isinstance(first, str):
        return lambda scope: None
    return _below(lambda scope: scope.event.get(first), rest)


def _variable(keys: Keys) -> Evaluate:
    name = str(keys[0])
    return _below(lambda scope: scope.var(name), keys[1:])


def _request(keys: Keys) -> Evaluate:
    table = str(keys[0])
    if len(keys) == 1:
        return lambda scope: getattr(scope.request, table, None)
    key = str(keys[1]).lower() if table == "headers" else str(keys[1])

    def run(scope: Scope) -> Any:
        return getattr(scope.request, table).get(key) if scope.request is not None else None

    return run


def _conversion(keys: Keys) -> Evaluate:
    name = str(keys[0])
    if name == "sources":
        return _below(lambda scope: sorted(scope.conversion.sources) if scope.conversion else None, keys[1:])
    if name == "timestamp":
        return lambda scope: _time(scope.conversion.timestamp) if scope.conversion else None
    return _below(lambda scope: getattr(scope.conversion, name, None), keys[1:])


def _consent(keys: Keys) -> Evaluate:
    return _below(lambda scope: scope.consent, keys)


def _container(keys: Keys) -> Evaluate:
    return _below(lambda scope: scope.container, keys)


def _now(_: Keys) -> Evaluate:
    return lambda scope: _time(scope.now)


def _random(_: Keys) -> Evaluate:
    return lambda scope: _seeded(scope.record)


def _time(seconds: float) -> Any:
    """Unix seconds with milliseconds; absent where nothing is known."""
    number = as_decimal(round(seconds, 3)) if seconds else None
    return number if number is None or number % 1 else whole(number)


def _seeded(record: str) -> int:
    """The same number for every reading of one record."""
    return int.from_bytes(hashlib.sha256(record.encode(errors="replace")).digest()[:8]) % _RANDOM_BELOW


_READERS: dict[str, Callable[[Keys], Evaluate]] = {
    "event": _event,
    "var": _variable,
    "request": _request,
    "conversion": _conversion,
    "consent": _consent,
    "container": _container,
    "now": _now,
    "random": _random,
}
