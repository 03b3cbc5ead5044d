"""From a template's request to the two pieces a call is joined from: envelope and item."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from container.call import Envelope, Parts, Secret
from container.encoding import encode, whole
from container.errors import Invalid
from container.language.expression import Scope, as_text
from container.language.shape import ABSENT, Shape
from container.templates.request import TYPES, Fields, Request, typed
from container.templates.schema import METHODS
from container.templates.url import Url, encoded, joined

_BAD_IN_HEADER = re.compile("[\x00-\x08\x0a-\x1f\x7f]")

Pairs = tuple[tuple[str, Parts], ...]
Body = tuple[Parts, bytes, Parts, Any]  # before, item, after, what the contract sees
_NO_BODY: Body = ((), b"", (), None)


@dataclass(slots=True)
class Rendered:
    """One request, and its envelope as it is stored.

    `content` is what the contract is about (secrets as texts), `part` what that is called.
    """

    envelope: Envelope
    stored: bytes
    item: bytes
    part: str
    content: Any


class Renderer:
    """Renders the requests of one tag. What the event has no part in is written once, at load."""

    def __init__(self, request: Request, url: Url, join: str | None, constants: Mapping[str, Any]) -> None:
        self._request = request
        self._url = url
        self._join = join
        self._method = request.method if isinstance(request.method, str) else ""
        self._bodies = [(name, shape.render, _BODY[name]) for name, shape in request.bodies.items()]
        self._headers = _Fields(request.headers, constants, _header)
        self._typed = not isinstance(request.headers, Shape) and typed(request.headers)
        self._query = _Fields(request.query, constants, _query)
        self._auth = _Fields(request.auth, constants, _auth)
        query = self._query.known
        self._whole_url = self._with_query(query, Scope()) if query is not None and url.literal else None

    def render(self, scope: Scope) -> Rendered:
        """The request in this scope. Raises `Invalid`."""
        method = self._method or self._asked_method(scope)
        part, (before, item, after, checked) = self._body(method, scope)
        query = self._query.over(scope)
        url = self._whole_url or self._with_query(query, scope)
        headers, auth = self._headers.over(scope), self._auth.over(scope)
        if part and not self._typed:
            headers = _typed(headers, part)
        if part == "form" and not self._method:  # query or body, by the method: the contract is about both
            checked = {**_checked_pairs(query), **checked}
        if not part:
            part, checked = "query", _checked_pairs(query)
        envelope = Envelope(method, url, headers, before, after, auth, self._request.timeout)
        return Rendered(envelope, envelope.stored(), item, part, checked)

    def _asked_method(self, scope: Scope) -> str:
        assert isinstance(self._request.method, Shape)
        method = as_text(self._request.method.render(scope))
        if method not in METHODS:
            raise Invalid("method", f"this has to be one of {', '.join(METHODS)}")
        return method

    def _body(self, method: str, scope: Scope) -> tuple[str, Body]:
        """The body's name and its parts; of several the first that is present, and none with a GET that was asked."""
        if not self._bodies or (method == "GET" and not self._method):
            return "", _NO_BODY
        for name, render, write in self._bodies:
            content = render(scope)
            if content is not ABSENT:
                return name, write(content, self._join)
        name, _, write = self._bodies[0]
        return name, write(ABSENT, self._join)  # which tells that nothing is left of it

    def _with_query(self, query: Pairs, scope: Scope) -> Parts:
        url = self._url.render(scope)
        if not query:
            return url
        return tuple(joined((*url, "&" if self._url.asks else "?", *_encoded_pairs(query, ":"))))


class _Fields:
    """Names and their values, as `write` writes them; those that only read what the tag has set for good are known."""

    def __init__(self, shapes: Fields, constants: Mapping[str, Any], write: Callable[[str, Any], Pairs]) -> None:
        self._write = write
        self._all = shapes.render if isinstance(shapes, Shape) else None
        if isinstance(shapes, Shape):
            self.known: Pairs | None = None
            return
        scope = Scope(local={"params": constants})
        self._fields = [
            (name, shape.render, self._known(name, shape.render(scope)) if _is_known(shape, constants) else None)
            for name, shape in shapes.items()
        ]
        known = [pairs for _, _, pairs in self._fields if pairs is not None]
        self.known = tuple(chain(*known)) if len(known) == len(self._fields) else None

    def _known(self, name: str, value: Any) -> Pairs | None:
        try:
            return self._written(name, value)
        except Invalid:  # told by every call, with the reason
            return None

    def _written(self, name: str, value: Any) -> Pairs:
        return () if value is ABSENT or value is None else self._write(name, value)

    def over(self, scope: Scope) -> Pairs:
        """Those that are present. Raises `Invalid`."""
        if self.known is not None:
            return self.known
        if self._all is not None:
            return self._of(self._all(scope))
        pairs: list[tuple[str, Parts]] = []
        for name, render, known in self._fields:
            pairs += self._written(name, render(scope)) if known is None else known
        return tuple(pairs)

    def _of(self, found: Any) -> Pairs:
        if found is ABSENT:
            return ()
        if not isinstance(found, Mapping):
            raise Invalid("request", "query and headers are mappings of names and values")
        return tuple(chain.from_iterable(self._written(str(name), value) for name, value in found.items()))


def _is_known(shape: Shape, constants: Mapping[str, Any]) -> bool:
    paths = [path for expression in shape.expressions() for path in expression.reads()]
    return all(path.root == "params" and path.keys[:1] and path.keys[0] in constants for path in paths)


def _header(name: str, value: Any) -> Pairs:
    parts = _text(value, f"headers.{name}")
    for part in parts:
        if isinstance(part, str) and _BAD_IN_HEADER.search(part):
            raise Invalid(f"headers.{name}", "a header cannot hold line breaks and control characters")
    return ((name, parts),)


def _typed(headers: Pairs, part: str) -> Pairs:
    """The headers with the body's type, unless one is among them."""
    return headers if typed(name for name, _ in headers) else (*headers, ("Content-Type", (TYPES[part],)))


def _query(name: str, value: Any) -> Pairs:
    return _pairs(name, value, "query")


def _auth(name: str, value: Any) -> Pairs:
    return ((name, _text(value, f"auth.{name}")),)


def _text(value: Any, at: str) -> Parts:
    """A value as text; lists are joined by blanks."""
    if isinstance(value, Secret):
        return (value,)
    if isinstance(value, tuple):
        return tuple(whole(part) if isinstance(part, str) else part for part in value)
    if isinstance(value, list):
        return (whole(" ".join(text for text in map(as_text, value) if text)),)
    text = as_text(value)
    if text is None:
        raise Invalid(at, "this cannot be written as text")
    return (whole(text),)


def _pairs(name: str, value: Any, part: str) -> Pairs:
    """One name and its value, or as many as a list has elements."""
    values = value if isinstance(value, list) else [value]
    return tuple((name, _text(one, f"{part}.{name}")) for one in values)


def _encoded_pairs(pairs: Pairs, safe: str = "") -> Parts:
    parts: list[str | Secret] = []
    for index, (name, value) in enumerate(pairs):
        parts.append(f"{'&' if index else ''}{encoded(name)}=")
        parts += [encoded(part, safe) if isinstance(part, str) else Secret(part.name, "url") for part in value]
    return tuple(joined(parts))


def _checked_pairs(pairs: Pairs) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, []).append("".join(map(str, value)))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _json(content: Any, join: str | None) -> Body:
    if content is ABSENT:
        raise Invalid("json", "nothing is left of the body: everything in it is absent")
    if content.__class__ is not dict and not isinstance(content, Mapping):
        return (_encoded(content, "json").decode(),), b"", (), content
    if join is None:
        return _framed("{", content, "}"), b"", (), _checked(content)
    return _joinable(content, join)


def _joinable(content: Mapping[str, Any], join: str) -> Body:
    if join not in content:
        raise Invalid(f"json.{join}", "nothing is left of the event: everything in it is absent")
    before, after = _around(content, join)
    item = _element(content[join], join)
    opening = f"{',' if before else ''}{encode(join).decode()}:["
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


def _form(content: Any, join: str | None) -> Body:
    if not isinstance(content, Mapping):
        raise Invalid("form", "nothing is left of the form: everything in it is absent")
    pairs = tuple(chain.from_iterable(_pairs(str(name), value, "form") for name, value in content.items()))
    return _encoded_pairs(pairs), b"", (), _checked_pairs(pairs)


def _plain(content: Any, join: str | None) -> Body:
    if content is ABSENT:
        raise Invalid("text", "nothing is left of the body: something in it is absent")
    parts = _text(content, "text")
    return parts, b"", (), "".join(map(str, parts))


_BODY: Mapping[str, Callable[[Any, str | None], Body]] = {"json": _json, "form": _form, "text": _plain}
