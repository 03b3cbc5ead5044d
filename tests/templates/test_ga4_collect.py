"""Hits sent on: what came in by the client `ga4` goes out as gtag sent it, and nothing personal beside."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from gallery import problems, sent, template, worked

from container.clients.common import Notes
from container.clients.ga4.hit import read
from container.event import Request

COLLECT = "ga4_collect"
PARAMS = {"measurement_id": "G-ABCDE12345"}


def query(request: dict[str, Any]) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request["url"]).query))


def arrived(query_string: str) -> dict[str, Any]:
    """The event the client makes of a hit."""
    request = Request(method="GET", path="/g/collect", query_string=query_string, ip="203.0.113.7", received=1795428000)
    return {**read(request, {}, Notes()), "timestamp": 1795428000}


def test_a_worked_hit_goes_out_as_it_came() -> None:
    expected = worked("google_04_g_collect_hit")["request"]
    event = arrived(urlsplit(expected["url"]).query)
    found = sent(COLLECT, {**PARAMS, "method": "GET"}, {**event, "user_agent": expected["headers"]["User-Agent"]}, 1.0)
    decoded = {name: value for name, value in expected["decoded_query"].items() if value}
    assert query(found) == {**decoded, "_uip": "203.0.113.7"}
    assert (found["method"], found["body"]) == ("GET", None)
    assert found["url"].partition("?")[0] == expected["url"].partition("?")[0]
    assert found["headers"] == {"User-Agent": expected["headers"]["User-Agent"]}


def test_a_post_has_the_event_in_its_body() -> None:
    hit = worked("google_04_g_collect_hit")["request"]["decoded_query"]
    event = arrived(urlsplit(worked("google_04_g_collect_hit")["request"]["url"]).query)
    found = sent(COLLECT, PARAMS, event, 1.0)
    (line,) = found["body"].split("\n")
    body, shared = dict(parse_qsl(line)), query(found)
    assert {**shared, **body} == {**{name: value for name, value in hit.items() if value}, "_uip": "203.0.113.7"}
    assert {"en", "pr1", "cu", "ep.transaction_id", "epn.value", "up.customer_tier", "_et", "_c"} <= body.keys()
    assert {"v", "tid", "cid", "sid", "gcs", "gcd", "dl", "ul", "uaa"} <= shared.keys()
    assert found["headers"]["Content-Type"] == "text/plain;charset=UTF-8"


def test_unknown_parameters_are_sent_on_untouched() -> None:
    event = arrived("v=2&tid=G-OTHER&cid=1.2&en=scroll&tag_exp=101~102&xyz=a%2Fb&epn.percent_scrolled=90")
    found = query(sent(COLLECT, {**PARAMS, "method": "GET"}, event, 1.0))
    assert (found["tag_exp"], found["xyz"], found["epn.percent_scrolled"]) == ("101~102", "a/b", "90")
    assert found["tid"] == "G-ABCDE12345"  # another property's hit


def test_customer_data_of_the_page_stay_behind() -> None:
    event = arrived("v=2&tid=G-1&cid=1.2&en=sign_up&ep.user_data.email_address=mary%40example.org&em=tv.1~em.abc")
    found = sent(COLLECT, {**PARAMS, "method": "GET"}, event, 1.0)
    assert "mary" not in found["url"] and "em" not in query(found)
    told = {**PARAMS, "method": "GET", "user_data": {"email_address": "mary@example.org"}}
    assert query(sent(COLLECT, told, event, 1.0))["em"].startswith("tv.1~em.")


@pytest.mark.parametrize(
    ("event", "path"),
    [({"client_id": ""}, "form.cid"), ({"event_name": "a" * 41}, "form.en"), ({"user_id": "u" * 257}, "form.uid")],
)
def test_hits_that_google_would_drop(event: dict[str, Any], path: str) -> None:
    good = {"event_name": "scroll", "client_id": "1.2", "timestamp": 1795428000}
    (found,) = problems(COLLECT, PARAMS, {**good, **event}, 1.0)
    assert found["path"] == path


def test_what_the_delivery_goes_by() -> None:
    found = template(COLLECT)
    assert found.targets_many and found.rules.most == 1 and found.rules.limit(b"") == 72 * 3600
    assert found.rules.judge(204, {}, "", 1)[0] == "accepted"
