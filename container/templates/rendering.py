"""From a template's request to the two pieces a call is joined from: envelope and item."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from container.call import Envelope, Parts, Secret
from container.encoding import encode
from container.errors import Invalid
from container.language.expression import Scope, as_text
from container.language.shape import ABSENT, Shape
from container.templates.request import Request
from container.templates.url import Url, encoded, joined

_BAD_IN_HEADER = re.compile("[\x00-\x08\x0a-\x1f\x7f]")

Pairs = list[tuple[str, Parts]]
Body = tuple[Parts, bytes, Parts, Any]  # before, item, after, what the contract sees


@dataclass(frozen=True, slots=True)
class Rendered:
    """One request. `content` is what the contract is about (secrets as texts), `part` what that is called."""

    envelope: Envelope
    item: bytes
    part: str
    content: Any


class Renderer:
    """Renders the requests of one tag. What the event has no part in is written once, at load."""

    def __init__(self, request: Request, url: Url, join: str | None, constants: Mapping[str, Any]) -> None:
        self._request = request
        self._url = url
        self._join = join
        self._body = _BODY[request.body]
        self._headers = _Fields(request.headers, constants)
        self._query = _Fields(request.query, constants)
        self._auth = _Fields(request.auth, constants)

    def render(self, scope: Scope) -> Rendered:
        """The request in this scope. Raises `Invalid`."""
        request = self._request
        content = request.content.render(scope) if request.content is not None else ABSENT
        before, item, after, checked = self._body(content, self._join)
        query = [pair for name, value in self._query.over(scope) for pair in _pair(name, value, "query")]
        envelope = Envelope(
            method=request.method,
            url=self._with_query(query, scope),
            headers=tuple((name, _header(name, value)) for name, value in self._headers.over(scope)),
            before=before,
            after=after,
            auth=tuple((name, _text(value, f"auth.{name}")) for name, value in self._auth.over(scope)),
            timeout=request.timeout,
        )
        if request.body:
            return Rendered(envelope, item, request.body, checked)
        return Rendered(envelope, item, "query", _checked_pairs(query))

    def _with_query(self, query: Pairs, scope: Scope) -> Parts:
        url = self._url.render(scope)
        if not query:
            return url
        return tuple(joined((*url, "&" if self._url.asks else "?", *_encoded_pairs(query))))


class _Fields:
    """Names and their values; those that only read what the tag has set for good are known."""

    def __init__(self, shapes: Mapping[str, Shape], constants: Mapping[str, Any]) -> None:
        scope = Scope(local={"params": constants})
        self._fields = [
            (name, shape.render, shape.render(scope) if _is_known(shape, constants) else None)
            for name, shape in shapes.items()
        ]

    def over(self, scope: Scope) -> Iterator[tuple[str, Any]]:
        """Those that are present."""
        for name, render, known in self._fields:
            value = render(scope) if known is None else known
            if value is not ABSENT and value is not None:
                yield name, value


def _is_known(shape: Shape, constants: Mapping[str, Any]) -> bool:
    paths = [path for expression in shape.expressions() for path in expression.reads()]
    return all(path.root == "params" and path.keys[:1] and path.keys[0] in constants for path in paths)


def _header(name: str, value: Any) -> Parts:
    parts = _text(value, f"headers.{name}")
    for part in parts:
        if isinstance(part, str) and _BAD_IN_HEADER.search(part):
            raise Invalid(f"headers.{name}", "a header cannot hold line breaks and control characters")
    return tuple(part.encode(errors="replace").decode() if isinstance(part, str) else part for part in parts)


def _text(value: Any, at: str) -> Parts:
    """A value as text; lists are joined by blanks."""
    if isinstance(value, Secret):
        return (value,)
    if isinstance(value, tuple):
        return value
    if isinstance(value, list):
        return (" ".join(text for text in map(as_text, value) if text),)
    text = as_text(value)
    if text is None:
        raise Invalid(at, "this cannot be written as text")
    return (text,)


def _pair(name: str, value: Any, part: str) -> Pairs:
    """One name and its value, or as many as a list has elements."""
    values = value if isinstance(value, list) else [value]
    return [(name, _text(one, f"{part}.{name}")) for one in values]


def _encoded_pairs(pairs: Pairs) -> Parts:
    parts: list[str | Secret] = []
    for index, (name, value) in enumerate(pairs):
        parts.append(f"{'&' if index else ''}{encoded(name)}=")
        parts += [encoded(part) if isinstance(part, str) else Secret(part.name, "url") for part in value]
    return tuple(joined(parts))


def _checked_pairs(pairs: Pairs) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, []).append("".join(map(str, value)))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _nothing(content: Any, join: str | None) -> Body:
    return (), b"", (), None


def _json(content: Any, join: str | None) -> Body:
    if content is ABSENT:
        raise Invalid("json", "nothing is left of the body: everything in it is absent")
    if not isinstance(content, Mapping):
        return (_encoded(content, "json").decode(),), b"", (), content
    before: list[str | Secret] = ["{"]
    after: list[str | Secret] = []
    item, into = b"", before
    for index, (key, value) in enumerate(content.items()):
        into.append(f"{',' if index else ''}{encode(str(key)).decode()}:")
        if isinstance(value, Secret):
            into.append(Secret(value.name, "json"))
        elif key == join:
            item = _element(value, key)
            into.append("[")
            into = after
            into.append("]")
        else:
            into.append(_encoded(value, f"json.{key}").decode())
    into.append("}")
    if join is not None and not item:
        raise Invalid(f"json.{join}", "nothing is left of the event: everything in it is absent")
    return tuple(joined(before)), item, tuple(joined(after)), _checked(content)


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
    return {key: str(value) if isinstance(value, Secret) else value for key, value in content.items()}


def _form(content: Any, join: str | None) -> Body:
    if not isinstance(content, Mapping):
        raise Invalid("form", "nothing is left of the form: everything in it is absent")
    pairs = [pair for name, value in content.items() for pair in _pair(str(name), value, "form")]
    return _encoded_pairs(pairs), b"", (), _checked_pairs(pairs)


def _plain(content: Any, join: str | None) -> Body:
    if content is ABSENT:
        raise Invalid("text", "nothing is left of the body: something in it is absent")
    parts = _text(content, "text")
    return parts, b"", (), "".join(map(str, parts))


_BODY: Mapping[str, Callable[[Any, str | None], Body]] = {"": _nothing, "json": _json, "form": _form, "text": _plain}
