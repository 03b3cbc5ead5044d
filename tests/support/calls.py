"""Calls and firings for the ledgers' tests."""

from __future__ import annotations

from container.call import Call, Envelope
from container.conversion import Firing

ENVELOPE = Envelope("POST", ("https://graph.facebook.com/v26.0/1/events",), (), ('{"data":[',), ("]}",)).stored()


def call(target: str = "graph.facebook.com 1 Purchase", consent: tuple[str, ...] = ("ad_storage",)) -> Call:
    return Call(
        tag="meta_purchase",
        destination="",
        template="meta_conversions_api",
        target=target,
        envelope=ENVELOPE,
        item=b'{"event_name":"Purchase"}',
        joinable=True,
        event_name="purchase",
        event_id="E1",
        transaction_id="1001",
        timestamp=1000.0,
        retry_ambiguous=False,
        consent=consent,
    )


def firing(record: str = "R1", target: str = "graph.facebook.com 1 Purchase", state: str = "live") -> Firing:
    return Firing(target, "meta_purchase", "", record, state, 1000.0)
