"""Parameters as an export of Google Tag Manager has them: a text, a table, one without a value, a switch."""

from __future__ import annotations

from typing import Any

PARAMETERS: list[dict[str, Any]] = [
    {"type": "TEMPLATE", "key": "a", "value": "x"},
    {
        "type": "LIST",
        "key": "rows",
        "list": [{"type": "MAP", "map": [{"type": "TEMPLATE", "key": "k", "value": "v"}]}],
    },
    {"type": "TEMPLATE", "key": "nothing"},
    {"type": "BOOLEAN", "key": "yes", "value": "true"},
]
