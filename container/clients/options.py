"""What every kind's YAML may say, and how its options become values at load."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from container.clients.bots import crawlers
from container.event import CONSENT_TYPES
from container.language.expression import Context
from container.language.shape import constant_text
from container.node import Mapping as MappingNode
from container.node import Node, Scalar, Sequence, Text
from container.problems import Place

SOURCES = ("browser", "server")
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")

# What every kind's YAML may say. `consent` is a default that the container applies, never a statement of the copy.
COMMON: dict[str, Any] = {
    "name": {"type": "string", "description": "the name shown and read by triggers as request.client_name"},
    "source": {"enum": list(SOURCES), "description": "who sends: a visitor's browser, or a server"},
    "consent": {
        "description": "what counts while no copy of a conversion said anything about consent",
        "anyOf": [
            {"enum": ["granted", "denied", "from_browser"]},
            {
                "type": "object",
                "properties": {name: {"enum": ["granted", "denied"]} for name in CONSENT_TYPES},
                "additionalProperties": False,
            },
        ],
    },
    "upstream": {
        "x-node": True,
        "description": "another container that gets the same requests, and whose answers senders get: https://old.shop.de",
    },
    "path": {"x-node": True, "description": "the URL path that is claimed, from the first slash on"},
}

OPEN = {"type": "boolean", "description": "true: anybody may send, pages of other hosts too; no secret then"}


def schema(kind: str, required: tuple[str, ...] = (), **own: Any) -> dict[str, Any]:
    """The JSON schema of a kind: the common options and its own."""
    return {
        "title": f"A {kind} client",
        "type": "object",
        "required": ["kind", *required],
        "properties": {"kind": {"const": kind, "description": "what reads the requests"}, **COMMON, **own},
        "additionalProperties": False,
    }


def settings(id: str, values: Mapping[str, Any], source: str, context: Context) -> dict[str, Any]:
    """The keyword arguments of `Settings` from the options of a client whose kind has the default `source`."""
    found = {
        "id": id,
        "name": str(values.get("name") or id),
        "source": str(values.get("source") or source),
        "default_consent": values.get("consent"),
        "upstream": upstream_option(values.get("upstream"), context),
    }
    if found["source"] == "browser":
        crawlers()  # compiled now, not with the first hit
    if found["source"] == "browser" and found["default_consent"] == "from_browser":
        context.problems.error(
            "not-allowed",
            f"client `{id}` reads browsers itself, so there is no browser copy to take consent from",
            place(values["consent"]),
            "write `granted` or `denied`, or leave `consent` out",
        )
    return found


def place(value: Any) -> Place:
    """Where an option stands; an unknown place for values that were not read from a file."""
    if isinstance(value, Text | Scalar | Sequence | MappingNode):
        return value.place
    return Place("container.yaml")


def upstream_option(node: Node | None, context: Context) -> str:
    """The URL written at `node`; a problem where it is none."""
    found = "" if node is None else text_option(node, context, "upstream")
    if found and not _URL.fullmatch(found):
        context.problems.error(
            "bad-upstream",
            f"`{found}` is not the address of a container",
            place(node),
            "write the part of its URL before the requests' own path: https://old-container.shop.de",
        )
    return found


def path_option(node: Node | None, context: Context) -> str:
    """The path written at `node`; a problem where it is none."""
    if node is None:
        return ""
    found = text_option(node, context, "path")
    if found and (not found.startswith("/") or "?" in found or "#" in found):
        context.problems.error(
            "bad-path",
            f"`{found}` is not a path",
            place(node),
            "write the part of the URL from the first slash to the question mark: /webhooks/shopify",
        )
    return found


def paths_option(node: Node | None, context: Context) -> tuple[str, ...]:
    """The path, or the list of them."""
    nodes = node.items if isinstance(node, Sequence) else [] if node is None else [node]
    return tuple(path_option(one, context) for one in nodes)


def text_option(node: Node, context: Context, what: str) -> str:
    """The text of an option that is fixed at load; a problem where it is empty or no text."""
    before = len(context.problems)
    found = constant_text(node, context) if isinstance(node, Scalar) else ""
    if not found and len(context.problems) == before:
        context.problems.error(
            "missing-value",
            f"`{what}` has no value",
            place(node),
            "write it as text, or as a reference to a secret or an environment variable",
        )
    return found


def entrance(id: str, values: Mapping[str, Any], option: str, secret: str, context: Context) -> tuple[str, ...]:
    """The secrets written at `option`; a problem unless there is either one or `open: true`.

    `secret` is the name the advice has for it.
    """
    node, is_open = values.get(option), values.get("open") is True
    has = f"both `{option}` and" if is_open else f"neither `{option}` nor"
    if (node is not None) == is_open:
        context.problems.error(
            "not-allowed" if is_open else "missing-key",
            f"client `{id}` has {has} `open: true`",
            place(node if is_open else values.get("kind")),
            f'write `{option}: "{{{{ secret.{secret} }}}}"`: only your servers may send; or `open: true`: anybody may',
        )
    return secrets_option(node, context, option)


def secrets_option(node: Node | None, context: Context, what: str) -> tuple[str, ...]:
    """The secret, or the list of those that count while one is renewed."""
    if node is None:
        return ()
    nodes = node.items if isinstance(node, Sequence) and node.items else [node]
    return tuple(text_option(one, context, what) for one in nodes)
