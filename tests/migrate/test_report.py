"""The page an agency hands to its client."""

from __future__ import annotations

from container.migrate.report import report, summary
from container.migrate.result import BROWSER, UNSUPPORTED, Entry, Result

LEAVES = {"total": 9, "used": 5, "bookkeeping": 3, "not_understood": 1}


def result() -> Result:
    found = Result("GTM-A|B", False, LEAVES, {"ids": 3}, ["containerVersion.tag[0].odd"])
    done = Entry("tag", "1", "Meta | all", file="tags/meta_all.yaml", line=2)
    noted, hand = Entry("trigger", "2", "Buy"), Entry("variable", "3", "Odd", file="variables/odd.yaml", line=3)
    noted.note("differs <a bit>")
    hand.hand("write what it is")
    pixel, old = Entry("tag", "4", "Pixel"), Entry("tag", "5", "Old")
    pixel.left(BROWSER, "runs in the page")
    old.left(UNSUPPORTED, "has ended")
    found.entries = [done, pixel, old, noted, hand]
    found.secrets = {"TOKEN": "tag Meta"}
    return found


def test_grades_and_totals() -> None:
    assert summary(result()) == [
        "    1  converted",
        "    1  converted, with a note",
        "    1  needs your hand",
        "    1  stays in the browser",
        "    1  unsupported",
        "    9  values in the export: 5 used, 3 bookkeeping, 1 not understood",
    ]


def test_the_page_has_everything() -> None:
    page = report(result())
    for part in (
        "# GTM-A\\|B: from Google Tag Manager to tagport",
        "| needs your hand | 1 |",
        "- Tags: 1 of 3 work here as they are.",
        "- Variables: 0 of 1 work here as they are, 1 more when they have been seen to.",
        "1. **variable Odd** (variables/odd.yaml:3): write what it is",
        "- `TOKEN`: tag Meta",
        "Estimated work: 2 hours",
        "| Meta \\| all | 1 | converted | [tags/meta_all.yaml:2](tags/meta_all.yaml) |  |",
        "| Buy | 2 | converted, with a note | – | differs &lt;a bit> |",
        "- 3: ids",
        "- `containerVersion.tag[0].odd`",
    ):
        assert part in page


def test_nothing_to_do() -> None:
    assert "Nothing: everything that runs on a server has been taken over." in report(Result("A", False, LEAVES))
