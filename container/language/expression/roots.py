"""How a path reads its value from the scope."""

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


def read(path: Path, local: bool) -> Evaluate:
    """The function that reads the path; None where anything on the way is missing."""
    return _local(path.root, path.keys) if local else _READERS[path.root](path.keys)


def read_into(path: Path, local: bool, function: Callable[[Any], Any]) -> Evaluate:
    """The function that gives what the path reads to `function`, and makes nothing of nothing.

    `item.price | number` is what templates are made of, so the common paths take one call instead of two.
    """
    match path.keys:
        case (str() as key,) if local:
            return _local_member_into(path.root, key, function)
        case (str() as key,) if path.root == "event":
            return _event_member_into(key, function)
        case _:
            return into(read(path, local), function)


def into(value: Evaluate, function: Callable[[Any], Any]) -> Evaluate:
    """`function` of the value; nothing of nothing."""

    def run(scope: Scope) -> Any:
        found = value(scope)
        return None if found is None else function(found)

    return run


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


def _local(name: str, keys: Keys) -> Evaluate:
    if len(keys) == 1 and isinstance(keys[0], str):
        return _local_member(name, keys[0])
    return _below(lambda scope: scope.local.get(name), keys)


def _local_member(name: str, key: str) -> Evaluate:
    def member(scope: Scope) -> Any:
        found = scope.local.get(name)
        if found.__class__ is dict:
            return found.get(key)
        return None if found is None else step(found, key)

    return member


def _local_member_into(name: str, key: str, function: Callable[[Any], Any]) -> Evaluate:
    def member(scope: Scope) -> Any:
        owner = scope.local.get(name)
        found = owner.get(key) if owner.__class__ is dict else step(owner, key)
        return None if found is None else function(found)

    return member


def _event(keys: Keys) -> Evaluate:
    if not keys:
        return lambda scope: scope.event
    first, rest = keys[0], keys[1:]
    if not isinstance(first, str):
        return lambda scope: None
    return _below(lambda scope: scope.event.get(first), rest)


def _event_member_into(key: str, function: Callable[[Any], Any]) -> Evaluate:
    def member(scope: Scope) -> Any:
        found = scope.event.get(key)
        return None if found is None else function(found)

    return member


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


@lru_cache(maxsize=_REMEMBERED)
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
