"""What was not delivered, as `tagport failures` and the admin API tell it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from container.ledger.interface import Failure, Reading
from container.masking import masked_text

Advise = Callable[[str, str], str]  # a template's id, a reason → what to do; empty: nothing is known of it

OWN_ADVICE = {
    "expired": "It was older than the vendor takes when its turn came. It cannot be sent any more; drop it.",
    "unknown": "Nobody knows whether it arrived. Look at the vendor's; resend it if it is missing there, else drop it.",
    "stopped": "The credentials do not serve. Mend them; what waits is sent by itself then, without a resend.",
    "refused": "The vendor does not take it. Its words stand in the reason; mend the tag and resend, or drop it.",
}
INVALID = 1000  # events looked at for calls that could not be made
_ONES_OWN = re.compile(r"\b[0-9a-zA-Z_-]*\d[0-9a-zA-Z_-]*\b")  # ids and numbers, after the vendor's code


def no_advice(template: str, reason: str) -> str:
    """Where no template is known."""
    return ""


def as_json(failure: Failure, advise: Advise = no_advice) -> dict[str, Any]:
    """One row of `failures --format json`. `since` is RFC 3339, in UTC."""
    row, call = failure.row, failure.row.call
    return {
        "id": row.id,
        "outcome": row.state,
        "tag": call.tag,
        "target": call.target,
        "event_name": call.event_name,
        "transaction_id": call.transaction_id,
        "event_id": call.event_id,
        "reason": masked_text(row.reason),
        "attempts": row.attempts,
        "since": instant(failure.since),
        "advice": advice(failure, advise),
    }


def advice(failure: Failure, advise: Advise) -> str:
    """What to do: what the template says of the vendor's code, else what the outcome means."""
    said = advise(failure.row.call.template, failure.row.reason) if failure.row.state != "expired" else ""
    return said or OWN_ADVICE.get(failure.row.state, "")


def grouped(failures: Iterable[Failure], advise: Advise = no_advice) -> list[dict[str, Any]]:
    """By tag, outcome and reason, the largest first: `{tag, outcome, reason, advice, count, since, ids}`.

    Reasons that differ in ids and numbers behind the vendor's code only are one; the first stands for them.
    """
    groups: dict[tuple[str, str, str], dict[str, Any]] = {}
    for failure in failures:
        row = failure.row
        reason = masked_text(row.reason)
        key = (row.call.tag, row.state, _alike(reason))
        group = groups.setdefault(
            key,
            {
                "tag": row.call.tag, "outcome": row.state, "reason": reason, "advice": advice(failure, advise),
                "count": 0, "since": instant(failure.since), "ids": [],
            },
        )  # fmt: skip
        group["count"] += 1
        group["ids"].append(row.id)
    return sorted(groups.values(), key=lambda group: -group["count"])


def _alike(reason: str) -> str:
    code, _, words = reason.partition(" ")
    number, _, rest = words.partition(" ")
    return f"{code} {number} {_ONES_OWN.sub('…', rest)}"


def not_made(records: Iterable[Mapping[str, Any]], since: float = 0.0) -> list[dict[str, Any]]:
    """Calls that could not be made (`invalid`), by tag and reason: `{tag, reason, count, latest, record}`.

    Of `records`, newest first, those that came at `since` (Unix seconds) or later; `latest` is when the last of them
    came, `record` its id.
    """
    begin = instant(since)[:-1]
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for record in takewhile(lambda record: record.get("received", "") >= begin, records):
        for row in record["tags"]:
            if row["decision"] != "invalid":
                continue
            key = tag, reason = row["tag"], row.get("reason", "")
            if key not in groups:
                newest = {"latest": record.get("received", ""), "record": record["id"]}
                groups[key] = {"tag": tag, "reason": reason, "count": 0, **newest}
            groups[key]["count"] += 1
    return sorted(groups.values(), key=lambda group: -group["count"])


def instant(at: float) -> str:
    """Unix seconds as RFC 3339, in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def since(failures: Iterable[Failure], at: float) -> list[Failure]:
    """Those that failed at this time (Unix seconds) or later."""
    return [failure for failure in failures if failure.since >= at]


def listed(store: Reading, advise: Advise = no_advice) -> list[dict[str, Any]]:
    """All of them, oldest first."""
    return [as_json(failure, advise) for failure in store.failures()]


def adviser(codes: Mapping[str, Callable[[str], str]]) -> Advise:
    """What the templates say, by their ids."""
    return lambda template, reason: codes[template](reason) if template in codes else ""


def counted(failures: Iterable[Failure]) -> dict[tuple[str, str], int]:
    """How many, by tag and outcome."""
    return Counter((failure.row.call.tag, failure.row.state) for failure in failures)


def stopped(failures: Iterable[Failure]) -> dict[str, int]:
    """Accounts whose credentials the vendor refused, with the number of calls that wait for them."""
    return Counter(failure.row.call.account for failure in failures if failure.row.state == "stopped")


def shown(failures: Sequence[Failure], advise: Advise) -> dict[str, Any]:
    """`{"failures": […], "groups": […]}`: what machines are told."""
    return {"failures": [as_json(failure, advise) for failure in failures], "groups": grouped(failures, advise)}
