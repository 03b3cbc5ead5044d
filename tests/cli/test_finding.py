"""What is meant by what a person knows: an order's name, an address, an id."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Tagport = Callable[..., Result]


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



@pytest.mark.parametrize(
    ("what", "hint"),
    [("transacton_id=1001", "`transaction_id`"), ("valu=5", "`value`"), ("zzz=1", "variables are")],
)
def test_a_key_by_which_nothing_is_known_is_told(tagport: Tagport, stored: Path, what: str, hint: str) -> None:
    result = tagport("explain", what, stored)
    assert result.exit_code == 2
    assert f"nothing is known by `{what.partition('=')[0]}`" in result.output
    assert hint in result.output


def test_any_field_of_an_event_finds_its_record(tagport: Tagport, stored: Path) -> None:
    assert explained(tagport, "value=5", stored) == ["purchase 1002"]
