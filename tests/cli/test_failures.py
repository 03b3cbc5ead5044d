"""`failures`: what ended badly, told, sent again or dropped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result
from days import Day

Tagport = Callable[..., Result]


def failures(tagport: Tagport, folder: Path, *options: str) -> Result:
    return tagport("failures", folder, *options)


def not_made(tagport: Tagport, folder: Path, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(failures(tagport, folder, *options, "--format", "json").stdout)["not_made"]
    return found


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


def test_calls_that_could_not_be_made_are_told_and_are_no_failures(tagport: Tagport, shop: Path) -> None:
    granted = dict.fromkeys(("ad_storage", "ad_user_data", "analytics_storage"), True)

    async def orders() -> None:
        async with Day(shop) as day:
            await day.api(0, transaction_id="1", consent_state=granted)  # no page: TikTok does not take it
            await day.api(60, transaction_id="2", consent_state=granted)

    asyncio.run(orders())
    result = failures(tagport, shop)
    assert result.exit_code == 0 and result.output.startswith("no failures\n")
    assert "2 × not made  tiktok_purchase  the last 2026-11-23T10:01:00Z" in result.output
    [told] = [one for one in not_made(tagport, shop) if one["tag"] == "tiktok_purchase"]
    assert told["reason"] in result.output and f"`tagport explain {told['record']}`" in result.output
    assert tagport("explain", told["record"], shop).output.count("invalid") >= 1
    assert {one["count"] for one in not_made(tagport, shop, "--since", "2026-11-23T10:00:30Z")} == {1}
    assert not_made(tagport, shop, "--since", "2026-11-23T10:02:00Z") == []


def test_what_is_no_failure_is_told(tagport: Tagport, stored: Path) -> None:
    result = failures(tagport, stored, "--resend", "999")
    assert result.exit_code == 1
    assert "999: not changed" in result.output
    assert failures(tagport, stored, "--resend", "1", "--drop", "1").exit_code == 2


def test_failures_can_be_seen_while_the_workspace_is_broken(tagport: Tagport, stored: Path) -> None:
    (stored / "triggers" / "lead.yaml").write_text("evnt: [\n")
    assert failures(tagport, stored, "--format", "json").exit_code == 1
