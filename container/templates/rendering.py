"""From a template's request to the two pieces a call is joined from: envelope and item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from container.call import Envelope, Parts
from container.errors import Invalid
from container.language.expression import Scope, as_text
from container.language.shape import ABSENT, Shape
from container.templates.bodies import NO_BODY, Body, writer
from container.templates.fields import FieldsRenderer, Pairs, auth, checked_pairs, encoded_pairs, header, query
from container.templates.params import Values
from container.templates.request import TYPES, Request, typed
from container.templates.schema import METHODS
from container.templates.url import Url, joined

Pieces = tuple[str, Parts, Pairs, Parts, Parts, Pairs]  # of an envelope: all but its time limits


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

    def __init__(self, request: Request, url: Url, join: str | None, values: Values) -> None:
        self._request = request
        self._url = url
        self._method = request.method if isinstance(request.method, str) else ""
        self._bodies = [(name, shape.render, writer(name, join)) for name, shape in request.bodies.items()]
        self._headers = FieldsRenderer(request.headers, values, header)
        self._typed = not isinstance(request.headers, Shape) and typed(request.headers)
        self._query = FieldsRenderer(request.query, values, query)
        self._auth = FieldsRenderer(request.auth, values, auth)
        known = self._query.known
        self._whole_url = self._with_query(known, Scope()) if known is not None and url.literal else None
        self._last: tuple[Pieces | None, Envelope, bytes] = (None, Envelope("", (), ()), b"")

    def render(self, scope: Scope) -> Rendered:
        """The request in this scope. Raises `Invalid`."""
        method = self._method or self._asked_method(scope)
        part, (before, item, after, checked) = self._body(method, scope)
        asked = self._query.over(scope)
        url = self._whole_url or self._with_query(asked, scope)
        headers, proofs = self._headers.over(scope), self._auth.over(scope)
        if part and not self._typed:
            headers = _typed(headers, part)
        if part == "form" and not self._method:  # query or body, by the method: the contract is about both
            checked = {**checked_pairs(asked), **checked}
        if not part:
            part, checked = "query", checked_pairs(asked)
        envelope, stored = self._enveloped((method, url, headers, before, after, proofs))
        return Rendered(envelope, stored, item, part, checked)

    def _enveloped(self, pieces: Pieces) -> tuple[Envelope, bytes]:
        """The envelope and its stored form: of many templates the same for all events."""
        known, envelope, stored = self._last
        if pieces != known:
            envelope = Envelope(*pieces, self._request.timeout, self._request.read_timeout)
            stored = envelope.stored()
            self._last = (pieces, envelope, stored)
        return envelope, stored

    def _asked_method(self, scope: Scope) -> str:
        assert isinstance(self._request.method, Shape)
        method = as_text(self._request.method.render(scope))
        if method not in METHODS:
            raise Invalid("method", f"this has to be one of {', '.join(METHODS)}")
        return method

    def _body(self, method: str, scope: Scope) -> tuple[str, Body]:
        """The body's name and its parts; of several the first that is present, and none with a GET that was asked."""
        if not self._bodies or (method == "GET" and not self._method):
            return "", NO_BODY
        for name, render, write in self._bodies:
            content = render(scope)
            if content is not ABSENT:
                return name, write(content)
        name, _, write = self._bodies[0]
        return name, write(ABSENT)  # which tells that nothing is left of it

    def _with_query(self, asked: Pairs, scope: Scope) -> Parts:
        url = self._url.render(scope)
        if not asked:
            return url
        return tuple(joined((*url, "&" if self._url.asks else "?", *encoded_pairs(asked, ":"))))


def _typed(headers: Pairs, part: str) -> Pairs:
    """The headers with the body's type, unless one is among them."""
    return headers if typed(name for name, _ in headers) else (*headers, ("Content-Type", (TYPES[part],)))
