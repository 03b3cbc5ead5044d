"""Decision records, read for the audit of what was told twice."""

from __future__ import annotations

from typing import Any

from copies import Shop

from container.cli.recorded import audit_of, is_record
from container.dedup.view import WAITED

KINDS = Shop().dedup.kinds


def record(id: str, of: str, **changes: Any) -> dict[str, Any]:
    """A copy as it is kept."""
    data = changes.pop("data", {"transaction_id": "1001", "value": "10", "currency": "eur"})
    told = {"id": of, "kind": changes.pop("kind", "purchase"), **changes.pop("conversion", {})}
    return {
        "id": id,
        "received": f"2026-11-23T10:00:{id[-2:]}.000Z",
        "request": {"client": "ga4", "source": "browser"},
        "event": {"name": changes.pop("name", "purchase"), "data": data},
        "conversion": told,
        "tags": changes.pop("tags", []),
        **changes,
    }


def test_what_is_a_record_and_what_an_event() -> None:
    assert is_record(record("R01", "C1"))
    assert not is_record({"event": "purchase", "id": "1", "tags": []})
    assert not is_record({"event": {"name": "purchase"}, "id": "1"})
    assert not is_record({"event": {"value": 5}, "id": "1", "tags": []})


def test_copies_of_one_conversion_are_one_in_order_of_arrival() -> None:
    rows = [record("R02", "C1", conversion={"matched_by": "transaction_id"}), record("R01", "C1"), record("R03", "C2")]
    found = audit_of(rows, KINDS)
    assert [[one.where for one in told.tellings] for told in found.told] == [["R01", "R02"], ["R03"]]
    second = found.told[0].tellings[1]
    assert (second.client, second.source, second.name, second.named) == ("ga4", "browser", "1001", True)
    assert (str(second.value), second.currency, second.matched_by) == ("10", "EUR", "transaction_id")
    assert found.events == 3


def test_an_order_of_another_name_is_named_too() -> None:
    [told] = audit_of([record("R01", "C1", data={"order_id": "A-7"})], KINDS).told
    assert (told.name, told.tellings[0].named) == ("A-7", True)


def test_conversions_that_turned_out_to_be_one_are_one() -> None:
    rows = [record("R01", "C1"), record("R02", "C2"), record("R03", "C1", conversion={"united": ["C2"]})]
    [told] = audit_of(rows, KINDS).told
    assert [one.where for one in told.tellings] == ["R01", "R02", "R03"]


def test_what_is_no_copy_is_counted_among_the_others_or_not_at_all() -> None:
    rows = [
        record("R01", "C1"),
        record("R02", "C1", notes=[WAITED]),
        record("R03", "C3", kind="event"),
        record("R04", "C4", conversion={"repeat": "sent by a bot (its user agent is a known crawler's)"}),
        record("R05", "C1", name="order_created"),
    ]
    found = audit_of(rows, KINDS)
    assert (found.events, found.others) == (4, 2)
    assert [[one.where for one in told.tellings] for told in found.told] == [["R01"]], "what only lends is no telling"


def test_how_often_each_tag_was_kept_from_firing_again() -> None:
    again = {"tag": "meta", "decision": "suppressed", "reason": "already fired for this conversion by R01"}
    other = {"tag": "ga4", "decision": "suppressed", "reason": "the target is another tag's"}
    rows = [record("R01", "C1"), record("R02", "C1", tags=[again, other]), record("R03", "C1", tags=[again])]
    assert audit_of(rows, KINDS).suppressed == {"meta": 2}


def test_masked_addresses_tell_two_customers_apart() -> None:
    masked = {"transaction_id": "1001", "user_data": {"email_address": "j***@example.com"}}
    rows = [record("R01", "C1", data=masked), record("R02", "C1", data={**masked, "user_data": {"email_address": "x"}})]
    [told] = audit_of(rows, KINDS).told
    assert [one.customer for one in told.tellings] == [{"email": frozenset(("j***@example.com",))}, {}]
