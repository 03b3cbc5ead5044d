"""The server's client id: cookie FPID set, read, and `_ga` taken over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from container.clients.ga4 import GA4Client
from container.clients.ga4.fpid import ServerClientId, client_id
from container.event import Event, Request

FPID = "FPID2.2.UGZp%2FI9CCimRLhiVfNThoJgIkddJ7DjNjuhYawNqaAM%3D.1760043792"
GA = "_ga=GA1.1.1307714608.1760043792"
CID = "1307714608.1760043792"
HIT = f"v=2&tid=G-1&en=page_view&cid={CID}"
H01 = json.loads((Path(__file__).parents[2] / "data" / "clients" / "ga4_hits" / "h01.json").read_text())
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def hit(cookie: str = "", query: str = HIT, source: str = "browser", agent: str = "M", **options: Any) -> Event:
    client = GA4Client(id="ga4", name="GA4", source=source, client_ids=ServerClientId(**options))
    headers = {"cookie": cookie, "host": "sst.shop.example", "user-agent": agent}
    (event,) = client.events(Request("GET", "/g/collect", query, headers, "192.0.2.1", received=1795428000.5))
    return event


def test_a_recorded_hit_with_googles_cookie() -> None:
    event = hit(f"{GA}; FPID={FPID}", H01["query"])
    assert event.data["client_id"] == "UGZp/I9CCimRLhiVfNThoJgIkddJ7DjNjuhYawNqaAM=.1760043792"
    assert event.data["x-ga-js_client_id"] == CID
    (cookie,) = event.cookies
    assert (cookie.name, cookie.value, cookie.lifetime) == ("FPID", FPID, 63_072_000)
    assert cookie.http_only and cookie.is_sound and cookie.needs == ("analytics_storage",)


def test_a_first_visit() -> None:
    first, second = hit(), hit()
    (cookie,) = first.cookies
    assert cookie.value.startswith("FPID2.2.") and cookie.value.endswith(".1760043792") and cookie.is_sound
    assert first.data["client_id"] == second.data["client_id"] == client_id(cookie.value)
    assert CID not in cookie.value
    assert hit(f"FPID={cookie.value}").data["client_id"] == first.data["client_id"]
    assert hit(query=HIT.replace(CID, "5.1760043792")).data["client_id"] != first.data["client_id"]


def test_ga_is_taken_over_on_request_only() -> None:
    event = hit(GA, takes_over=True)
    assert (event.data["client_id"], event.cookies[0].value) == (CID, f"FPID1.2.{CID}")
    assert hit(f"FPID=FPID1.2.{CID}", query=HIT.replace(CID, "5.6")).data["client_id"] == CID
    assert hit(GA).data["client_id"] != CID
    assert hit("", takes_over=True).data["client_id"] != CID
    assert hit("_ga=GA1.1.x.y", takes_over=True).cookies[0].value.startswith("FPID2.")


def test_where_analytics_is_refused_it_is_neither_read_nor_set() -> None:
    for refused in ("&gcs=G100", "&gcs=G100&gcd=13p3p3p3p5l1", "&gcs=G110"):
        event = hit(f"FPID={FPID}", HIT + refused)
        assert (event.data["client_id"], event.cookies) == (CID, ())
        assert "x-ga-js_client_id" not in event.data


def test_a_cookie_that_is_none_is_replaced() -> None:
    for value in ("", "FPID2", "FPID2.2.x.1", "FPID1.2.a.b", "FPID9.2.1.2", FPID + "x", "FPID1.2.1.2.3"):
        (cookie,) = hit(f"FPID={value}").cookies
        assert cookie.value != value and cookie.is_sound and client_id(cookie.value)


def test_only_for_browsers() -> None:
    assert hit(f"FPID={FPID}", source="server").cookies == ()
    assert hit(f"FPID={FPID}", source="server").data["client_id"] == CID
    assert hit(agent=BOT).bot and hit(agent=BOT).cookies == ()


def test_every_line_of_a_body_is_of_one_client() -> None:
    client = GA4Client(id="ga4", name="GA4", source="browser", client_ids=ServerClientId())
    request = Request("POST", "/g/collect", f"v=2&tid=G-1&cid={CID}", {}, body=b"en=a\r\nen=b", received=1795428000.5)
    first, second = client.events(request)
    assert first.data["client_id"] == second.data["client_id"] != CID


def test_a_hit_without_a_client_id_gets_one() -> None:
    event = hit(query="v=2&tid=G-1&en=a")
    assert event.data["client_id"].endswith(".1795428000")
    assert "x-ga-js_client_id" not in event.data


@given(st.text(), st.text())
def test_any_cookie(value: str, ga: str) -> None:
    clean = value.encode("utf-8", "replace").decode()
    event = hit(f"FPID={clean}; _ga={ga.encode('utf-8', 'replace').decode()}", takes_over=True)
    assert event.data["client_id"]
    assert all(cookie.is_sound for cookie in event.cookies)
