"""What surrounds the event: the request, the conversion, consent, the container, time and chance."""

from __future__ import annotations

from decimal import Decimal

from speaking import value

from container.conversion import Conversion
from container.event import Request
from container.language.expression import Scope


def test_request() -> None:
    request = Request(
        method="POST",
        path="/g/collect",
        query_string="a=1&a=2",
        headers={"x-shop": "no", "cookie": "_fbp=fb.1", "cf-ipcountry": "NO"},
        client="ga4",
        debug=True,
    )
    over = Scope(request=request)
    for text, found in {
        "request.client": "ga4",
        "request.method": "POST",
        "request.debug": True,
        'request.query["a"]': "1",
        "request.query.b": None,
        'request.headers["X-Shop"]': "no",
        "request.cookies._fbp": "fb.1",
        "request.geo.country": "NO",
        "request.geo.city": None,
    }.items():
        assert value(text, over=over) == found, text
    assert value("request.path") is None
    assert value("request.query.a") is None


def test_conversion() -> None:
    conversion = Conversion(
        id="01J",
        kind="purchase",
        data={},
        sources=frozenset({"server", "browser"}),
        timestamp=1795428000.5,
        event_id="e-1",
        copy=2,
    )
    over = Scope(conversion=conversion)
    assert value("conversion.id", over=over) == "01J"
    assert value("conversion.copy", over=over) == 2
    assert value("conversion.sources", over=over) == ["browser", "server"]
    assert value("'browser' in conversion.sources", over=over) is True
    assert value("conversion.timestamp", over=over) == Decimal("1795428000.5")
    assert value("conversion.event_id") is None
    assert value("conversion.timestamp") is None


def test_consent_container_and_time() -> None:
    over = Scope(consent={"ad_storage": False}, container={"id": "shop"}, now=1795428000.0)
    assert value("consent.ad_storage", over=over) is False
    assert value("consent.ad_user_data", over=over) is None
    assert value("container.id", over=over) == "shop"
    assert value("now", over=over) == 1795428000
    assert value("now", over=Scope(now=1.23456)) == Decimal("1.235")


def test_random_is_one_number_a_record() -> None:
    one = value("random", over=Scope(record="01J"))
    assert one == value("random", over=Scope(record="01J"))
    assert one != value("random", over=Scope(record="01K"))
    assert 0 <= one < 2**31



def test_event_data_have_names_and_no_numbers() -> None:
    assert value("event[0]", {"0": "a"}) is None


def test_a_time_that_is_not_known_is_absent() -> None:
    assert value("now", over=Scope(now=0.0)) is None
