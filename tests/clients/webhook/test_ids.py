"""Click ids and browser ids from what a webhook carries."""

from __future__ import annotations

from typing import Any

import pytest

from container.clients.webhook.ids import LONGEST, ids

FIELDS = {
    "_ga": "GA1.2.111.222", "_ga_ABC": "GS2.1.s1795427000$o3$g1", "_fbp": "fb.1.1.2", "_fbc": "fb.1.1000.Xy",
    "_ttp": "Ttp", "gbraid": "GbR", "event_id": "e-1", "gift": "yes", "empty": "",
}  # fmt: skip
FOUND = {
    "client_id": "111.222", "ga_session_id": "1795427000", "ga_session_number": 3, "fbp": "fb.1.1.2",
    "fbc": "fb.1.1000.Xy", "fbclid": "Xy", "ttp": "Ttp", "gbraid": "GbR", "event_id": "e-1",
}  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        FIELDS,
        [{"name": name, "value": value} for name, value in FIELDS.items()],
        [{"id": 1, "key": name, "value": value} for name, value in FIELDS.items()],
    ],
)
def test_mappings_and_lists_of_pairs(source: Any) -> None:
    assert ids([source]) == FOUND


def test_urls() -> None:
    assert ids(["/?gclid=A&x=1", "https://a.de/?gclid=B&msclkid=M"]) == {"gclid": "A", "msclkid": "M"}


def test_a_field_before_a_url_before_a_cookie() -> None:
    cookie = {"_gcl_aw": "GCL.5.cookie"}
    assert ids([cookie]) == {"gclid": "cookie"}
    assert ids(["/?gclid=landed", cookie])["gclid"] == "landed"
    assert ids(["/?gclid=landed", cookie, {"gclid": "noted"}])["gclid"] == "noted"
    assert ids([{"client_id": "own"}, {"_ga": "GA1.1.1.2"}])["client_id"] == "own"
    assert ids([{"gclid": "first"}, {"gclid": "second"}])["gclid"] == "first"


def test_numbers_are_text_and_nonsense_is_nothing() -> None:
    nonsense = {"client_id": True, "fbp": 1.5, "ttp": [], "gclid": "x" * (LONGEST + 1)}
    assert ids([{"ga_session_id": 1795427000, **nonsense}]) == {"ga_session_id": "1795427000"}
    assert ids([None, 5, ["x", None, {"value": "v"}, {"name": 5, "value": "v"}], {5: "x"}, ""]) == {}
