"""What a vendor's answer means: the rules of `response:`, tried in the order in which they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from container.call import Rate
from container.encoding import load
from container.language.conditions import truth
from container.language.expression import Context, Expression, Scope
from container.templates.age import NO_LIMIT, Age

NAMES = frozenset(("status", "headers", "body", "text", "batch", "codes"))
LONGEST_REASON = 500  # characters of the vendor's words that are kept


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """What the delivery of a template's calls goes by.

    `most` calls go in one request; `rate` is how many requests an account takes; `age` is how old an event may be.
    """

    most: int = 1
    split_on_refusal: bool = False
    rate: Rate | None = None
    age: Age = NO_LIMIT
    rules: tuple[tuple[str, Expression], ...] = ()

    @property
    def shortest(self) -> float:
        """Seconds: no call that is younger is past its limit."""
        return self.age.shortest

    def limit(self, item: bytes) -> float | None:
        """Seconds after which the vendor takes this call no longer; None: never."""
        return self.age.of(item)

    def judge(self, status: int, headers: Mapping[str, str], text: str, count: int) -> tuple[str, str]:
        """The outcome of one answer to `count` joined calls, and the vendor's words.

        `headers` have lower-case names. Outcomes: stop retry later delivered accepted; where no rule holds, refused.
        """
        body = _json(text) if text else None
        codes, words = _said(body, text)
        answer = {"status": status, "headers": headers, "body": body, "text": text, "batch": {"count": count}}
        scope = Scope(local={**answer, "codes": codes})
        reason = f"{status} {words}".strip()
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


def _said(body: Any, text: str) -> tuple[list[str], str]:
    """The vendor's codes, and its own words: codes and message where the body has them, else its beginning.

    `190/463 Error validating …` (Meta), `40002 …` (TikTok), `INVALID_ARGUMENT/INVALID_FORMAT … (field: …)` (Google).
    """
    error = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(error, dict) and isinstance(error.get("partialFailureError"), dict):
        error = error["partialFailureError"]
    for found in _mappings(error, "validationMessages"):  # GA4's validation server
        code, words = str(found.get("validationCode") or ""), str(found.get("description") or "")
        return [code], f"{code} {words} ({found.get('fieldPath')})"[:LONGEST_REASON]
    if not isinstance(error, dict) or not (error.get("message") or error.get("status")):
        return [], text[:LONGEST_REASON]
    codes, detail = _google(error) if _is_google(error) else _numbered(error)
    words = f"{'/'.join(codes)} {error.get('message') or ''}".strip() + (f" ({detail})" if detail else "")
    return codes, words.strip()[:LONGEST_REASON]


def _numbered(error: Mapping[str, Any]) -> tuple[list[str], str]:
    """Meta's and TikTok's codes, and the title of Meta's."""
    codes = [str(error[key]) for key in ("code", "error_subcode") if error.get(key) is not None]
    return codes, str(error.get("error_user_title") or "")


def _is_google(error: Mapping[str, Any]) -> bool:
    return isinstance(error.get("status"), str) or isinstance(error.get("details"), list)


def _google(error: Mapping[str, Any]) -> tuple[list[str], str]:
    """A google.rpc.Status: its name and the first violation's or error's reason, and what that says."""
    codes = [str(error["status"])] if error.get("status") else []
    for detail in error.get("details") or ():
        for violation in _mappings(detail, "fieldViolations"):
            told = ": ".join(str(violation[key]) for key in ("field", "description") if violation.get(key))
            return [*codes, *filter(None, [str(violation.get("reason") or "")])], told
        for found in _mappings(detail, "errors"):
            code = found.get("errorCode")
            names = [str(name) for name in code.values()] if isinstance(code, dict) else []
            return [*codes, *names], str(found.get("message") or "")
    return codes, ""


def _mappings(detail: Any, key: str) -> list[Mapping[str, Any]]:
    found = detail.get(key) if isinstance(detail, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
