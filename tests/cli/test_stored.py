"""`explain` and `failures`: what is read from, and done to, a store that `serve` has left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from processes import ENVIRONMENT, hit

from container.build import build, on_disk
from container.cli.raw import read_request
from container.event import Request
from container.ledger.interface import Settlement, Writing
from container.problems import Problems
from container.replay import replay

Tagport = Callable[..., Result]
NOW = 1_795_428_000.0
HEADERS = "User-Agent: Mozilla/5.0 Chrome/142.0\n"
EVENT = {
    "event_name": "purchase",
    "transaction_id": "1002",
    "value": 5,
    "currency": "EUR",
    "user_data": {"email_address": "jane@example.com"},
    "consent_state": {"ad_storage": False, "ad_user_data": False, "analytics_storage": False},
}


def requests() -> list[Request]:
    """Two copies of order 1001, a refused 1002 of a customer with an address, and a page view."""
    posted = f"POST /events\nAuthorization: Bearer {ENVIRONMENT['EVENTS_TOKEN']}\n\n{json.dumps(EVENT)}\n"
    view = hit("").replace("en=purchase", "en=page_view")
    texts = [f"GET {hit('1001')}\n{HEADERS}"] * 2 + [posted, f"GET {view}\n{HEADERS}"]
    read = (read_request(text.encode(), received=NOW + number) for number, text in enumerate(texts))
    return [replace(request, ip="203.0.113.7") for request in read]


@pytest.fixture
def stored(shop: Path) -> Path:
    """A workspace whose store holds four records; of the three purchase calls one is refused, one stopped."""

    async def fill() -> None:
        container = build(shop, Problems(), environ=ENVIRONMENT, ledger=on_disk)
        assert container is not None
        for request in requests():
            assert (await replay(container, request)).status in (200, 204)
        rows = [row for row in container.store.due(NOW + 99, 99) if row.call.event_name == "purchase"]

        def fail(writing: Writing) -> None:
            writing.attempt("me", [row.id for row in rows], NOW)
            writing.settle(
                [
                    Settlement(rows[0], "refused", "no, jane@example.com", NOW, status=400),
                    Settlement(rows[1], "stopped", "token expired", NOW, status=401),
                    Settlement(rows[2], "delivered", "", NOW, status=200),
                ]
            )

        await container.store.write(fail)
        container.store.close()

    asyncio.run(fill())
    return shop


def explained(tagport: Tagport, what: str, folder: Path) -> list[str]:
    """The event names and conversions of what is explained."""
    result = tagport("explain", what, folder, "--format", "json")
    records = json.loads(result.stdout)["records"]
    assert result.exit_code == (0 if records else 1)
    return [f"{one['event']['name']} {one['conversion'].get('transaction_id', '')}".strip() for one in records]


@pytest.mark.parametrize(
    ("what", "records"),
    [
        ("transaction_id=1001", ["purchase 1001"] * 2),
        ("transaction_id=#1001", ["purchase 1001"] * 2),
        ("transaction_id=1002", ["purchase 1002"]),
        ("email=jane@example.com", ["purchase 1002"]),
        ("email= JANE@example.com", ["purchase 1002"]),
        ("event=page_view", ["page_view"]),
        ("event=purchase", ["purchase 1002", "purchase 1001", "purchase 1001"]),
        ("transaction_id=9999", []),
        ("event=nothing", []),
        ("01J00000000000000000000000", []),
    ],
)
def test_records_are_found_by_what_is_known(
    tagport: Tagport, stored: Path, what: str, records: list[str]
) -> None:
    assert explained(tagport, what, stored) == records


def test_a_record_is_found_by_its_id_with_what_became_of_its_calls(tagport: Tagport, stored: Path) -> None:
    first = json.loads(tagport("explain", "transaction_id=1001", stored, "--format", "json").stdout)["records"][0]
    result = tagport("explain", first["id"], stored)
    assert result.exit_code == 0
    assert result.output.startswith(f"{first['id']}  2026-11-23T10:00:00.000Z  purchase")
    assert "→ delivered 200" in result.output
    assert "→ refused 400" in result.output
    assert "jane" not in result.output


def test_the_number_of_an_event_s_records_is_limited(tagport: Tagport, stored: Path) -> None:
    told = tagport("explain", "event=purchase", stored, "--most", "1", "--format", "json").stdout
    assert len(json.loads(told)["records"]) == 1


def test_nothing_found_is_said(tagport: Tagport, stored: Path) -> None:
    result = tagport("explain", "transaction_id=9999", stored)
    assert result.exit_code == 1
    assert result.output.startswith("nothing is known of transaction_id=9999")


@pytest.mark.parametrize("verb", [("explain", "event=purchase"), ("explain", "email=a@b.de"), ("failures",)])
def test_a_workspace_that_never_ran_has_no_store(tagport: Tagport, shop: Path, verb: tuple[str, ...]) -> None:
    result = tagport(*verb, shop)
    assert result.exit_code == 2
    assert "has `tagport serve` run here?" in result.output
    assert not (shop / "data").exists()


def failures(tagport: Tagport, folder: Path, *options: str) -> Result:
    return tagport("failures", folder, *options)


@pytest.mark.parametrize("verb", [("explain", "1042"), ("failures",), ("duplicates",)])
def test_a_folder_without_a_workspace_has_no_store(tagport: Tagport, shop: Path, verb: tuple[str, ...]) -> None:
    result = tagport(*verb, shop.parent)
    assert result.exit_code == 2
    assert "there is no container.yaml in" in result.output
    assert f"is the one in `{shop.name}` meant?" in result.output


def test_failures_are_listed_for_machines(tagport: Tagport, stored: Path) -> None:
    result = failures(tagport, stored, "--format", "json")
    assert result.exit_code == 1
    rows = json.loads(result.stdout)["failures"]
    assert [row["outcome"] for row in rows] == ["refused", "stopped"]
    assert list(rows[0]) == [
        "id", "outcome", "tag", "target", "event_name", "transaction_id", "event_id", "reason", "attempts", "since",
        "advice",
    ]  # fmt: skip
    assert (rows[0]["transaction_id"], rows[0]["attempts"], rows[0]["since"]) == ("1001", 1, "2026-11-23T10:00:00Z")


def test_failures_are_listed_for_people(tagport: Tagport, stored: Path) -> None:
    told = failures(tagport, stored).output
    assert "refused" in told
    assert "token expired" in told
    assert "jane@" not in told


def test_failures_are_grouped_by_tag_and_reason_with_advice(tagport: Tagport, stored: Path) -> None:
    groups = json.loads(failures(tagport, stored, "--format", "json").stdout)["groups"]
    assert [(group["outcome"], group["count"], len(group["ids"])) for group in groups] == [
        ("refused", 1, 1), ("stopped", 1, 1),
    ]  # fmt: skip
    told = failures(tagport, stored).output
    assert "1 × refused" in told and f"→ {groups[0]['advice']}" in told


def test_only_what_failed_lately(tagport: Tagport, stored: Path) -> None:
    assert failures(tagport, stored, "--since", "2026-11-23T10:00:00Z").exit_code == 1
    none = failures(tagport, stored, "--since", "2999-01-01T00:00:00Z")
    assert (none.exit_code, none.output) == (0, "no failures\n")
    wrong = failures(tagport, stored, "--since", "lately")
    assert wrong.exit_code == 2 and "write 2h, 3d or" in wrong.output


def test_a_failure_is_sent_again_or_dropped(tagport: Tagport, stored: Path) -> None:
    one, two = (row["id"] for row in json.loads(failures(tagport, stored, "--format", "json").stdout)["failures"])
    again = failures(tagport, stored, "--resend", str(one))
    assert again.exit_code == 1  # the other one is left
    assert again.output.startswith(f"{one} is sent again\n") and "refused" not in again.output
    dropped = failures(tagport, stored, "--drop", str(two))
    assert (dropped.exit_code, dropped.output) == (0, f"{two} is dropped\nno failures\n")


def test_what_is_no_failure_is_told(tagport: Tagport, stored: Path) -> None:
    result = failures(tagport, stored, "--resend", "999")
    assert result.exit_code == 1
    assert "999: not changed" in result.output
    assert failures(tagport, stored, "--resend", "1", "--drop", "1").exit_code == 2


def test_failures_can_be_seen_while_the_workspace_is_broken(tagport: Tagport, stored: Path) -> None:
    (stored / "triggers" / "lead.yaml").write_text("evnt: [\n")
    assert failures(tagport, stored, "--format", "json").exit_code == 1


def test_a_store_without_its_key_is_refused(tagport: Tagport, stored: Path) -> None:
    (stored / "data" / "tagport.key").unlink()
    for result in (failures(tagport, stored), tagport("explain", "transaction_id=1001", stored)):
        assert result.exit_code == 2
        assert "the key file" in result.output
