"""What a vendor's answer means: the rules of `response:`, tried in the order in which they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from container.encoding import load
from container.language.conditions import truth
from container.language.expression import Context, Expression, Scope

NAMES = frozenset(("status", "headers", "body", "text", "batch"))
LONGEST_REASON = 500  # characters of the vendor's words that are kept


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """What the delivery of a template's calls goes by.

    `most` calls go in one request; `age` is in seconds (None: the vendor names no limit).
    """

    most: int = 1
    split_on_refusal: bool = False
    age: float | None = None
    rules: tuple[tuple[str, Expression], ...] = ()

    def judge(self, status: int, headers: Mapping[str, str], text: str, count: int) -> tuple[str, str]:
        """The outcome of one answer to `count` joined calls, and the vendor's words.

        `headers` have lower-case names. Outcomes: stop retry later delivered accepted; where no rule holds, refused.
        """
        answer = {"status": status, "headers": headers, "body": _json(text), "text": text, "batch": {"count": count}}
        scope = Scope(local=answer)
        reason = f"{status} {_words(answer['body'], text)}".strip()
        for outcome, rule in self.rules:
            if truth(rule.evaluate(scope)):
                return outcome, reason
        return "refused", reason


def context(given: Context) -> Context:
    """What the rules may name."""
    return Context(given.problems, roots=frozenset(), locals=NAMES, tables=given.tables)


def _json(text: str) -> Any:
    try:
        return load(text.encode())
    except ValueError:  # no JSON, or half a character
        return None


def _words(body: Any, text: str) -> str:
    """The vendor's own words: the error's message and numbers where the body has them, else its beginning."""
    error = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(error, dict) or not error.get("message"):
        return text[:LONGEST_REASON]
    numbers = [str(error[key]) for key in ("code", "error_subcode") if error.get(key) is not None]
    detail = error.get("error_user_title") or ""
    words = f"{'/'.join(numbers)} {error['message']}" + (f" ({detail})" if detail else "")
    return words.strip()[:LONGEST_REASON]
