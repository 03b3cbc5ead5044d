"""Click ids from URLs and cookies, none of them ever changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.clicks import (
    GOOGLE_COOKIES,
    add_clicks,
    from_cookies,
    from_url,
    ga_client_id,
    ga_session,
    google_click,
    meta_click,
)
from container.event import CLICK_IDS

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "clients" / "cookies.json").read_text())
FBCLID = VECTORS["fbc"][0]["fbclid"]
FBC = VECTORS["fbc"][0]["fbc"]


@pytest.mark.parametrize("name", ["gcl_aw", "FPGCLAW"])
def test_google_vectors(name: str) -> None:
    vector = VECTORS[name]
    assert google_click(vector["cookie"]) == (vector["gclid"], vector["ts"])


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ("GCL.5.a.b.c", ("a.b.c", 5)),
        ("GCL.x.a", ("a", 0)),
        ("2.1.kA.b$i7$u1", ("A.b", 7)),
        ("GCL.5.", None),
        ("GCL", None),
        ("2.1.", None),
        ("", None),
    ],
)
def test_google_cookies(cookie: str, expected: tuple[str, int] | None) -> None:
    assert google_click(cookie) == expected


@pytest.mark.parametrize("cookie", GOOGLE_COOKIES)
def test_every_google_cookie(cookie: str) -> None:
    assert from_cookies({cookie: "GCL.5.AbC"}) == {GOOGLE_COOKIES[cookie]: "AbC"}


def test_the_newer_of_two_cookies_of_one_sort() -> None:
    older, newer = "GCL.1764340310.older", "2.1.knewer$i1764340311"
    assert from_cookies({"_gcl_aw": older, "FPGCLAW": newer})["gclid"] == "newer"
    assert from_cookies({"_gcl_aw": "GCL.1764340312.latest", "FPGCLAW": newer})["gclid"] == "latest"


def test_newest_click_first() -> None:
    cookies = {"_gcl_aw": "GCL.10.a", "_gcl_gb": "GCL.30.b", "_fbc": "fb.1.20000.c"}
    assert [name for name in from_cookies(cookies) if name in CLICK_IDS] == ["wbraid", "fbclid", "gclid"]


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (FBC, (VECTORS["fbc"][0]["now_ms"] // 1000, FBCLID)),
        ("fb.1.1000.a.b-c_d", (1, "a.b-c_d")),
        ("fb.1.1000.abc.AQ", (1, "abc")),
        ("fb.1.1000.abc.AQECAQEB", (1, "abc")),
        ("fb.2.1000.abc", (1, "abc")),
        ("fb.1.1000", (0, "")),
        ("xx.1.1000.abc", (0, "")),
    ],
)
def test_meta_cookies(cookie: str, expected: tuple[int, str]) -> None:
    assert meta_click(cookie) == expected


def test_other_cookies_as_they_are() -> None:
    cookies = {"_fbp": VECTORS["fbp"]["example"], "_ttp": "Ttp", "ttclid": "E.C.P.x%2F", "_uetmsclkid": "_uetAb"}
    assert from_cookies(cookies) == {
        "fbp": VECTORS["fbp"]["example"], "ttp": "Ttp", "ttclid": "E.C.P.x%2F", "msclkid": "Ab",
    }  # fmt: skip


@pytest.mark.parametrize("name", CLICK_IDS)
def test_url(name: str) -> None:
    assert from_url(f"https://x.de/a?b=1&{name}=A%2Fb.-_+&{name}=2#gclid=3") == {name: "A/b.-_+"}


@pytest.mark.parametrize("url", ["", "https://x.de/gclid=1", "https://x.de/?gclid=", "?xgclid=1", "?Gclid=1"])
def test_urls_without_click(url: str) -> None:
    assert from_url(url) == {}


def test_url_before_cookie_and_own_value_before_both() -> None:
    data: dict[str, Any] = {"ttclid": "own", "fbp": ""}
    add_clicks(data, "/?gclid=url&ttclid=url", {"_gcl_aw": "GCL.5.cookie", "_fbp": "fb.1.1.2", "_gcl_gb": "GCL.5.w"})
    assert data == {"ttclid": "own", "gclid": "url", "fbp": "fb.1.1.2", "wbraid": "w"}


def test_a_new_fbclid_leaves_the_cookie_of_an_older_click_out() -> None:
    data: dict[str, Any] = {}
    add_clicks(data, "/?fbclid=new", {"_fbc": "fb.1.1000.old"})
    assert data == {"fbclid": "new"}
    data = {}
    add_clicks(data, "/?fbclid=same", {"_fbc": "fb.1.1000.same"})
    assert data == {"fbclid": "same", "fbc": "fb.1.1000.same"}


def test_ga_client_id() -> None:
    assert ga_client_id(VECTORS["ga"]["cookie"]) == VECTORS["ga"]["client_id"]
    for cookie, client_id in VECTORS["ga"]["also"].items():
        assert ga_client_id(cookie) == client_id
    assert ga_client_id("1234.5678") == ""
    assert ga_client_id("") == ""


@pytest.mark.parametrize("vector", VECTORS["ga_stream"], ids=lambda vector: str(vector["cookie"])[:3])
def test_ga_session(vector: dict[str, str]) -> None:
    assert ga_session(vector["cookie"]) == (vector["session_id"], vector["session_number"])


@pytest.mark.parametrize("cookie", ["", "GS3.1.s1$o2", "GS1", "GS2.1"])
def test_no_session(cookie: str) -> None:
    assert ga_session(cookie) == ("", "")


COOKIES = st.dictionaries(
    st.sampled_from(["_fbc", "_fbp", "_ttp", "ttclid", "_uetmsclkid", *GOOGLE_COOKIES]),
    st.text() | st.from_regex(r"(GCL|fb|2)\.[0-9]{0,30}\.?.{0,20}"),
)


@given(st.text() | st.text().map(lambda text: f"https://x.de/?gclid={text}"), COOKIES)
def test_nothing_raises(url: str, cookies: dict[str, str]) -> None:
    data: dict[str, Any] = {}
    add_clicks(data, url, cookies)
    assert all(isinstance(value, str) and value for value in data.values())
