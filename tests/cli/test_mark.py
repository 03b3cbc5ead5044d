"""`tagport mark`: a file of orders against a real store, and the copies that arrive afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from processes import ask, hit, serve, until

Tagport = Callable[..., Result]


def written(folder: Path, text: str | bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def marked(result: Result) -> list[tuple[str, list[str]]]:
    return [(one["name"], one["marked"]) for one in json.loads(result.stdout)["orders"]]


def unread(result: Result) -> dict[int, str]:
    return {one["line"]: one["reason"] for one in json.loads(result.stdout)["unread"]}


def test_marked_orders_are_suppressed_by_a_serve_that_was_running_already(tagport: Tagport, shop: Path) -> None:
    """One order for all tags, one for Meta alone, one not at all; the copies come after the marking."""
    running = serve(shop, "--vendors", "http://127.0.0.1:9")
    try:
        rows = "transaction_id,time,tags\n1042,2026-11-23T09:58:00Z,\n1043,,meta_purchase\n"
        result = tagport("mark", written(shop, rows), shop)
        assert result.exit_code == 0, result.output
        assert "2 orders read, 2 marked" in result.output
        assert "1042, 1043" in result.output
        assert "meta_purchase (1 order)" in result.output
        for order in ("1042", "1043", "1044"):
            assert running.get(hit(order), **{"User-Agent": "Mozilla/5.0 Chrome/142.0"})[0] in (200, 204)
        records = until(lambda: [] if len(found := recorded(running.admin)) < 3 else found)
    finally:
        running.stop()
    told = {record["conversion"]["transaction_id"]: decisions(record) for record in records}
    everything = {"ga4_purchase": "suppressed", "meta_purchase": "suppressed", "tiktok_purchase": "suppressed"}
    assert told["1042"] == everything
    assert told["1043"] == {**dict.fromkeys(everything, "fired"), "meta_purchase": "suppressed"}
    assert told["1044"] == dict.fromkeys(everything, "fired")
    reasons = {row["reason"] for record in records for row in record["tags"] if row["decision"] == "suppressed"}
    assert all("as sent by another system (`tagport mark`)" in reason for reason in reasons)


def recorded(admin: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ask(admin, "/api/records", None, {})[1])["records"]
    return found


def decisions(record: dict[str, Any]) -> dict[str, str]:
    return {row["tag"]: row["decision"] for row in record["tags"] if row["decision"] != "not_triggered"}


def test_a_store_is_made_where_serve_has_not_run_and_serve_takes_it(tagport: Tagport, shop: Path) -> None:
    assert tagport("mark", written(shop, "order_id\n1042\n"), shop).exit_code == 0
    assert (shop / "data" / "tagport.key").stat().st_mode & 0o777 == 0o600
    running = serve(shop)
    assert running.stop()[0] == 0


@pytest.mark.parametrize(
    "text",
    [
        "Transaction ID;Date\r\n1042;2026-11-23 10:00:00 +0100\r\n#1043;\r\n",
        "\ufefftransaction_id\ttime\n1042\t1795428000\n\n1043\t\n",
        '"transaction_id","note"\n"1042","two\nlines, a comma"\n1043,x\n',
        '{"transaction_id": 1042, "time": 1795428000}\n{"transaction_id": "1043"}\n',
        '[{"transaction_id": ["1042", "gid://shopify/Order/577"]}, {"order_id": "1043"}]',
    ],
)
def test_csv_as_shops_and_spreadsheets_export_it_and_json(tagport: Tagport, shop: Path, text: str) -> None:
    result = tagport("mark", written(shop, text), shop, "--format", "json")
    assert result.exit_code == 0, result.output
    found = [name or "several names" for name, _ in marked(result)]
    assert found in (["1042", "1043"], ["several names", "1043"])


def test_a_line_that_cannot_be_read_is_told_and_the_others_count(tagport: Tagport, shop: Path) -> None:
    lines = [
        b"transaction_id,time,tags,conversion",
        b"1001,2026-11-23T10:00:00Z,,",
        b"1002,23.11.2026,,",
        b",2026-11-23T10:00:00Z,,",
        b"1004,,meta_purchse,",
        b"1005,,,purchas",
        b"1006,,,,,",
        b"10\xff7,,,",
        b'1008,"x"y,,',
        b"1009,,meta_purchase; tiktok_purchase,refund",
        b"undefined,,,",
        b"1011,,,",
        b'1012,"never closed,,',
        b"1013,,,",
    ]
    result = tagport("mark", written(shop, b"\n".join(lines)), shop, "--format", "json")
    assert result.exit_code == 1
    assert [name for name, _ in marked(result)] == ["1001", "1011"]
    told = unread(result)
    assert told.pop(13).startswith("a quote that opens here is never closed")
    assert told.pop(9).startswith("the quotes do not pair")
    assert told == {
        3: "`time` is `23.11.2026`, which is no time: write 2026-11-23T10:00:00Z or Unix seconds",
        4: "nothing in it names a purchase: it needs `transaction_id` or `event_id` or `checkout_token`",
        5: "there is no tag `meta_purchse`: did you mean `meta_purchase`?",
        6: "there is no conversion `purchas`: did you mean `purchase`?",
        7: "it has 6 values, and the first line names 4 columns: is a text with a comma in it not quoted?",
        8: "it is not UTF-8: save the file as CSV (UTF-8)",
        10: "nothing in it names a refund: it needs `refund_id` or `event_id`",
        11: "nothing in it names a purchase: it needs `transaction_id` or `event_id` or `checkout_token`",
    }
    people = tagport("mark", shop / "orders.csv", shop)
    assert "line 3 could not be read: `time` is `23.11.2026`" in people.output
    assert "marked before          1001, 1011" in people.output


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("Name,Email\n#1001,a@b.de\n", (), "has no column `transaction_id`; it has name, email"),
        ("Name,Email\n#1001,a@b.de\n", ("--key", "Order"), "has no column `order`"),
        ("", (), "is empty"),
        (b"PK\x03\x04rest", (), "is a spreadsheet"),
        ("transaction_id\n1\n", ("--conversion", "purchas"), "did you mean `purchase`?"),
        ("transaction_id\n1\n", ("--tag", "meta"), "--tag: there is no tag `meta`"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(
    tagport: Tagport, shop: Path, text: str | bytes, options: tuple[str, ...], said: str
) -> None:
    result = tagport("mark", written(shop, text), shop, *options)
    assert result.exit_code == 2
    assert said in result.output


def test_a_missing_file_and_a_missing_key_are_told(tagport: Tagport, shop: Path) -> None:
    assert "cannot be read: No such file" in tagport("mark", shop / "none.csv", shop).output
    orders = written(shop, "transaction_id\n1\n")
    assert tagport("mark", orders, shop).exit_code == 0
    (shop / "data" / "tagport.key").unlink()
    result = tagport("mark", orders, shop)
    assert (result.exit_code, "the key file" in result.output) == (2, True)


def test_a_store_that_another_program_holds_or_that_is_none_is_told(tagport: Tagport, shop: Path) -> None:
    orders = written(shop, "transaction_id\n1\n")
    assert tagport("mark", orders, shop).exit_code == 0
    holder = sqlite3.connect(shop / "data" / "tagport.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    held = tagport("mark", orders, shop)
    holder.close()
    assert (held.exit_code, held.output.count("another process may be using it, try again")) == (2, 1)
    (shop / "data" / "tagport.db").write_text("no database, but long enough for one to be looked for in it" * 20)
    none = tagport("mark", orders, shop)
    assert (none.exit_code, "cannot be used as the store: file is not a database" in none.output) == (2, True)


def test_another_column_can_hold_the_name_and_options_speak_for_all_lines(tagport: Tagport, shop: Path) -> None:
    rows = "Name,Lineitem\n#1001,a\n#1001,b\n"
    result = tagport("mark", written(shop, rows), shop, "--key", "Name", "--tag", "ga4_purchase", "--format", "json")
    assert marked(result) == [("1001", ["* ga4_purchase"]), ("1001", [])]
    assert json.loads(result.stdout)["orders"][1]["marked_before"] == ["* ga4_purchase"]


def test_many_orders_are_listed_in_short(tagport: Tagport, shop: Path) -> None:
    rows = "transaction_id\n" + "".join(f"{order}\n" for order in range(1000, 1250))
    result = tagport("mark", written(shop, rows), shop)
    assert "250 orders read, 250 marked" in result.output
    assert "1019 and 230 more" in result.output


