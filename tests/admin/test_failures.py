"""What was not delivered: grouped by tag and reason, with what to do about it."""

from __future__ import annotations

from dataclasses import replace

from delivering import call
from gallery import GALLERY, template

from container.admin.failures import OWN_ADVICE, adviser, as_json, grouped, shown, since
from container.ledger.interface import Failure, Row

GALLERY_ADVICE = adviser({path.stem: template(path.stem).advice.of for path in GALLERY.glob("*.yaml")})


def failed(id: int, reason: str, state: str = "refused", tag: str = "meta", **changes: object) -> Failure:
    made = replace(call(), tag=tag, template="meta_conversions_api", **changes)  # type: ignore[arg-type]
    return Failure(Row(id, None, "r", made, 0.0, state=state, reason=reason), 1795428000.0 + id)


OLD = "400 100/2804003 Invalid parameter (Event Timestamp Too Old)"


def test_the_largest_group_comes_first_and_says_what_to_do() -> None:
    failures = [failed(1, "400 190/463 Session expired"), failed(2, OLD), failed(3, OLD), failed(4, OLD, tag="other")]
    groups = grouped(failures, GALLERY_ADVICE)
    assert [(group["tag"], group["count"], group["ids"]) for group in groups] == [
        ("meta", 2, [2, 3]), ("meta", 1, [1]), ("other", 1, [4]),
    ]  # fmt: skip
    assert groups[0]["advice"].startswith("The event was older than 7 days")
    assert groups[1]["advice"].startswith("The token has expired.")
    assert groups[0]["since"] == "2026-11-23T10:00:02Z"


def test_reasons_that_differ_in_ids_only_are_one() -> None:
    names = ("200 40002 Batch.0.contents.1: Not a valid string", "200 40002 Batch.7.contents.0: Not a valid string")
    (group,) = grouped([failed(1, names[0]), failed(2, names[1])])
    assert (group["count"], group["reason"]) == (2, names[0])
    assert len(grouped([failed(1, "200 40002 same"), failed(2, "200 40001 same")])) == 2


def test_outcomes_have_advice_of_their_own() -> None:
    for state in ("unknown", "stopped", "refused", "expired"):
        told = as_json(failed(1, "older than the vendor takes (7 d)", state), GALLERY_ADVICE)
        assert told["advice"] == OWN_ADVICE[state]
    assert "could not" not in as_json(failed(1, "400 999999 New"), GALLERY_ADVICE)["advice"]


def test_personal_data_in_reasons_are_masked() -> None:
    told = shown([failed(1, "400 100 bad value mary@example.org")], GALLERY_ADVICE)
    assert "mary@" not in str(told)


def test_since() -> None:
    failures = [failed(1, OLD), failed(9, OLD)]
    assert [failure.row.id for failure in since(failures, 1795428005.0)] == [9]


def test_every_code_of_the_gallery_has_advice_that_is_a_sentence() -> None:
    for path in GALLERY.glob("*.yaml"):
        for code, advice in template(path.stem).advice.codes.items():
            assert advice.endswith(".") and len(advice) > 10, f"{path.stem} {code}"
