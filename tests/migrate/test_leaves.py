"""Every leaf is counted once."""

from __future__ import annotations

from gtm_parameters import PARAMETERS

from container.migrate.leaves import Leaves

DATA = {
    "name": "Tag",
    "on": True,
    "none": None,
    "empty": {},
    "parameter": PARAMETERS,
}


def test_the_totals_add_up() -> None:
    leaves = Leaves(DATA)
    assert leaves.total == 3 + 3 + 6 + 2 + 3
    assert leaves.as_json() == {"total": 17, "used": 0, "bookkeeping": 0, "not_understood": 17}
    leaves.root.text("name")
    leaves.root.book_all("a rule", "on", "missing", "name")
    assert leaves.as_json() == {"total": 17, "used": 1, "bookkeeping": 1, "not_understood": 15}
    assert leaves.bookkeeping == {"a rule": 1}
    assert leaves.not_understood()[:2] == ["none", "parameter[0].type"]


def test_what_is_not_there_is_not_counted() -> None:
    leaves = Leaves(DATA)
    assert leaves.root.get("missing").get("deeper").text("x") == ""
    leaves.root.get("missing").use().book("a rule")
    assert leaves.as_json()["not_understood"] == leaves.total


def test_what_is_used_stays_used() -> None:
    leaves = Leaves(DATA)
    leaves.root.get("name").use().book("a rule")
    leaves.root.get("on").book("a rule")
    leaves.root.get("on").use()
    assert leaves.as_json()["used"] == 2
