"""How a test compares what is sent with what it says: a part of it, lists whole."""

from __future__ import annotations

from typing import Any

from container.encoding import encode


def difference(sent: Any, wanted: Any, at: str) -> str:
    """Where `sent` is not what is wanted: named keys are equal, lists have the same length; "" where it fits."""
    if isinstance(wanted, dict):
        if not isinstance(sent, dict):
            return f"{at or 'the request'} is {_text(sent)}, and should be a mapping"
        found = (difference(sent.get(key), value, f"{at}.{key}" if at else key) for key, value in wanted.items())
        return next(filter(None, found), "")
    if isinstance(wanted, list):
        if not isinstance(sent, list) or len(sent) != len(wanted):
            return unequal(sent, wanted, at)
        return next(filter(None, (difference(sent[at_], one, f"{at}[{at_}]") for at_, one in enumerate(wanted))), "")
    return unequal(sent, wanted, at)


def unequal(sent: Any, wanted: Any, at: str) -> str:
    """Where the two differ; "" where they are the same."""
    same = sent == wanted and isinstance(sent, bool) is isinstance(wanted, bool)
    return "" if same else f"{at} is {_text(sent)}, and should be {_text(wanted)}"


def _text(value: Any) -> str:
    text = encode(value).decode()
    return text if len(text) <= 200 else text[:199] + "…"
