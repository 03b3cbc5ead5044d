"""The request of a template, compiled: the shapes of its URL, query, headers and body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from container.language.expression import Context
from container.language.shape import Shape, compile_shape, compile_text
from container.node import Mapping as MappingNode
from container.node import Node, Scalar
from container.problems import Problems, did_you_mean
from container.templates.schema import SCHEMES

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded", "text": "text/plain; charset=utf-8"}
_BODIES = ("json", "form", "text")
DEFAULT_TIMEOUT = 5.0  # seconds


@dataclass(frozen=True)
class Request:
    """What a template says under `request:` and `auth:`, compiled. `body` is one of json, form, text, or empty."""

    method: str
    url: Shape
    query: Mapping[str, Shape] = field(default_factory=dict)
    headers: Mapping[str, Shape] = field(default_factory=dict)
    auth: Mapping[str, Shape] = field(default_factory=dict)
    body: str = ""
    content: Shape | None = None
    timeout: float = DEFAULT_TIMEOUT

    def shapes(self) -> Iterator[tuple[str, tuple[str, ...], Shape]]:
        """Every shape with where it stands: `json`, or `headers` and the header's name."""
        yield "url", (), self.url
        for part in ("query", "headers", "auth"):
            for name, shape in getattr(self, part).items():
                yield part, (name,), shape
        if self.content is not None:
            yield self.body, (), self.content


def compile_request(said: Mapping[str, Any], auth: Node | None, context: Context) -> Request:
    """The request of `request:` and `auth:`; problems go to the context."""
    bodies = [name for name in _BODIES if name in said]
    for name in bodies[1:]:
        message = f"a request has one body: `{bodies[0]}` or `{name}`"
        context.problems.error("two-bodies", message, said[name].place)
    body = bodies[0] if bodies else ""
    headers = _members(said.get("headers"), context)
    _check_headers(said.get("headers"), context.problems)
    if body and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = compile_text(Scalar(said["url"].place, _TYPES[body], quoted=True), context)
    return Request(
        method=str(said.get("method") or ("POST" if body else "GET")),
        url=compile_text(said["url"], context),
        query=_members(said.get("query"), context),
        headers=headers,
        auth=_auth(auth, context),
        body=body,
        content=compile_shape(said[body], context) if body else None,
        timeout=float(said.get("timeout", DEFAULT_TIMEOUT)),
    )


def _members(node: Node | None, context: Context) -> dict[str, Shape]:
    if not isinstance(node, MappingNode):
        return {}
    for key, _ in node:
        if key.startswith("$"):
            message = "here each name is written out"
            context.problems.error("bad-directive", message, node.key_place(key), f"write the names instead of `{key}`")
    return {key: compile_shape(member, context) for key, member in node if not key.startswith("$")}


def _check_headers(node: Node | None, problems: Problems) -> None:
    for key, _ in node if isinstance(node, MappingNode) else ():
        if not _HEADER_NAME.fullmatch(key):
            assert isinstance(node, MappingNode)
            problems.error("bad-header", f"`{key}` cannot be a header's name", node.key_place(key))


def _auth(node: Node | None, context: Context) -> dict[str, Shape]:
    if not isinstance(node, MappingNode):
        return {}
    scheme = node.get("scheme")
    if not isinstance(scheme, Scalar) or scheme.text not in SCHEMES:
        hint = did_you_mean(scheme.text, SCHEMES) if isinstance(scheme, Scalar) else ""
        message = "`auth` needs a `scheme` that there is"
        place = scheme.place if scheme else node.place
        context.problems.error("unknown-scheme", message, place, hint or "one of " + ", ".join(SCHEMES))
    found = _members(node, context)
    return {"scheme": found["scheme"], **found} if "scheme" in found else found
