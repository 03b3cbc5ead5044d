"""What the YAML of a `webhook` client may say."""

from __future__ import annotations

from typing import Any

from container.clients.options import schema
from container.clients.webhook.signature import SCHEMA as SIGNATURE
from container.clients.webhook.signature import SECRET

IGNORE = "ignore"
OTHERS = "*"

_LET = {"type": "object", "x-node": True, "description": "names for parts of the body; each may use those above it"}
_MAP = {"type": "object", "x-node": True, "description": "the event data: transaction_id: \"{{ body.id }}\""}
# Without what conditions may say: written out at each place of each kind, that made a megabyte for editors.
_CONDITIONS = {"type": "array", "items": {"type": "object"}, "x-node": True}
_EXPRESSION = {"type": "string", "x-node": True}
_EACH = {**_EXPRESSION, "description": "a list in the body: one event for each of its elements"}
_AS = {"type": "string", "description": "what an element of `each` is called; left out: item"}
_NAMES = {
    "type": "object",
    "description": "every name that the event has: transaction_id: {shop_id: \"{{ body.id }}\", shop_number: …}",
    "additionalProperties": {"type": "object", "additionalProperties": _EXPRESSION},
}
_IDS_FROM = {
    "type": "array",
    "items": _EXPRESSION,
    "description": "where pages leave click ids and cookies: mappings, lists of name and value, URLs",
}
_NEEDS = {"type": "array", "items": {"type": "string"}, "description": "event data without which it is refused"}
RULE: dict[str, Any] = {
    "title": "A rule for a topic",
    "type": "object",
    "properties": {
        "when": {**_CONDITIONS, "description": "all of these must hold, else there is no event"},
        "each": _EACH,
        "as": _AS,
        "let": _LET,
        "map": _MAP,
        "names": _NAMES,
        "ids_from": _IDS_FROM,
        "needs": _NEEDS,
    },
}
_EVENTS = {
    "type": "object",
    "description": "by topic: the event's name, a rule, a list of rules, or `ignore`; `orders/*` and `*`: any other",
    "additionalProperties": {"anyOf": [{"type": "string"}, RULE, {"type": "array", "items": RULE, "minItems": 1}]},
}


def of_kind(kind: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The schema of the kind `webhook`, or of one that comes with a file of its own."""
    return schema(
        kind,
        required=required,
        signature=SIGNATURE,
        secret=SECRET,
        unsigned={
            **_CONDITIONS,
            "description": "requests without any signature that are answered 200 and make no event: a service's ping",
        },
        delivery_id={**_EXPRESSION, "description": "the sender's id of this delivery: the same again is a retry"},
        each=_EACH,
        **{"as": _AS},
        topic={**_EXPRESSION, "description": "what the webhook is about: picks the rule under `events`"},
        let=_LET,
        map=_MAP,
        names=_NAMES,
        ids_from=_IDS_FROM,
        needs=_NEEDS,
        events=_EVENTS,
    )
