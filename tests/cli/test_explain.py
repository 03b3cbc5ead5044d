"""`tagport explain`: the history of a conversion, from the store that a running container has filled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from days import NOW, Day, let_meta_wait

Tagport = Callable[..., Result]
EMAIL = "jane.roe@example.com"


@pytest.fixture
def waiting_shop(shop: Path) -> Path:
    let_meta_wait(shop)
    return shop


async def fill(shop: Path) -> None:
    """Order 1042 by page, webhook-like call and reload; 1041 of the same visitor; 1043 whose wait ends alone."""
    async with Day(shop) as day:
        await day.page(-60, "1041", **{"ep.event_id": "E1"})
        await day.page(0, "1042", **{"ep.event_id": "E1"})
        await day.settle(1, "delivered", "200", 200, "tiktok_purchase")
        await day.api(20, transaction_id="#1042", value=39.8, user_data={"email_address": EMAIL})
        await day.settle(21, "retry", "503 <b>busy</b>, " + EMAIL, 503, "meta_purchase")
        await day.page(25, "1042", **{"ep.event_id": "E1"})
        await day.page(30, "1043", client="2.2")
        await day.container.wake(NOW + 200)
        await day.page(210, "", "page_view")


def explained(tagport: Tagport, what: str, folder: Path) -> dict[str, Any]:
    result = tagport("explain", what, folder, "--format", "json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def filled(waiting_shop: Path) -> Path:
    asyncio.run(fill(waiting_shop))
    return waiting_shop


def test_the_history_has_copies_decisions_waits_and_the_vendors_answers(tagport: Tagport, filled: Path) -> None:
    found = explained(tagport, "transaction_id=1042", filled)
    [history] = found["conversions"]
    assert (history["kind"], history["transaction_id"], history["copies"]) == ("purchase", "1042", 3)
    assert history["sources"] == ["browser", "server"]
    told = [
        (entry["at"][11:19], entry["what"], entry.get("tag", ""), entry.get("decision") or entry.get("outcome") or "")
        for entry in history["timeline"]
        if entry.get("tag", "").partition("_")[0] != "ga4"
    ]
    assert told == [
        ("10:00:00", "copy", "", ""),
        ("10:00:00", "decision", "meta_purchase", "waiting"),
        ("10:00:00", "decision", "tiktok_purchase", "fired"),
        ("10:00:01", "delivery", "tiktok_purchase", "delivered"),
        ("10:00:20", "copy", "", ""),
        ("10:00:20", "decision", "meta_purchase", "fired"),
        ("10:00:20", "decision", "tiktok_purchase", "suppressed"),
        ("10:00:21", "delivery", "meta_purchase", "retry"),
        ("10:00:25", "copy", "", ""),
        ("10:00:25", "decision", "meta_purchase", "suppressed"),
        ("10:00:25", "decision", "tiktok_purchase", "suppressed"),
    ]
    assert len(found["records"]) == 3, "and the records as before"


def test_what_matched_and_what_was_vetoed_is_in_the_history(tagport: Tagport, filled: Path) -> None:
    [history] = explained(tagport, "transaction_id=1042", filled)["conversions"]
    first, second, _ = [entry for entry in history["timeline"] if entry["what"] == "copy"]
    assert [(veto["by"], veto["reason"]) for veto in first["vetoed"]] == [
        ("event_id", "the order names differ"),
        ("client_id", "both have an order name"),
    ]
    assert (second["matched_by"], second["client"], second["source"]) == ("transaction_id", "api", "server")


def test_merged_fields_are_told_with_their_origin_and_masked(tagport: Tagport, filled: Path) -> None:
    [history] = explained(tagport, "transaction_id=1042", filled)["conversions"]
    fields = {field["name"]: (field["value"], field["from"]) for field in history["fields"]}
    assert fields["value"] == (39.8, "server")
    assert fields["client_id"] == ("1111111111.1795400000", "browser")
    assert fields["transaction_id"] == ("1042", "browser")
    assert fields["user_data"] == ({"email_address": "j***@example.com"}, "server")
    assert EMAIL not in json.dumps(history)


def test_what_is_still_to_come_is_told(tagport: Tagport, filled: Path) -> None:
    [history] = explained(tagport, "transaction_id=1042", filled)["conversions"]
    rows = {row["tag"]: (row["state"], row["attempts"], row["due"]) for row in history["queued"]}
    assert rows["meta_purchase"] == ("queued", 1, "2026-11-23T10:01:21.000Z")


def test_what_waits_behind_refused_credentials_says_so(tagport: Tagport, shop: Path) -> None:
    async def told() -> None:
        async with Day(shop) as day:
            await day.page(0, "1042")
            await day.settle(1, "stopped", "401 the token is wrong", 401, "meta_purchase")
            await day.page(2, "1043")

    asyncio.run(told())
    [history] = explained(tagport, "1043", shop)["conversions"]
    rows = {row["tag"]: row["account_stopped"] for row in history["queued"]}
    assert rows == {"ga4_purchase": False, "meta_purchase": True, "tiktok_purchase": False}
    output = tagport("explain", "1043", shop).output
    assert "meta_purchase queued, its account is stopped: see `tagport failures`, 0 attempts so far" in output


def test_a_wait_that_ended_has_its_place(tagport: Tagport, filled: Path) -> None:
    [history] = explained(tagport, "transaction_id=1043", filled)["conversions"]
    told = [one for one in history["timeline"] if one.get("tag") == "meta_purchase" or one["what"] == "wait_over"]
    assert [(one["what"], one["at"][11:19], one.get("decision")) for one in told] == [
        ("decision", "10:00:30", "waiting"),
        ("wait_over", "10:03:20", None),
        ("decision", "10:03:20", "fired"),
    ]
    output = tagport("explain", "transaction_id=1043", filled).output
    assert "meta_purchase waiting  for the server copy, until 10:02:30 at most" in output
    assert "the wait is over" in output


def test_the_terminal_tells_it_as_a_story(tagport: Tagport, filled: Path) -> None:
    lines = [line.rstrip() for line in tagport("explain", "transaction_id=1042", filled).output.splitlines()]
    assert lines[0] == "purchase 1042  39.8 EUR"
    assert lines[4:11] == [
        "ONE CONVERSION, EVERY COPY",
        "Mon 23 Nov 2026",
        "10:00:00.000    ● purchase arrived  ga4 (browser) · GET /g/collect · the first copy",
        "                  ✗ not purchase 1041, though event_id is equal: the order names differ",
        "                  ✗ not purchase 1041, though client_id is equal: both have an order name",
        "10:00:00.000    ● ga4_purchase, tiktok_purchase fired  www.google-analytics.com, business-api.tiktok.com",
        "10:00:00.000    ● meta_purchase waiting  for the server copy, until 10:02:00 at most",
    ]
    text = "\n".join(lines)
    assert "ga4_purchase, tiktok_purchase suppressed  already fired for this conversion by the copy of 10:00:00" in text
    assert "meta_purchase retry  503 in 118 ms from graph.facebook.com: <b>busy</b>, j***@example.com" in text
    assert "meta_purchase queued, next try 2026-11-23T10:01:21.000Z, 1 attempt so far" in text
    assert "they fire for other events: ga4_add_to_cart" in text


def test_an_address_finds_the_order_long_after_hints_are_forgotten(tagport: Tagport, filled: Path) -> None:
    """Hints live for half an hour; the record knows the person by keyed hashes of every form of the address."""

    async def forget_hints() -> None:
        async with Day(filled) as day:
            for _ in range(5):
                await day.container.store.expire(NOW + 90_000)

    asyncio.run(forget_hints())
    for address in (EMAIL, " Jane.Roe@EXAMPLE.com "):
        [history] = explained(tagport, f"email={address}", filled)["conversions"]
        assert history["transaction_id"] == "1042"
    assert tagport("explain", "email=jane.roo@example.com", filled).exit_code == 1


def test_event_takes_a_record_an_event_id_or_a_name(tagport: Tagport, filled: Path) -> None:
    record = explained(tagport, "transaction_id=1042", filled)["records"][1]["id"]
    found = explained(tagport, f"event={record}", filled)
    assert [one["id"] for one in found["records"]] == [record]
    assert found["conversions"][0]["transaction_id"] == "1042"
    assert found == explained(tagport, record, filled)
    by_event_id = explained(tagport, "event=E1", filled)["conversions"]
    assert {one["transaction_id"] for one in by_event_id} == {"1041", "1042"}
    assert [one["event"]["name"] for one in explained(tagport, "event=page_view", filled)["records"]] == ["page_view"]


def test_an_orders_number_and_an_address_may_stand_by_themselves(tagport: Tagport, filled: Path) -> None:
    assert explained(tagport, "#1042", filled) == explained(tagport, "transaction_id=1042", filled)
    assert explained(tagport, EMAIL, filled) == explained(tagport, f"email={EMAIL}", filled)


def test_a_record_is_told_with_its_checks_and_then_its_history(tagport: Tagport, filled: Path) -> None:
    record = explained(tagport, "transaction_id=1042", filled)["records"][1]["id"]
    output = tagport("explain", record, filled).output
    assert output.startswith(f"{record}  2026-11-23T10:00:20.000Z  purchase")
    assert "✓ trigger purchase" in output
    assert "ONE CONVERSION, EVERY COPY" in output


def test_a_marked_order_is_explained_before_any_copy_came(tagport: Tagport, filled: Path) -> None:
    (filled / "orders.csv").write_text("transaction_id,tags\n2001,meta_purchase\n2002,\n")
    tagport("mark", filled / "orders.csv", filled)
    [history] = explained(tagport, "transaction_id=2001", filled)["conversions"]
    assert [(entry["what"], entry["for"]) for entry in history["timeline"]] == [("mark", "meta_purchase")]
    output = tagport("explain", "transaction_id=2002", filled).output
    assert "purchase 2002" in output
    assert "● marked as sent by another system  every tag" in output


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("transacton_id=1042", 2, "nothing is known by `transacton_id`: did you mean `transaction_id`?"),
        ("shoe_size=44", 2, "no event that is kept has a field `shoe_size`; variables are cart_id,"),
        ("transaction_id=", 2, "tagport explain transaction_id=1042"),
        ("transaction_id=9999", 1, "nothing is known of transaction_id=9999"),
        ("9999", 1, "nothing is known of 9999"),
        ("meta_purchase", 1, "an event's name is asked for as `event=meta_purchase`; what a tag did stands under"),
        ("curency=EUR", 2, "nothing is known by `curency`: did you mean `currency`?"),
    ],
)
def test_what_is_not_known_is_said(tagport: Tagport, filled: Path, what: str, code: int, said: str) -> None:
    result = tagport("explain", what, filled)
    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_texts_of_visitors_do_nothing_to_the_terminal(tagport: Tagport, shop: Path) -> None:
    async def told() -> None:
        async with Day(shop) as day:
            await day.api(0, transaction_id="7", coupon="[bold]x\x1b[2J")

    asyncio.run(told())
    output = tagport("explain", "transaction_id=7", shop).output
    assert "[bold]x�[2J" in output
    assert "\x1b" not in output
