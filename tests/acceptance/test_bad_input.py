"""Bad input against the real server: told why, never a 500, never a hang; and the next good order goes through."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import socket
import time
import zlib
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
from live import LiveShop, live_shop, purchase_hit
from processes import ENVIRONMENT, until
from wire import Told, chunked, many, request, resident, told

BEARER = f"Bearer {ENVIRONMENT['EVENTS_TOKEN']}"
HIT = "/g/collect?v=2&tid=G-1&en=page_view"
CONSENT = {"ad_storage": True, "ad_user_data": True, "analytics_storage": True}
SECRETS = [value for name, value in ENVIRONMENT.items() if "TOKEN" in name or "SECRET" in name]
MAIL = "jane.roe@example.com"
PATH = "../../a b\r\nX-Evil: 1"
ECHO = """
title: Writes event data into the URL and into headers
params: {properties: {token: {type: string, format: secret}}}
target: "{{ event.transaction_id }}"
request:
  method: POST
  url: https://echo.example/orders/{{ event.transaction_id }}
  query: {term: "{{ event.search_term }}"}
  headers: {X-Title: "{{ event.page_title }}", Authorization: "Bearer {{ params.token }}"}
  json: {id: "{{ event.transaction_id }}", said: "{{ event.search_term }}"}
contract: {type: object}
response: {delivered: "{{ status == 200 }}"}
"""
ECHO_TAG = """
template: echo
triggers: [purchase]
params: {token: "{{ secret.META_ACCESS_TOKEN }}"}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with live_shop(tmp_path_factory.mktemp("bad")) as running:
        (running.folder / "templates").mkdir(exist_ok=True)
        (running.folder / "templates" / "echo.yaml").write_text(ECHO)
        (running.folder / "tags" / "echo.yaml").write_text(ECHO_TAG)
        running.restart()
        yield running


def event(**data: Any) -> bytes:
    """A purchase to which all have agreed, with something wrong in it."""
    told = {
        "event_name": "purchase",
        "value": 10,
        "currency": "EUR",
        "page_location": "https://shop.example/thanks",
        "client_id": "1.2",
        "consent_state": CONSENT,
        **data,
    }
    return json.dumps(told).encode()


def posted(shop: LiveShop, body: bytes) -> Told:
    return told(shop.serving.port, request("POST", "/events", body, authorization=BEARER))


def webhook(payload: Any, topic: str = "orders/paid", secret: str = ENVIRONMENT["SHOPIFY_WEBHOOK_SECRET"]) -> bytes:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    digest = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    return request("POST", "/webhooks/shopify", body, x_shopify_topic=topic, x_shopify_hmac_sha256=digest)


def a_good_order_goes_through(shop: LiveShop, order: str) -> None:
    started = time.monotonic()
    assert shop.page(order) == 204
    assert time.monotonic() - started < 2
    until(lambda: all(order in orders for orders in shop.orders().values()), 10)


UNREADABLE = {
    b"": "not JSON",
    b"{": "line 1, column 2",
    b'{"event_name": "\xff"}': "not UTF-8",
    b'{"event_name": "a\x00"}': "control character",
    b"[" * 100_000: "nested too deeply",
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000: "nested too deeply",
    b'{"event_name": "x", "a": ' + b"[" * 30 + b"]" * 30 + b"}": "nested deeper than 20 levels",
    b'{"event_name": "x", "value": 1e999}': "out of range",
    b'{"event_name": "x", "value": NaN}': "not a JSON number",
    b'{"event_name": "x", "value": ' + b"9" * 400 + b"}": "out of range",
    b'{"event_name": "x", "value": ' + b"9" * 5000 + b"}": "out of range",
    b'{"event_name": "x", "value": 0.' + b"9" * 500_000 + b"}": "out of range",
    b"[]": "holds no event",
    b"5": "an event is an object",
    b'[{"event_name": "x"}, 5]': "event 2: an event is an object",
    b'{"event_name": 5}': "`event_name` must be a text",
    b'{"event_name": {"a": 1}}': "`event_name` must be a text",
    event(event_name="x" * 10_000): "longer than 200 characters",
    event(transaction_id={"a": 1}): "`transaction_id` must be a text or a number",
    event(transaction_id=["1"]): "`transaction_id` must be a text or a number",
    event(transaction_id=True): "`transaction_id` must be a text or a number",
    event(items="SKU-1"): "`items` must be a list",
    event(user_data=MAIL): "`user_data` must be an object",
    event(consent_state="granted"): "`consent_state` must be an object",
    event(consent_state={"ad_storage": 5}): "`consent_state.ad_storage` must be true, false",
}


def test_what_cannot_be_read_is_400_with_the_reason(shop: LiveShop) -> None:
    for body, reason in UNREADABLE.items():
        answer = posted(shop, body)
        assert answer.status == 400, (body[:60], answer)
        assert reason.lower() in answer.body.lower(), (body[:60], answer.body)
        assert MAIL not in answer.body
    a_good_order_goes_through(shop, "1001")


def test_the_door_refuses_what_it_must(shop: LiveShop) -> None:
    ten, mega = 10 << 20, b"x" * (1 << 20)
    order = {"id": 5, "note": "x"}
    cases = [
        (request("POST", "/events", b"x" * ten, authorization=BEARER), 413, "limit of 1048576 bytes"),
        (request("POST", "/events", chunked([mega] * 10), transfer_encoding="chunked"), 413, "limit"),
        (request("POST", "/g/collect?v=2&tid=G-1", b"x" * ten), 413, "limit"),
        (request("POST", "/events", b"x", authorization=BEARER, content_length=str(ten)), 413, "limit"),
        (request("POST", "/nowhere", b"x" * ten), 404, "no client"),
        (request("POST", "/events", event()), 401, "Authorization"),
        (request("POST", "/events", event(), authorization="Bearer \xe9"), 401, "token"),
        (webhook(order, secret="another"), 401, "signature"),
        (request("POST", "/webhooks/shopify", b"{}", x_shopify_topic="orders/paid"), 401, "Hmac"),
        (webhook(b'{"id": '), 400, "not JSON"),
        (webhook([1]), 400, "not a JSON object"),
        (webhook({"id": None}), 400, "no id"),
        (webhook(order, topic=" "), 400, "Topic"),
        (request("GET", "/g/collect?v=1&tid=UA-1"), 400, "`v` must be 2"),
        (request("GET", HIT + "".join(f"&ep.p{number}=1" for number in range(2000))), 413, "1000 is the most"),
        (request("GET", b"/g/collect?v=2&tid=G-1&en=x&ep.a=\xff\xfe"), 400, ""),
        (request("GET", HIT, **{f"x{number}": "a" * 100 for number in range(5000)}), 431, "limit"),
        (request("GET", "/g/collect/"), 404, "no client"),
        (request("GET", "/events%2f"), 404, "no client"),
        (request("PUT", HIT), 405, "not taken"),
        (request("DELETE", "/events"), 405, "not taken"),
        (request("OPTIONS", "/events", origin="https://shop.example"), 405, "not taken"),
        (request("OPTIONS", "/g/collect", origin="https://shop.example"), 204, ""),
        (request("POST", "/events", gzip.compress(event()), authorization=BEARER, content_encoding="gzip"), 200, ""),
        (request("POST", "/events", brotli.compress(event()), authorization=BEARER, content_encoding="br"), 200, ""),
        (request("POST", "/events", zlib.compress(event()), authorization=BEARER, content_encoding="deflate"), 200, ""),
        (request("POST", "/events", gzip.compress(b"0" * (100 << 20)), content_encoding="gzip"), 413, "decompressed"),
        (request("POST", "/events", brotli.compress(b"0" * (100 << 20)), content_encoding="br"), 413, "decompressed"),
        (request("POST", "/events", gzip.compress(event())[:-9], content_encoding="gzip"), 400, "cut short"),
        (request("POST", "/events", event(), content_encoding="gzip"), 400, "not gzip"),
        (request("POST", "/events", event(), content_encoding="zstd"), 415, "none of gzip, deflate, br"),
        (request("POST", "/events", event().decode().encode("utf-16"), authorization=BEARER), 400, "UTF-16"),
        (request("POST", "/g/collect?v=2&tid=G-1", "en=a".encode("utf-16-le")), 400, "UTF-16"),
    ]
    for data, status, reason in cases:
        answer = told(shop.serving.port, data)
        assert answer.status == status, (data[:80], answer)
        assert reason in answer.body, (data[:80], answer)
    a_good_order_goes_through(shop, "1002")


def test_what_is_odd_is_taken_and_its_reading_stated(shop: LiveShop) -> None:
    odd: list[dict[str, Any]] = [
        {"value": "12,50"},
        {"value": "١٢"},
        {"value": -0.0},
        {"timestamp": -5},
        {"timestamp": 99999999999999},
        {"timestamp": [1]},
        {"page_title": "\ud800 \x00"},
        {"transaction_id": MAIL, "event_id": MAIL},
        {"ip_override": "1.2.3.4\r\nX-Evil: 1"},
        {"items": [1, None, {"item_id": {"a": 1}, "price": "12,50", "quantity": "x"}] * 3000},
        {"user_data": {"email_address": {"a": MAIL}, "phone_number": 5, "address": "5 Main street"}},
        {"page_title": f"@{'x' * 500_000}", "search_term": "a@" * 100_000},
    ]
    for number, data in enumerate(odd):
        answer = posted(shop, event(**{"event_id": f"odd-{number}", **data}))
        assert answer.status == 200, (list(data), answer)
    hits = ["epn.value=1e999", "epn.value=1.234,50", f"epn.value={'9' * 400}", "ep.a=%ff%00%zz", "ep.a=" + "[" * 50_000]
    for hit in hits:
        answer = told(shop.serving.port, request("GET", f"{HIT}&{hit}", cookie="_fbp=\xff; _gcl_aw=GCL.9.\x80"))
        assert answer.status == 204, (hit[:40], answer)
    orders: list[dict[str, Any]] = [
        {"line_items": None, "customer": None},
        {"line_items": [5, None, {"price": {"a": 1}, "quantity": "two"}]},
        {"note_attributes": {"a": [1]}, "client_details": "x"},
        {"note_attributes": [{"name": 5}, {"name": "_ga", "value": {}}], "billing_address": [1]},
        {"total_price": ["x"], "customer": 5, "created_at": 5, "landing_site": 7},
    ]
    for number, payload in enumerate(orders):
        assert told(shop.serving.port, webhook({"id": 900 + number, "email": 5, **payload})).status == 200, payload
    notes = [note for record in records(shop) for note in record.get("notes", ())]
    assert any("`value` is not a number" in note for note in notes)
    assert any("ip_override` left out" in note for note in notes)
    assert any("time of arrival counts" in note for note in notes)
    a_good_order_goes_through(shop, "1003")


def records(shop: LiveShop) -> list[dict[str, Any]]:
    listed = json.loads(shop.admin("/api/records?most=200"))["records"]
    return [json.loads(shop.admin(f"/api/records/{one['id']}")) for one in listed]


def test_event_data_stays_text(shop: LiveShop) -> None:
    evil: list[dict[str, Any]] = [
        {"transaction_id": PATH, "search_term": "secret:META_ACCESS_TOKEN"},
        {"transaction_id": "evil-2", "page_title": "a\r\nX-Evil: 1"},
        {"transaction_id": "evil-3", "search_term": {"secret": "GA4_API_SECRET", "form": "text"}},
        {"transaction_id": "evil-4", "search_term": "{{ secret.META_ACCESS_TOKEN }}"},
    ]
    for data in evil:
        assert posted(shop, event(**data)).status == 200
    a_good_order_goes_through(shop, "1004")
    echoed = {call["body"]["id"]: call for call in until(lambda: echo(shop, 4))}
    assert "evil-2" not in echoed, "a line break in a header may not leave"
    assert echoed[PATH]["path"] == f"/orders/{PATH}"  # as the sink decodes it
    assert echoed[PATH]["body"]["said"] == "secret:META_ACCESS_TOKEN"
    assert echoed["evil-4"]["body"]["said"] == "{{ secret.META_ACCESS_TOKEN }}"
    for call in shop.calls():
        assert not [name for name in call["headers"] if "evil" in name.lower()]
        assert not [secret for secret in SECRETS if secret in json.dumps(call["body"])]
        assert MAIL not in json.dumps(call)


def echo(shop: LiveShop, least: int) -> list[dict[str, Any]]:
    wanted = (PATH, "evil-3", "evil-4", "1004")
    found = [call for call in shop.calls() if call["host"] == "echo.example" and call["body"]["id"] in wanted]
    return found if len(found) >= least else []


def test_broken_connections_hold_nobody_up(shop: LiveShop) -> None:
    port = shop.serving.port
    head = request("POST", "/events", b"x" * 500, authorization=BEARER)[:-500]
    unfinished = [b"GET /g/coll", b"POST /events HTTP/1.1\r\nHost", head, head + b"{", b"\x16\x03\x01", b"\r\n" * 50]
    held = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(60)]
    for number, sock in enumerate(held):
        sock.sendall(unfinished[number % len(unfinished)])
    a_good_order_goes_through(shop, "1005")
    for sock in held:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # close with a reset
        sock.close()
    three = [request("POST", "/events", b"{", authorization=BEARER), request("GET", HIT), request("GET", "/nowhere")]
    assert many(port, three * 20) == [400, 204, 404] * 20
    a_good_order_goes_through(shop, "1006")


def test_memory_stays_flat_and_nothing_personal_or_secret_is_kept(shop: LiveShop) -> None:
    port, pid = shop.serving.port, shop.serving.process.pid
    bad = [
        request("POST", "/events", b'[{"event_name": "jane.roe@example.com"', authorization=BEARER),
        request("POST", "/events", b"[" * 20_000, authorization=BEARER),
        request("POST", "/events", event(event_name=5), authorization="Bearer jane.roe@example.com"),
        request("GET", "/g/collect?v=1&em=jane.roe%40example.com"),
        request("GET", "/jane.roe@example.com"),
        webhook({"id": None, "email": MAIL}, secret="another"),
        webhook({"id": None, "email": MAIL}),
    ]
    assert set(many(port, bad * 300)) == {400, 401, 404}
    before = resident(pid)
    assert set(many(port, bad * 2000)) == {400, 401, 404}
    assert resident(pid) - before < 4 << 10
    purchase_at = f"/{MAIL}{purchase_hit('1007', **{f'ep.{MAIL}': 'x', 'ep.event_id': MAIL, 'ep.coupon': MAIL})}"
    assert told(port, request("GET", purchase_at, user_agent="Mozilla/5.0 Firefox/140.0")).status == 204
    a_good_order_goes_through(shop, "1008")
    data = shop.folder / "data"
    places = {path.name: path.read_bytes() for path in data.iterdir() if path.is_file() and path.suffix != ".key"}
    places |= {"records": json.dumps(records(shop)).encode(), "metrics": shop.admin("/metrics")}
    code, log = shop.serving.stop()
    places["log"] = log.encode()
    assert code == 0
    assert "ERROR" not in log and "Traceback" not in log, log
    for kept in (*SECRETS, "jane.roe"):
        assert [name for name, content in places.items() if kept.encode() in content] == [], kept
