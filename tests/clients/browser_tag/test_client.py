"""The script as it is served, and what the events it posts become."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from container.clients import KINDS
from container.clients.browser_tag import BrowserTagClient
from container.clients.browser_tag.client import MOST_EVENTS, script
from container.errors import Refused
from container.event import Event, Request
from container.language.expression import Context
from container.node import Scalar
from container.problems import Place, Problems

ROOT = Path(__file__).parents[3]
CLIENT = BrowserTagClient(id="site", name="Site", source="browser")
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

GA = "GA1.1.1234567890.1795000000"


def posted(*events: Any, **headers: str) -> list[Event]:
    told = {"user-agent": CHROME, **headers}
    request = Request("POST", "/tagport", headers=told, ip="203.0.113.7", received=1_795_428_000.0)
    request.body = json.dumps(list(events)).encode()
    return CLIENT.events(request)


def asked(**headers: str) -> Any:
    request = Request("GET", "/tagport.js", headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert CLIENT.events(request) == []
    return CLIENT.answer(request, [])


def test_what_is_served_is_built_from_the_source_and_small() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from build_tag import built
    finally:
        sys.path.pop(0)
    source = (ROOT / "container" / "clients" / "browser_tag" / "tag.js").read_text()
    assert script().plain == built(source), "run scripts/build-tag"
    assert len(script().packed) < 3000
    forbidden = (b"eval(", b"new Function", b"innerHTML", b"createElement", b"document.write", b"http:", b"https:")
    assert [word for word in forbidden if word in script().plain] == []


def test_the_script_is_packed_where_the_browser_takes_that_and_not_sent_twice() -> None:
    plain, packed = asked(), asked(accept_encoding="gzip, deflate, br")
    assert gzip.decompress(packed.body) == plain.body == script().plain
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=3600"
    again = asked(if_none_match=plain.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_what_it_claims() -> None:
    assert CLIENT.claims("GET", "/tagport.js") and CLIENT.claims("POST", "/tagport")
    assert not CLIENT.claims("POST", "/tagport.js") and not CLIENT.claims("GET", "/tagport")
    other = BrowserTagClient(id="site", name="Site", source="browser", path="/m/a.js")
    assert other.claims("GET", "/m/a.js") and other.claims("POST", "/m/a")


def test_an_event_and_what_the_browser_and_its_cookies_add() -> None:
    (event,) = posted(
        {
            "event_name": "purchase",
            "event_id": "purchase.x.1",
            "timestamp": 1_795_427_990.25,
            "value": 149.9,
            "page_location": "https://shop.example/thanks?gclid=Cj0",
            "consent_state": {"ad_storage": True, "analytics_storage": False, "sale_or_sharing": False},
            "common_cookie": {"_ga": GA, "_fbp": "fb.1.1.9", "_ga_AB": "GS2.1.s1795427000$o3$g1"},
        },
        cookie="_fbp=fb.1.1.2",
    )
    assert event.consent == {"ad_storage": True, "analytics_storage": False, "sale_or_sharing": False}
    assert (event.data["client_id"], event.data["ga_session_id"]) == ("1234567890.1795000000", "1795427000")
    assert (event.data["gclid"], event.data["fbp"]) == ("Cj0", "fb.1.1.2"), "the browser's own cookie counts"
    assert (event.data["page_hostname"], event.data["ip_override"]) == ("shop.example", "203.0.113.7")
    assert event.data["user_agent"] == CHROME
    assert float(event.data["timestamp"]) == 1_795_427_990.25
    assert "common_cookie" not in event.data
    assert (event.request.source, event.request.client) == ("browser", "site")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b"{}", "no list of events"),
        (b"[]", "no list of events"),
        (b"[1]", "event 1: an event is an object"),
        (b'[{"event_name": "a"}, {}]', "event 2: `event_name`"),
        (b'[{"event_name": "a", "consent_state": {"ad_storage": "maybe"}}]', "consent_state.ad_storage"),
        (b'[{"event_name": "a", "items": 3}]', "`items` must be a list"),
        (json.dumps([{"event_name": "a"}] * (MOST_EVENTS + 1)).encode(), f"{MOST_EVENTS} is the most"),
        (b"\xff\xfe[", "not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(body: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        CLIENT.events(Request("POST", "/tagport", body=body))


@pytest.mark.parametrize("cookies", [None, 3, "x", ["_fbp"], {"_fbp": 3}, {"_fbp": "x" * 3000}])
def test_cookies_that_are_none_are_left_out(cookies: Any) -> None:
    (event,) = posted({"event_name": "page_view", "common_cookie": cookies})
    assert "fbp" not in event.data


def test_a_crawler_is_known() -> None:
    assert posted({"event_name": "page_view"}, **{"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"})[0].bot


def test_a_path_that_is_no_script_s_is_told() -> None:
    problems = Problems()
    written = Scalar(Place("container.yaml", 3, 10), "/tag", quoted=False)
    KINDS["browser_tag"].compile("site", {"path": written}, Context(problems))
    (problem,) = problems
    assert (problem.code, problem.line) == ("bad-path", 3)
