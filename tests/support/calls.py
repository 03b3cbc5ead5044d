"""Calls, firings and whole conversions for the ledgers' tests."""

from __future__ import annotations

from dataclasses import replace

from container.call import Call, Envelope
from container.conversion import Firing
from container.ledger.interface import Held, Settlement, Writing

ENVELOPE = Envelope("POST", ("https://graph.facebook.com/v26.0/1/events",), (), ('{"data":[',), ("]}",)).stored()
SECRET = b"planted-personal-data"


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


def plant(ledger: Writing, id: str, mark: bytes, secret: bytes = SECRET) -> int:
    """One conversion with a row in every table; a settled and a queued call."""
    text = secret.decode()
    number = ledger.open(id, "purchase", 1000.0, 9e9, {"key": text, "of": ""})
    ledger.name(number, [(mark * 16, 9e9)], [(mark * 8 + b"hint" * 2, 9e9)])
    ledger.add_copy(number, secret, 9e9)
    ledger.hold(Held(number, "meta", "wait", f"R{id}", 2000.0))
    ledger.fire(number, firing(f"R{id}"))
    ledger.keep(f"R{id}", "conversion", number, 1000.0, b'{"id": "R%s", "told": "%s"}' % (id.encode(), secret))
    done, _ = (ledger.queue(number, f"R{id}", replace(call(), item=b'{"x":"%s"}' % secret), 1000.0) for _ in range(2))
    ledger.attempt("me", [done.id], 1001.0)
    ledger.settle([Settlement(done, "refused", f"no, {text}", 1002.0)])
    return number
