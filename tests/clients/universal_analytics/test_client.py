"""Universal Analytics hits, by the examples of Google's Measurement Protocol (v1) guide, and what else may come."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from universal_hits import BASE, CLIENT, PAGE, SERVER, has, one, sent

from container.clients.universal_analytics.client import MOST_HITS, MOST_PARAMETERS, PIXEL
from container.errors import Refused, TooLarge, Unreadable
from container.event import Request

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def test_claims() -> None:
    for path in ("/collect", "/j/collect", "/r/collect", "/ua"):
        assert CLIENT.claims("GET", path) and CLIENT.claims("POST", path)
    assert CLIENT.claims("POST", "/batch") and not CLIENT.claims("GET", "/batch")
    assert not any(CLIENT.claims("GET", path) for path in ("/g/collect", "/mp/collect", "/x/collect"))


def test_old_ecommerce_in_a_batch() -> None:
    body = "\r\n".join(
        (
            f"{BASE}&t=transaction&ti=12345&ta=westernWear&tr=50.00&ts=32.00&tt=12.00&cu=EUR",
            f"{BASE}&t=item&ti=12345&in=sofa&ip=300&iq=2&ic=u3eqds43&iv=furniture&cu=EUR",
            f"{BASE}&t=item&ti=other&in=lamp&ip=5",
            "",
        )
    )
    order, lamp = sent(body=body, path="/batch")
    assert order.name == "purchase"
    assert has(order, transaction_id="12345", affiliation="westernWear", value=50, shipping=32, tax=12, currency="EUR")
    assert order.data["items"] == [
        {"item_name": "sofa", "item_id": "u3eqds43", "item_category": "furniture", "price": 300, "quantity": 2}
    ]
    assert (lamp.name, lamp.data["items"]) == ("transaction_item", [{"item_name": "lamp", "price": 5}])


def test_the_body_is_the_hit_where_there_is_one() -> None:
    (event,) = sent("z=1", f"{PAGE}&dt=K%C3%B6ln+1", "/j/collect")
    assert (event.data["page_title"], event.request.query["dt"]) == ("Köln 1", "Köln 1")


def test_consent_click_ids_and_bots() -> None:
    event = one(f"{PAGE}&gcs=G101&gclid=AbC&dl=https%3A%2F%2Fs.de%2F%3Ffbclid%3DX", cookie="_fbp=fb.1.1.2")
    assert event.consent["analytics_storage"] is True and event.consent["ad_storage"] is False
    assert has(event, gclid="AbC", fbclid="X", fbp="fb.1.1.2", page_hostname="s.de")
    assert one(PAGE, user_agent=BOT).bot and not one(PAGE, client=SERVER, user_agent=BOT).bot


def test_who_the_visitor_is() -> None:
    event = one(f"{PAGE}&uip=198.51.100.1&ua=Visitor")
    assert has(event, ip_override="198.51.100.1", user_agent="Visitor")
    assert not {"ip_override", "user_agent", "fbp"} & set(one(PAGE, client=SERVER, cookie="_fbp=fb.1.1.2").data)
    event = one(f"{PAGE}&uip=here")
    assert (event.data["ip_override"], event.notes) == ("203.0.113.7", ("`ip_override` left out: not an IP address",))


def test_the_time_it_waited() -> None:
    assert one(f"{PAGE}&qt=1500").data["timestamp"] == 1795427999
    for wrong in ("-1", "x", "99999999999"):
        event = one(f"{PAGE}&qt={wrong}")
        assert event.data["timestamp"] == Decimal("1795428000.5") and len(event.notes) == 1


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("ev=%D9%A1%D9%A2", "`ev` left out: not a number"),
        ("pa=purchase&t=event&tr=1.234,50", "`tr` left out: not a number"),
        ("pa=add&t=event&pr1pr=NaN", "`pr1pr` left out: not a number"),
        ("pa=add&t=event&pr201id=x", "`pr201id` left out: items are numbered from 1 to 200"),
        ("dt=%zz", "a percent sign without two hex digits behind it was kept as it stands"),
        ("dt=%ff", "`dt` holds bytes that are not UTF-8: they became \ufffd"),
    ],
)
def test_what_cannot_be_read_is_noted(query: str, note: str) -> None:
    assert one(f"{BASE}&{query}&t=event&ea=x").notes == (note,)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("v=2&tid=G-1&t=pageview", "`v` must be 1"),
        ("v=1&t=pageview", "parameter `tid`"),
        ("v=1&tid=UA-1", "parameter `t`"),
        (f"{BASE}&t=event&ea={'x' * 201}", "longer than 200"),
    ],
)
def test_what_is_refused(query: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        sent(query)
    with pytest.raises(Unreadable, match=reason):
        sent(body=f"{PAGE}\n{query}", path="/batch")


def test_a_batch_names_the_hit() -> None:
    with pytest.raises(Unreadable, match="^hit 2: "):
        sent(body=f"{PAGE}\nv=1", path="/batch")
    with pytest.raises(Unreadable, match="no hit"):
        sent(body="\n \n", path="/batch")


def test_limits() -> None:
    assert len(sent(body="\n".join([PAGE] * MOST_HITS), path="/batch")) == MOST_HITS
    with pytest.raises(TooLarge, match="Google took 20"):
        sent(body="\n".join([PAGE] * (MOST_HITS + 1)), path="/batch")
    with pytest.raises(TooLarge):
        sent(PAGE + "&a=1" * MOST_PARAMETERS)


def test_answers() -> None:
    assert CLIENT.answer(Request("GET", "/collect"), []).body == PIXEL
    assert CLIENT.answer(Request("POST", "/j/collect"), []).body == b"1"


NAMES = st.sampled_from(
    ["t", "pa", "ea", "ev", "tr", "cu", "qt", "uip", "dl", "gcs", "pr1id", "pr1pr", "pr0id", "il1pi1id", "ti", "ip"]
)


@given(st.dictionaries(NAMES | st.text(max_size=5), st.text(max_size=20), max_size=8), st.booleans(), st.binary())
def test_anything_is_events_or_refused(parameters: dict[str, str], encoded: bool, raw: bytes) -> None:
    pairs = [(name, quote(value, errors="replace") if encoded else value) for name, value in parameters.items()]
    query = "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "replace").decode()
    for path, body in (("/collect", ""), ("/batch", f"{PAGE}&{query}\n{PAGE}"), ("/j/collect", f"{PAGE}&{query}")):
        try:
            events = sent(f"{PAGE}&{query}", body, path, cookie=raw.decode("latin-1"))
        except Refused as refused:
            assert str(refused)
        else:
            assert all(event.name and "timestamp" in event.data for event in events)
