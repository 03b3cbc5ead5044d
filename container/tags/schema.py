"""What a tag's file may say (docs/tags.md)."""

from __future__ import annotations

from typing import Any

from container.workspace.durations import SCHEMA as DURATION

MODES = ("live", "shadow", "paused")
SOURCES = ("browser", "server")
_TEXT = {"type": "string"}
_PARAMS = {"type": "object", "x-node": True, "description": "what the template asks for: `tagport list templates`"}
_TRIGGERS = {"type": "array", "items": {"type": ["string", "object"], "x-node": True}}
_WAIT = {
    "title": "`wait`",
    "type": "object",
    "required": ["for", "most"],
    "properties": {
        "for": {"type": "array", "items": {"type": "string", "enum": list(SOURCES)}, "minItems": 1},
        "most": DURATION,
        "else": {"type": "string", "enum": ["send", "drop"], "description": "send: what there is then (the default)"},
    },
}
_DESTINATION = {"type": "object", "x-node": True, "description": "parameters over the tag's, and `when:` conditions"}

SCHEMA: dict[str, Any] = {
    "title": "A tag",
    "type": "object",
    "required": ["template", "triggers"],
    "properties": {
        "name": {**_TEXT, "description": "as people call it"},
        "template": {**_TEXT, "description": "what it sends: a file in templates/, or one of the gallery"},
        "triggers": {**_TRIGGERS, "description": "it fires where one of these holds; ids, or triggers written here"},
        "exceptions": {**_TRIGGERS, "description": "GTM's blocking triggers: it does not fire where one holds"},
        "fires": {"type": "string", "enum": ["once", "every_event"], "description": "once per conversion, the default"},
        "wait": _WAIT,
        "consent": {"type": "array", "items": _TEXT, "description": "in place of the template's; []: none is needed"},
        "mode": {"type": "string", "enum": list(MODES), "description": "shadow: decide and render, never send"},
        "active": {"type": "object", "title": "`active`", "properties": {"from": _TEXT, "until": _TEXT}},
        "notes": _TEXT,
        "params": _PARAMS,
        "destinations": {"type": "object", "additionalProperties": _DESTINATION, "minProperties": 1},
        "personal_data": {"type": "string", "enum": ["raw"], "description": "raw: sends unhashed personal data"},
    },
}
