"""Bodies as they are sent: JSON, in the two pieces that calls are joined from; forms; text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from container.call import Parts, Secret
from container.encoding import encode
from container.errors import Invalid
from container.language.shape import ABSENT
from container.templates.fields import as_parts, checked_pairs, encoded_pairs, pairs
from container.templates.url import joined

Body = tuple[Parts, bytes, Parts, Any]  # before, item, after, what the contract sees
Write = Callable[[Any], Body]  # of a rendered body, maybe `ABSENT`; raises `Invalid`
NO_BODY: Body = ((), b"", (), None)


def writer(name: str, join: str | None) -> Write:
    """What writes the body `name`: json, form or text. `join`: the list in the JSON that calls are joined by."""
    if name == "form":
        return _form
    if name == "text":
        return _text
    return _json if join is None else _Joinable(join).write


def _json(content: Any) -> Body:
    content = _present(content)
    if not isinstance(content, Mapping):
        return (_encoded(content, "json").decode(),), b"", (), content
    return _framed("{", content, "}"), b"", (), _checked(content)


def _present(content: Any) -> Any:
    if content is ABSENT:
        raise Invalid("json", "nothing is left of the body: everything in it is absent")
    return content


class _Joinable:
    """JSON in whose list `join` stands the one element of this call, and may stand those of others."""

    def __init__(self, join: str) -> None:
        self._join = join
        self._opening = f"{encode(join).decode()}:["

    def write(self, content: Any) -> Body:
        """What stands before and behind the element, and the element."""
        join = self._join
        if not isinstance(_present(content), Mapping):
            return _json(content)
        if join not in content:
            raise Invalid(f"json.{join}", "nothing is left of the event: everything in it is absent")
        before, after = _around(content, join)
        item = _element(content[join], join)
        opening = f",{self._opening}" if before else self._opening
        return _framed("{", before, opening), item, _framed("]," if after else "]", after, "}"), _checked(content)


def _around(content: Mapping[str, Any], join: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members before `join`, and those behind it."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    into = before
    for key, value in content.items():
        if key == join:
            into = after
        else:
            into[key] = value
    return before, after


def _framed(opening: str, members: Mapping[str, Any], closing: str) -> Parts:
    """The members as JSON, without braces, between two texts."""
    if not members:
        return (opening + closing,)
    if Secret not in map(type, members.values()):
        try:
            return (f"{opening}{encode(members)[1:-1].decode()}{closing}",)
        except (TypeError, ValueError):  # told below, with the member's name
            pass
    parts: list[str | Secret] = [opening]
    for index, (key, value) in enumerate(members.items()):
        parts.append(f"{',' if index else ''}{encode(key).decode()}:")
        secret = value.__class__ is Secret
        parts.append(Secret(value.name, "json") if secret else _encoded(value, f"json.{key}").decode())
    return tuple(joined([*parts, closing]))


def _element(value: Any, key: str) -> bytes:
    if not isinstance(value, list) or len(value) != 1:
        raise Invalid(f"json.{key}", "this has to be a list with the one event of this call")
    return _encoded(value[0], f"json.{key}[0]")


def _encoded(value: Any, at: str) -> bytes:
    try:
        return encode(value)
    except (TypeError, ValueError) as error:
        raise Invalid(at, "a secret or a value that is no JSON cannot stand here") from error


def _checked(content: Mapping[str, Any]) -> Any:
    if Secret not in map(type, content.values()):
        return content
    return {key: str(value) if isinstance(value, Secret) else value for key, value in content.items()}


def _form(content: Any) -> Body:
    if not isinstance(content, Mapping):
        raise Invalid("form", "nothing is left of the form: everything in it is absent")
    found = tuple(chain.from_iterable(pairs(str(name), value, "form") for name, value in content.items()))
    return encoded_pairs(found), b"", (), checked_pairs(found)


def _text(content: Any) -> Body:
    if content is ABSENT:
        raise Invalid("text", "nothing is left of the body: something in it is absent")
    parts = as_parts(content, "text")
    return parts, b"", (), "".join(map(str, parts))
