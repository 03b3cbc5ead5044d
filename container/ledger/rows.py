"""What both ledgers share: how a call is laid down, what becomes of a row after an attempt, and the record quotas."""

from __future__ import annotations

from container.call import Call
from container.encoding import encode, load

ENDED = ("refused", "expired", "unknown", "stopped")  # states that `tagport failures` lists
QUOTAS = {"conversion": 100_000, "failure": 20_000, "event": 20_000, "unclaimed": 1_000}  # records kept of each class

_STATES = {"retry": "queued", "later": "queued", "delivered": None, "accepted": None}


def later_states(outcome: str) -> str | None:
    """The state of an outbox row after this outcome; None: it leaves the outbox."""
    return _STATES.get(outcome, outcome)


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
