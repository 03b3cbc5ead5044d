"""The request of a template, compiled: the shapes of its URL, query, headers and body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from container.call import READ_TIMEOUT
from container.language.expression import Context
from container.language.shape import Shape, compile_shape, compile_text
from container.node import Mapping as MappingNode
from container.node import Node, Scalar
from container.problems import Problems, did_you_mean, nearest
from container.schemes import SCHEMES
from container.templates.schema import METHODS

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded", "text": "text/plain; charset=utf-8"}
_BODIES = ("json", "form", "text")
DEFAULT_TIMEOUT = 5.0  # seconds
Fields = Mapping[str, Shape] | Shape  # by name; or what gives all of them, with their names


@dataclass(frozen=True)
class Request:
    """What a template says under `request:` and `auth:`, compiled.

    `bodies` are json, form, text: one, or several where `method` is an expression (the first that is present is sent,
    and none with GET).
    """

    method: str | Shape
    url: Shape
    query: Fields = field(default_factory=dict)
    headers: Fields = field(default_factory=dict)
    auth: Fields = field(default_factory=dict)
    bodies: Mapping[str, Shape] = field(default_factory=dict)
    timeout: float = DEFAULT_TIMEOUT
    read_timeout: float = READ_TIMEOUT

    @property
    def contracted(self) -> tuple[str, ...]:
        """The parts the contract is about: the body, else the query; both where the method says which."""
        body = tuple(self.bodies)[:1]
        return (*body, "query") if not body or isinstance(self.method, Shape) else body

    def shapes(self) -> Iterator[tuple[str, tuple[str, ...], Shape]]:
        """Every shape with where it stands: `json`, or `headers` and the header's name."""
        yield "url", (), self.url
        for part in ("query", "headers", "auth"):
            fields = getattr(self, part)
            if isinstance(fields, Shape):
                yield part, (), fields
            else:
                for name, shape in fields.items():
                    yield part, (name,), shape
        for name, shape in self.bodies.items():
            yield name, (), shape
        if isinstance(self.method, Shape):
            yield "method", (), self.method


def compile_request(said: Mapping[str, Any], auth: Node | None, context: Context) -> Request:
    """The request of `request:` and `auth:`; problems go to the context."""
    bodies = [name for name in _BODIES if name in said]
    method = _method(said.get("method"), bodies, context)
    for name in () if isinstance(method, Shape) else bodies[1:]:
        message = f"a request has one body: `{bodies[0]}` or `{name}`"
        context.problems.error("two-bodies", message, said[name].place)
    headers = _fields(said.get("headers"), context)
    _check_headers(said.get("headers"), context.problems)
    if isinstance(headers, dict) and len(bodies) == 1 and isinstance(method, str) and not typed(headers):
        headers["Content-Type"] = compile_text(Scalar(said["url"].place, TYPES[bodies[0]], quoted=True), context)
    return Request(
        method=method,
        url=compile_text(said["url"], context),
        query=_fields(said.get("query"), context),
        headers=headers,
        auth=_auth(auth, context),
        bodies={name: compile_shape(said[name], context) for name in bodies},
        timeout=float(said.get("timeout", DEFAULT_TIMEOUT)),
        read_timeout=float(said.get("read_timeout", READ_TIMEOUT)),
    )


def typed(names: Iterable[str]) -> bool:
    """Whether one of these headers says what the body is."""
    return any(name.lower() == "content-type" for name in names)


def _method(node: Node | None, bodies: Sequence[str], context: Context) -> str | Shape:
    if not isinstance(node, Scalar) or not node.text:
        return "POST" if bodies else "GET"
    if "{{" in node.text:
        return compile_text(node, context)
    if node.text not in METHODS:
        hint = did_you_mean(node.text, METHODS) or "one of " + ", ".join(METHODS)
        context.problems.error("not-allowed", f"`{node.text}` is no method", node.place, hint)
    return node.text


def _fields(node: Node | None, context: Context) -> Fields:
    """Names written out with their values; or one expression whose value is such a mapping."""
    return compile_text(node, context) if isinstance(node, Scalar) and node.text else _members(node, context)


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
    else:
        _check_scheme(scheme, node, context.problems)
    found = _members(node, context)
    return {"scheme": found["scheme"], **found} if "scheme" in found else found


def _check_scheme(named: Scalar, node: MappingNode, problems: Problems) -> None:
    """A value that the scheme lacks or does not know would stop the account with its first call."""
    scheme = SCHEMES[named.text]
    known = (*scheme.required, *scheme.optional)
    said = [(key, member) for key, member in node if key != "scheme"]
    meant = {nearest(key, known) for key, _ in said}
    for key, member in said:
        if key not in known:
            message, hint = f"the scheme `{named.text}` takes no `{key}`", did_you_mean(key, known)
            problems.error("unknown-key", message, node.key_place(key), hint or f"it takes {', '.join(known)}")
        words = scheme.choices.get(key, ())
        if words and isinstance(member, Scalar) and "{{" not in member.text and member.text not in words:
            hint = did_you_mean(member.text, words) or f"one of {', '.join(words)}"
            problems.error("not-allowed", f"`{member.text}` is no {key} of `{named.text}`", member.place, hint)
    for key in scheme.required:
        if key not in meant:
            problems.error("missing-key", f"the scheme `{named.text}` needs `{key}`", named.place)
