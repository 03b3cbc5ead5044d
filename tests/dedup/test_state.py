"""What a conversion remembers of its copies, and what of that counts when two turn out to be one."""

from __future__ import annotations

from typing import Any

import pytest
from copies import Shop

from container.dedup.state import COPIES_TOLD, clients_of, earliest, sources_of, stated_consent, with_copy
from container.ledger.interface import Stored

GRANTED, DENIED = True, False


def stored(number: int, **state: Any) -> Stored:
    return Stored(number, f"0{number}", "purchase", 1, 0.0, 9e9, state)


def united(*known: Stored, **data: Any) -> dict[str, Any]:
    """The state once a copy has shown that these are one."""
    shop = Shop()
    event = shop.webhook(after=1000.0, **data)
    seen = shop.dedup.recognise(event)
    return with_copy(known, seen.identity, seen.kind, event, None)


def test_the_first_copy_is_counted_with_its_time_client_and_source() -> None:
    state = united(transaction_id="577", at=5.0)
    assert state["count"] == 1
    assert state["key"] == "577"
    assert earliest(state) == 5.0
    assert (clients_of(state), sources_of(state)) == ({"shopify"}, {"server"})


def test_of_two_that_are_one_the_older_is_heard_first_and_both_are_counted() -> None:
    older = stored(1, count=2, key="1001", told=50.0, fixed={"event_id": "A"}, page="")
    newer = stored(2, count=3, key="577", told=40.0, fixed={"event_id": "B"}, page="1001")
    state = united(older, newer, event_id="E")
    assert (state["count"], state["key"], state["fixed"]) == (6, "1001", {"event_id": "A"})
    assert state["page"] == "1001", "what the older does not know the newer tells"
    assert state["told"] == 40.0, "the first of all copies that run tags"
    assert older.state["count"] == 2, "what lay in the store is not changed"


def test_names_and_amounts_of_both_are_known_once_each() -> None:
    one = stored(1, names={"id": ["a"], "number": ["n"]}, agree={"value": ["10"]})
    two = stored(2, names={"id": ["b", "a"]}, agree={"value": ["10", "12"]})
    state = united(one, two, event_id="E")
    assert (state["names"]["id"], state["names"]["number"]) == (["a", "b"], ["n"])
    assert state["agree"] == {"value": ["10", "12"]}


def test_only_the_last_of_very_many_copies_are_remembered() -> None:
    many = [[float(time), "api", "server", f"R{time}", False] for time in range(COPIES_TOLD)]
    state = united(stored(1, count=COPIES_TOLD, copies=many), event_id="E")
    assert len(state["copies"]) == COPIES_TOLD
    assert state["copies"][0][3] == "R1"
    assert state["count"] == COPIES_TOLD + 1


@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [
        ([GRANTED, 1.0], [DENIED, 2.0], DENIED),
        ([DENIED, 2.0], [GRANTED, 1.0], DENIED),
        ([DENIED, 1.0], [GRANTED, 2.0], GRANTED),
        ([GRANTED, 1.0], [DENIED, 1.0], DENIED),  # of one moment the refusal
        ([DENIED, 1.0], [GRANTED, 1.0], DENIED),
    ],
)
def test_of_what_was_said_for_either_the_later_counts(one: list[Any], other: list[Any], counts: bool) -> None:
    parts = [stored(n + 1, consent={"browser": {"ad_storage": said}}) for n, said in enumerate((one, other))]
    assert stated_consent(united(*parts, event_id="E")) == {"ad_storage": counts}


def test_what_was_said_for_one_of_them_alone_counts_for_both() -> None:
    one = stored(1, consent={"browser": {"ad_storage": [GRANTED, 1.0]}})
    other = stored(2, consent={"browser": {"ad_user_data": [DENIED, 2.0]}, "server": {"ad_storage": [DENIED, 3.0]}})
    assert stated_consent(united(one, other, event_id="E")) == {"ad_storage": GRANTED, "ad_user_data": DENIED}


def test_the_browsers_word_comes_before_the_servers_however_old() -> None:
    server = {"ad_storage": [GRANTED, 9.0], "ad_user_data": [GRANTED, 9.0]}
    told = {"browser": {"ad_storage": [DENIED, 1.0]}, "server": server}
    assert stated_consent({"consent": told}) == {"ad_storage": DENIED, "ad_user_data": GRANTED}


def test_what_was_said_of_the_purchase_counts_only_while_nothing_was_said_of_this() -> None:
    lent = {"ad_storage": GRANTED}
    assert stated_consent({"lent": lent}) == lent
    assert stated_consent({"lent": lent, "consent": {"browser": {"ad_user_data": [DENIED, 1.0]}}}) == {
        "ad_user_data": DENIED
    }


def test_a_copy_that_only_lends_is_no_source_and_starts_no_clock() -> None:
    shop = Shop()
    event = shop.webhook("order_created", transaction_id="577")
    seen = shop.dedup.recognise(event)
    assert "told" not in seen.state
    assert (sources_of(seen.state), clients_of(seen.state)) == (frozenset(), {"shopify"})
    assert seen.state["count"] == 1
    marked = with_copy((), seen.identity, seen.kind, event, None, tells=False)
    assert marked["count"] == 0, "and what was marked is no copy that came here"
