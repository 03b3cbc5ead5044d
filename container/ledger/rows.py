"""What both ledgers share: how a call is laid down, what becomes of a row after an attempt, and how much is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from container.call import Call
from container.conversion import Firing
from container.encoding import encode, load

ENDED = ("refused", "expired", "unknown", "stopped")  # states that `tagport failures` lists
QUOTAS = {"conversion": 100_000, "failure": 20_000, "event": 20_000, "unclaimed": 1_000}  # records kept of each class

UNSENT = ("queued", "stopped", "refused", "expired")  # states of calls that no vendor has taken
FOUND = 200  # names that one `find` reads at once; more than that: only the newest of each
NEWEST = 50  # conversions of one name that are looked at then: a constant "id" names them all
FIRST_COPIES, LAST_COPIES = 10, 40  # copies kept of one conversion

_STATES = {"retry": "queued", "later": "queued", "delivered": None, "accepted": None}


def later_states(outcome: str) -> str | None:
    """The state of an outbox row after this outcome; None: it leaves the outbox."""
    return _STATES.get(outcome, outcome)


def superfluous(copies: Sequence[int]) -> Sequence[int]:
    """Of copies by number, in order, those that are too many: neither among the first nor among the last."""
    return copies[FIRST_COPIES : max(FIRST_COPIES, len(copies) - LAST_COPIES)]


def counting(firings: Iterable[Firing]) -> dict[str, Firing]:
    """The firing that counts for each target: one that is not void before a void one, then the oldest."""
    found: dict[str, Firing] = {}
    for one in sorted(firings, key=lambda one: (one.state == "void", one.at, one.record)):
        found.setdefault(one.target, one)
    return found


def call_meta(call: Call) -> bytes:
    """Everything of a call but its envelope and item, which are kept as the bytes they are."""
    return encode(
        [
            call.tag,
            call.destination,
            call.template,
            call.target,
            call.joinable,
            call.event_name,
            call.event_id,
            call.transaction_id,
            call.timestamp,
            call.retry_ambiguous,
            call.consent,
        ]
    )


def call_from(meta: bytes, envelope: bytes, item: bytes) -> Call:
    """The call that `call_meta` laid down."""
    tag, destination, template, target, joinable, event_name, event_id, transaction_id, at, retry, consent = load(meta)
    return Call(
        tag=tag,
        destination=destination,
        template=template,
        target=target,
        envelope=envelope,
        item=item,
        joinable=joinable,
        event_name=event_name,
        event_id=event_id,
        transaction_id=transaction_id,
        timestamp=at,
        retry_ambiguous=retry,
        consent=tuple(consent),
    )
