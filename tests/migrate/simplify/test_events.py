"""Events to prove a proposal by."""

from __future__ import annotations

from copies import documents

from container.clients import Client
from container.clients.json import JSONClient
from container.event import Event
from container.migrate.simplify.events import UNNAMED, generated
from container.workspace.model import KINDS

CLIENTS: list[Client] = [JSONClient(id="api", name="API", source="server", path="/e", open=True)]
NOW = 1_795_600_800.0


def events(**sections: str) -> list[Event]:
    found = {kind: documents(kind, sections[kind]) if kind in sections else {} for kind in KINDS}
    return generated(found, CLIENTS, NOW)


def test_every_name_that_anything_asks_for_is_there_and_one_that_nothing_names() -> None:
    found = events(
        triggers="{a: {event: lead}, b: {when: [{value: '{{ event.event_name }}', equals: [x, y]}]}}",
        conversions="{purchase: {events: [purchase, order]}}",
        variables="{names: {lookup: '{{ event.event_name }}', table: {in_a_table: A}}}",
    )
    assert {event.name for event in found} == {"lead", "x", "y", "purchase", "order", "in_a_table", UNNAMED}


def test_each_comes_twice_under_another_record_with_and_without_data_and_consent() -> None:
    found = events()
    assert len(found) == 2 * 4
    for one, copy in zip(found[::2], found[1::2], strict=True):
        assert one.data == copy.data and one.id != copy.id
    assert [set(event.consent.values()) for event in found[::2]] == [{True}, {True}, set(), {False}]
    assert ["transaction_id" in event.data for event in found[::2]] == [True, False, True, True]
    ids = [event.data["event_id"] for event in found[::2] if "event_id" in event.data]
    assert len(set(ids)) == len(ids), "and no two of them are copies of one"


def test_whatever_the_workspace_reads_has_a_text_and_what_it_compares_every_value() -> None:
    found = events(
        variables="{plan: '{{ event.own.plan }}', cost: '{{ event.own.price }}'}",
        triggers="{a: {when: [{value: '{{ event.market }}', starts_with: [DE, AT]}]}}",
    )
    assert {event.data.get("market") for event in found} == {None, "some market", "DE", "AT"}
    full = found[0].data
    assert full["own"] == {"plan": "some own.plan", "price": 7}


def test_they_come_through_every_client() -> None:
    [event, *_] = events()
    assert (event.request.client, event.request.source) == ("api", "server")
