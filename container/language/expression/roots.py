"""How the paths are read that begin neither with the event, a variable nor a local name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from container.language.expression.scope import Scope
from container.language.expression.tree import Path
from container.language.values import as_decimal, step, whole

Evaluate = Callable[[Scope], Any]
Keys = tuple[str | int, ...]
_REMEMBERED = 256  # times of events: each is asked for by every tag
_RANDOM_BELOW = 2**31  # GTM's Random Number


def read(path: Path) -> Evaluate:
    """The function that reads a path of what surrounds the event; None where anything on the way is missing."""
    return _READERS[path.root](path.keys)


def _below(base: Evaluate, keys: Keys) -> Evaluate:
    """What stands behind `keys` in what `base` gives."""
    if not keys:
        return base
    if len(keys) == 1 and isinstance(keys[0], str):
        return _member(base, keys[0])

    def several(scope: Scope) -> Any:
        found = base(scope)
        for key in keys:
            found = step(found, key)
        return found

    return several


def _member(base: Evaluate, key: str) -> Evaluate:
    def member(scope: Scope) -> Any:
        found = base(scope)
        if found.__class__ is dict:
            return found.get(key)
        return None if found is None else step(found, key)

    return member


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


@lru_cache(maxsize=_REMEMBERED)
def _time(seconds: float) -> Any:
    """Unix seconds with milliseconds; absent where nothing is known."""
    number = as_decimal(round(seconds, 3)) if seconds else None
    return number if number is None or number % 1 else whole(number)


def _seeded(record: str) -> int:
    """The same number for every reading of one record."""
    return int.from_bytes(hashlib.sha256(record.encode(errors="replace")).digest()[:8]) % _RANDOM_BELOW


_READERS: dict[str, Callable[[Keys], Evaluate]] = {
    "event": lambda keys: lambda scope: None,  # `event[0]`: event data have names
    "request": _request,
    "conversion": _conversion,
    "consent": _consent,
    "container": _container,
    "now": _now,
    "random": _random,
}
