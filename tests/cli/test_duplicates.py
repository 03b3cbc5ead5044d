"""`tagport duplicates`: histories with a known truth, as CSV, as events, as records, and in a store."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from processes import hit, serve, until

Tagport = Callable[..., Result]
HEAD = "transaction_id,source,client,time,value,currency,email,client_id,event_id"


def written(folder: Path, text: str, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def rows(*lines: str) -> str:
    return "\n".join((HEAD, *lines)) + "\n"


def audited(tagport: Tagport, *args: Any) -> dict[str, Any]:
    result = tagport("duplicates", *args, "--format", "json")
    found: dict[str, Any] = json.loads(result.stdout)
    findings = found["twice"] or found["doubts"] or found["unread"]
    assert result.exit_code == (1 if findings else 0)
    return found


def doubts(found: dict[str, Any]) -> dict[str, list[str]]:
    """Reason → the lines it is about."""
    return {one["why"]: [copy["where"] for copy in one["copies"]] for one in found["doubts"]}


def test_page_and_webhook_are_one_purchase_told_twice(tagport: Tagport, shop: Path) -> None:
    found = audited(
        tagport,
        written(
            shop,
            rows(
                "1001,browser,ga4,2026-11-23T10:00:00Z,149.90,EUR,,1.1,",
                "#1001,server,shopify,2026-11-23T10:00:20Z,149.90,EUR,jane@example.com,,",
                "1002,browser,ga4,2026-11-23T10:00:30Z,149.90,EUR,,1.1,",
            ),
        ),
        shop,
    )
    assert (found["events"], found["conversions"], found["sent_too_often"]) == (3, 2, 1)
    [told] = found["twice"]
    assert (told["transaction_id"], told["extra"], told["matched_by"]) == ("1001", 1, ["transaction_id"])
    assert told["value_too_much"] == found["value_too_much"] == {"EUR": 149.9}
    assert [copy["where"] for copy in told["copies"]] == ["line 2", "line 3"]
    assert found["doubts"] == []


def test_repeat_purchases_of_one_customer_are_not_duplicates(tagport: Tagport, shop: Path) -> None:
    lines = [f"{order},browser,ga4,{1795428000 + order},20,EUR,jane@example.com,1.1," for order in range(1, 6)]
    found = audited(tagport, written(shop, rows(*lines)), shop)
    assert (found["conversions"], found["twice"], found["doubts"]) == (5, [], [])


@pytest.mark.parametrize(
    ("why", "lines"),
    [
        ("two_customers", ("7,server,shop,1795428000,12,EUR,a@x.de,,", "7,server,shop,1795431600,12,EUR,b@x.de,,")),
        ("two_values", ("7,server,shop,1795428000,12,EUR,,,", "7,server,shop,1795431600,99,EUR,,,")),
        ("only_hints", (",browser,,1795428000,12,EUR,,1.1,", ",browser,,1795428060,12,EUR,,1.1,")),
        ("nameless", (",server,crm,1795428000,12,EUR,,,",)),
    ],
)
def test_what_cannot_be_told_apart_is_told_with_its_reason(
    tagport: Tagport, shop: Path, why: str, lines: tuple[str, ...]
) -> None:
    found = doubts(audited(tagport, written(shop, rows(*lines)), shop))
    assert found[why] == [f"line {number}" for number in range(2, len(lines) + 2)]


@pytest.mark.parametrize(("at", "lines"), [(1795428000, ["line 4"]), (1795428010, ["line 3", "line 4"])])
def test_a_nameless_copy_that_fits_two_purchases_is_doubtful(
    tagport: Tagport, shop: Path, at: int, lines: list[str]
) -> None:
    """Where both fit equally well it is of none, else of the one that is nearer in time."""
    rows_of = (
        "1,browser,ga4,1795428000,12,EUR,,1.1,",
        f"2,browser,ga4,{at},12,EUR,,1.1,",
        ",server,crm,1795428020,12,EUR,,1.1,",
    )
    found = doubts(audited(tagport, written(shop, rows(*rows_of)), shop))
    assert {why: sorted(where) for why, where in found.items()} == {"ambiguous": lines}


@pytest.mark.parametrize("email", ["Jane.Roe@gmail.com", "janeroe@gmail.com"])
def test_forms_of_one_address_are_one_customer(tagport: Tagport, shop: Path, email: str) -> None:
    lines = ("7,server,a,1795428000,12,EUR,jane.roe@gmail.com,,", f"7,server,b,1795428001,12,EUR,{email},,")
    assert doubts(audited(tagport, written(shop, rows(*lines)), shop)) == {}


def test_events_as_json_with_names_by_sort_retries_and_other_events(tagport: Tagport, shop: Path) -> None:
    names = {"shopify_id": "577", "shopify_number": "1042"}
    order = {"transaction_id": "577", "names": names, "client": "shopify", "timestamp": 1795428030, "delivery_id": "d1"}
    events = [
        {"event_name": "purchase", "transaction_id": "1042", "source": "browser", "timestamp": 1795428000},
        {"event_name": "purchase", **order},
        {"event_name": "purchase", **order, "received": 1795428060},
        {"event_name": "order_created", **order, "delivery_id": "d0", "timestamp": 1795427990},
        {"event_name": "page_view", "source": "browser", "timestamp": 1795427000},
        "no object",
    ]
    text = "\n".join(json.dumps(event) for event in events) + "\n{broken\n"
    found = audited(tagport, written(shop, text, "events.jsonl"), shop)
    [told] = found["twice"]
    assert [(copy["where"], copy["matched_by"]) for copy in told["copies"]] == [
        ("line 1", "transaction_id"),  # the shop had told of it before, without firing anything
        ("line 2", "transaction_id"),
        ("line 3", "delivery"),
    ]
    assert (found["events"], found["others"]) == (5, 1)
    assert [one["line"] for one in found["unread"]] == [6, 7]


def test_the_order_of_lines_does_not_matter_and_truth_is_found(tagport: Tagport, shop: Path) -> None:
    """200 orders, each told by page and webhook, some reloaded: every copy is found, none too many."""
    random.seed(5)
    lines, extra = [], 0
    for order in range(200):
        at = 1795428000 + order * 37
        lines += [f"{order + 1000},browser,ga4,{at},{order}.5,EUR,,{order}.1,"]
        lines += [f"#{order + 1000},server,shopify,{at + 20},{order}.5,EUR,u{order}@x.de,,"]
        extra += 1
        if order % 5 == 0:
            lines += [f"{order + 1000},browser,ga4,{at + 600},{order}.5,EUR,,{order}.1,"]
            extra += 1
    random.shuffle(lines)
    found = audited(tagport, written(shop, rows(*lines)), shop)
    assert (found["conversions"], found["sent_too_often"], found["doubts"]) == (200, extra, [])
    people = tagport("duplicates", shop / "events.csv", shop, "--most", "3")
    assert "200 conversions, sent 240 times too often" in people.output
    assert "and 197 more" in people.output


def test_a_copy_that_shows_two_to_be_one_is_counted_once(tagport: Tagport, shop: Path) -> None:
    lines = (
        "1,browser,ga4,1795428000,,,,,",
        ",server,crm,1795428001,,,,,E",
        "1,server,shopify,1795428002,,,,,E",
    )
    found = audited(tagport, written(shop, rows(*lines)), shop)
    assert (found["conversions"], found["sent_too_often"]) == (1, 2)


def test_no_workspace_is_needed_and_nothing_found_is_fine(tagport: Tagport, tmp_path: Path) -> None:
    result = tagport("duplicates", written(tmp_path, rows("1,browser,,1795428000,1,EUR,,,")), tmp_path)
    assert (result.exit_code, "nothing was told twice" in result.output) == (0, True)


def test_the_workspace_s_own_conversions_count(tagport: Tagport, shop: Path) -> None:
    text = (shop / "container.yaml").read_text().replace("key: transaction_id  ", "key: user_id         ")
    (shop / "container.yaml").write_text(text)
    lines = ("user_id,transaction_id,time", "u1,1,1795428000", "u1,2,1795428001")
    found = audited(tagport, written(shop, "\n".join(lines)), shop)
    assert [one["matched_by"] for one in found["twice"]] == [["user_id"]]


def test_mistakes_are_told(tagport: Tagport, shop: Path) -> None:
    assert "no conversion is told by `purchas`" in tagport(
        "duplicates", written(shop, rows("1,,,,,,,,")), shop, "--event", "purchas"
    ).output
    assert tagport("duplicates", shop).exit_code == 2, "there is no store yet"
    assert tagport("duplicates", shop / "missing.csv", shop).exit_code == 2
    (shop / "container.yaml").write_text("container: [")
    assert tagport("duplicates", shop / "events.csv", shop).exit_code == 2


def test_texts_of_the_file_do_nothing_to_the_terminal(tagport: Tagport, shop: Path) -> None:
    lines = ("[red]x\x1b[2J,browser,a,1795428000,,,,,", "[red]x\x1b[2J,browser,b,1795428001,,,,,")
    output = tagport("duplicates", written(shop, rows(*lines)), shop).output
    assert "[red]x�[2J" in output
    assert "\x1b" not in output


def test_the_records_of_a_store_that_is_being_served(tagport: Tagport, shop: Path) -> None:
    running = serve(shop, "--vendors", "http://127.0.0.1:9")
    try:
        for path in (hit("1042"), hit("1042"), hit("1043"), hit("", event="page_view")):
            running.get(path, **{"User-Agent": "Mozilla/5.0 Chrome/142.0"})
        until(lambda: len(running.ask_admin("/api/records")["records"]) == 4)
        found = audited(tagport, shop)
        printed = json.dumps(running.ask_admin("/api/records"))
    finally:
        running.stop()
    assert (found["events"], found["others"], found["conversions"], found["sent_too_often"]) == (4, 1, 2, 1)
    assert found["suppressed"] == {"ga4_purchase": 1, "meta_purchase": 1, "tiktok_purchase": 1}
    assert found["value_too_much"] == {"EUR": 39.8}
    people = tagport("duplicates", shop)
    assert "kept these tags from firing again: ga4_purchase 1, meta_purchase 1, tiktok_purchase 1" in people.output
    assert audited(tagport, written(shop, printed, "records.json"), shop) == found
