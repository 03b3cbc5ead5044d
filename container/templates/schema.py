"""What a template file may say (docs/templates.md)."""

from __future__ import annotations

from typing import Any

from container.schemes import SCHEMES
from container.workspace.durations import SCHEMA as DURATION

TYPES = ("string", "number", "integer", "boolean", "object", "array", "tree")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OUTCOMES = ("stop", "retry", "later", "delivered", "accepted")

_TEXT = {"type": "string"}
_NODE = {"x-node": True}
_TEXT_NODE = {"type": "string", "x-node": True}
_TREE_NODE = {"type": "object", "x-node": True}
_FIELDS_NODE = {"type": ["object", "string"], "x-node": True}  # names and values, or one expression for all

_PARAMETER = {
    "title": "A parameter",
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": list(TYPES), "description": "what a tag may give; tree: anything"},
        "format": {
            "type": "string",
            "enum": ["secret", "url"],
            "description": "secret: takes `secret.X` only; url: its host is known at load",
        },
        "title": _TEXT,
        "description": {"type": "string", "description": "one sentence for the person who writes the tag"},
        "default": {"description": "what counts where the tag says nothing", **_NODE},
        "enum": {"type": "array", "items": _TEXT, "minItems": 1},
        "pattern": {"type": "string", "description": "what it has to match: an RE2 pattern"},
        "examples": {"type": "array", "items": {}},
    },
}

_PARAMS = {
    "title": "`params`",
    "type": "object",
    "properties": {
        "required": {"type": "array", "items": _TEXT},
        "properties": {"type": "object", "additionalProperties": _PARAMETER},
    },
}

_REQUEST = {
    "title": "A request",
    "type": "object",
    "required": ["url"],
    "properties": {
        "method": {**_TEXT_NODE, "description": "left out: POST with a body, else GET"},
        "url": {**_TEXT_NODE, "description": "https://… ; what is put in is percent-encoded"},
        "query": {**_FIELDS_NODE, "description": "appended to the URL"},
        "headers": _FIELDS_NODE,
        "timeout": {**DURATION, "description": "for all of it; left out: 5s"},
        "read_timeout": {**DURATION, "description": "for each silence of the vendor; left out: 10s"},
        "json": {"description": "the body, as JSON", **_NODE},
        "form": {**_FIELDS_NODE, "description": "the body, as a form"},
        "text": {**_TEXT_NODE, "description": "the body, as text"},
    },
}

_BATCH = {
    "title": "`batch`",
    "type": "object",
    "required": ["join", "most"],
    "properties": {
        "join": {"type": "string", "description": "the body's list whose elements are the calls"},
        "most": {"type": "integer", "minimum": 1, "description": "calls in one request"},
        "split_on_refusal": {"type": "boolean", "description": "one bad element refuses all: halve a refused batch"},
    },
}

_RATE = {
    "title": "`rate`",
    "type": "object",
    "required": ["requests", "per"],
    "description": "the vendor takes no more",
    "properties": {
        "requests": {"type": "integer", "minimum": 1, "description": "requests, however many calls are in them"},
        "per": DURATION,
        "of": {
            "type": "string",
            "enum": ["account", "vendor"],
            "description": "vendor: all accounts together; left out: each account",
        },
    },
}

_ONLINE = {
    "title": "`online`",
    "type": "object",
    "required": ["event"],
    "description": "how `tagport test --online` asks the vendor whether it takes an event",
    "properties": {
        "needs": {"type": "array", "items": _TEXT, "description": "parameters without which it would be counted"},
        "params": {"type": "object", "x-node": True, "description": "parameters that ask for the vendor's test mode"},
        "event": {"type": "object", "x-node": True, "description": "the test event's data"},
    },
}

_CASE = {
    "title": "A test",
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": _TEXT,
        "now": {"type": "string", "description": "2026-11-23T10:00:00Z"},
        "params": {"type": "object", "x-node": True},
        "event": {"type": "object", "x-node": True},
        "request": {"type": "object", "x-node": True},
        "consent": {"type": "object", "x-node": True},
        "conversion": {"type": "object", "x-node": True},
        "sends": {"description": "a part of the request, or `nothing`", **_NODE},
        "sends_exactly": {"type": "object", "x-node": True},
        "invalid": {"type": "string", "description": "what the problem's text has to contain"},
        "answers": {"type": "object", "x-node": True},
        "outcome": {"type": "string", "enum": [*OUTCOMES, "refused"]},
    },
}

SCHEMA: dict[str, Any] = {
    "title": "A template",
    "type": "object",
    "required": ["target", "request"],
    "properties": {
        "title": _TEXT,
        "docs": {"type": "string", "description": "the vendor's page"},
        "notes": {"type": "string", "description": "what else there is to know, as Markdown"},
        "notice": {"type": "string", "description": "what `check` tells everybody who uses it"},
        "consent": {"type": "array", "items": _TEXT, "description": "what a tag needs, unless it says otherwise"},
        "params": _PARAMS,
        "tables": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": _TEXT}},
        "let": {**_TREE_NODE, "description": "names for what is used more than once"},
        "auth": {**_TREE_NODE, "description": "scheme: " + ", ".join(SCHEMES)},
        "target": {**_TEXT_NODE, "description": "what a firing is unique by: account, then the event's name as sent"},
        "targets": {"type": "string", "enum": ["one", "many"]},
        "request": _REQUEST,
        "batch": _BATCH,
        "rate": _RATE,
        "age": {"type": ["string", "object"], "x-node": True, "description": "the vendor takes nothing older"},
        "ambiguous_retry": {"type": ["boolean", "string"], "x-node": True},
        "contract": {**_TREE_NODE, "description": "JSON Schema of the body, with x-hashed and x-plain places"},
        "response": {
            "title": "`response`",
            "type": "object",
            "properties": dict.fromkeys(OUTCOMES, _TEXT_NODE),
        },
        "codes": {
            "title": "`codes`",
            "type": "object",
            "description": "the vendor's codes and what to do about them; x stands for any digit",
            "additionalProperties": _TEXT,
        },
        "online": _ONLINE,
        "tests": {"type": "array", "items": _CASE},
    },
}
