from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from house import House

from container.admin.metrics import Metrics
from container.clients.identity import Identity
from container.errors import BadSignature, NotStored, Unreadable
from container.server import Public
from container.server.answers import HEADERS
from container.server.app import READY_SECONDS, Readiness

ORIGIN = {"origin": "https://shop.de"}


@pytest.fixture
async def browser(app: Public) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, client=("198.51.100.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://tags.shop.de") as client:
        yield client


async def test_a_claimed_request_is_stored_and_gets_its_client_s_answer(
    browser: httpx.AsyncClient, house: House, metrics: Metrics
) -> None:
    answer = await browser.post("/collect?a=1&b=%C3%BC", content=b"hello", headers={"X-Thing": "yes"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert len(house.stored) == 1
    request = house.client.requests[0]
    assert (request.method, request.path, request.query_string) == ("POST", "/collect", "a=1&b=%C3%BC")
    assert (request.ip, request.received, request.body) == ("198.51.100.7", 1_795_428_000.0, b"hello")
    assert request.headers["x-thing"] == "yes"
    assert metrics.requests == {("test", 204): 1}
    assert metrics.events == {"none": 1}


async def test_what_nobody_claims_is_404_and_counted(browser: httpx.AsyncClient, metrics: Metrics) -> None:
    answer = await browser.get("/wp-login.php", headers=ORIGIN)
    assert (answer.status_code, answer.text) == (404, "no client claims this path\n")
    assert "access-control-allow-origin" not in answer.headers
    assert metrics.unclaimed_requests == 1


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_another_method_on_a_claimed_path_is_405(
    browser: httpx.AsyncClient, metrics: Metrics, method: str
) -> None:
    answer = await browser.request(method, "/collect")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert metrics.unclaimed_requests == 0


async def test_allow_names_only_what_is_taken(browser: httpx.AsyncClient, house: House) -> None:
    house.client.methods = ("POST",)
    answer = await browser.get("/collect")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_preflight_lets_pages_send_json_and_cookies(browser: httpx.AsyncClient) -> None:
    asked = {**ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    answer = await browser.options("/collect", headers=asked)
    assert answer.status_code == 204
    assert {name: value for name, value in answer.headers.items() if name.startswith("access-control")} == {
        "access-control-allow-origin": "https://shop.de",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": HEADERS,
        "access-control-max-age": "600",
    }
    assert answer.headers["vary"] == "Origin"


async def test_a_preflight_of_a_server_s_client_is_refused(browser: httpx.AsyncClient, house: House) -> None:
    house.client.cors = False
    answer = await browser.options("/collect", headers={**ORIGIN, "access-control-request-method": "POST"})
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


async def test_pages_may_read_every_answer_of_a_browser_s_client(browser: httpx.AsyncClient, house: House) -> None:
    for fails, status in ((None, 204), (Unreadable("no"), 400), (ValueError("odd"), 500)):
        house.client.fails = fails
        answer = await browser.post("/collect", content=b"x", headers=ORIGIN)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "https://shop.de"
        assert answer.headers["access-control-allow-credentials"] == "true"
    house.client.cors = False
    assert "access-control-allow-origin" not in (await browser.get("/collect", headers=ORIGIN)).headers


@pytest.mark.parametrize("origin", ["https://shöp.de", "https://shop.de\x7f"])
async def test_an_origin_that_is_none_is_not_echoed(browser: httpx.AsyncClient, origin: str) -> None:
    answer = await browser.get("/collect", headers={"origin": origin.encode()})
    assert answer.status_code == 204
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("refusal", "status"), [(Unreadable("the body is not JSON"), 400), (BadSignature("not signed"), 401)]
)
async def test_a_refusal_says_why(
    browser: httpx.AsyncClient, house: House, metrics: Metrics, refusal: Exception, status: int
) -> None:
    house.client.fails = refusal
    answer = await browser.post("/collect", content=b"x")
    assert (answer.status_code, answer.text) == (status, f"{refusal}\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert metrics.requests == {("test", status): 1}
    assert house.stored == []


async def test_what_is_not_on_disk_is_503(browser: httpx.AsyncClient, house: House, metrics: Metrics) -> None:
    house.fails = NotStored("the store is busy")
    answer = await browser.get("/collect")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert metrics.events == {}


async def test_the_log_says_once_that_events_are_not_stored(
    browser: httpx.AsyncClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.fails = NotStored("the disk is full")
    for _ in range(3):
        await browser.get("/collect")
    [line] = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert line == "events are answered 503, and their senders have to send them again: the disk is full"


async def test_a_fault_is_500_and_the_log_says_where_but_not_what(
    browser: httpx.AsyncClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.client.fails = ValueError("jane@example.com is no number")
    answer = await browser.get("/collect?em=jane@example.com")
    assert answer.status_code == 500
    id = answer.text.rpartition(" ")[2].strip()
    assert len(id) == 26
    assert id in caplog.text
    assert "ValueError" in caplog.text
    assert "house.py" in caplog.text
    assert "jane" not in caplog.text + answer.text


async def test_a_body_over_the_limit_is_413(browser: httpx.AsyncClient, house: House, metrics: Metrics) -> None:
    answer = await browser.post("/collect", content=b"x" * 1001)
    assert (answer.status_code, answer.text) == (413, "the body is over the limit of 1000 bytes\n")
    assert answer.headers["connection"] == "close"
    assert house.client.requests == []
    assert metrics.requests == {("test", 413): 1}
    assert (await browser.post("/collect", content=b"x" * 1000)).status_code == 204


@pytest.mark.parametrize("path", ["/healthz", "/healthy", "/readyz"])
async def test_health_is_told(browser: httpx.AsyncClient, metrics: Metrics, path: str) -> None:
    assert (await browser.get(path)).text == "ok\n"
    assert (await browser.head(path)).status_code == 200
    assert metrics.unclaimed_requests == 0


async def test_a_container_whose_store_takes_nothing_is_not_ready(house: House, metrics: Metrics) -> None:
    async def never() -> bool:
        return False

    container: Any = house
    transport = httpx.ASGITransport(Public(container, metrics, never))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


async def test_readiness_is_asked_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    now = [100.0]
    monkeypatch.setattr("container.server.app.time.monotonic", lambda: now[0])

    async def probe() -> None:
        asked.append(now[0])
        if len(asked) == 2:
            raise NotStored("busy")

    ready = Readiness(probe)
    assert await ready() and await ready()
    now[0] += READY_SECONDS
    assert not await ready()
    assert len(asked) == 2


async def test_a_probe_that_hangs_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("container.server.app.READY_SECONDS", 0.01)
    assert not await Readiness(lambda: asyncio.sleep(10))()


async def test_names_that_may_stand_in_several_lines_are_joined(browser: httpx.AsyncClient, house: House) -> None:
    headers = [("cookie", "_ga=1"), ("cookie", "_fbp=2"), ("x-a", "first"), ("x-a", "second")]
    await browser.get("/collect", headers=headers)
    request = house.client.requests[0]
    assert request.cookies == {"_ga": "1", "_fbp": "2"}
    assert request.headers["x-a"] == "first"


async def test_bytes_that_are_no_utf_8_are_replaced_or_read_as_latin_1(app: Public, house: House) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/collect",
        "query_string": b"a=\xff\xfe&b=\xed\xa0\x80",
        "headers": [(b"user-agent", b"caf\xe9"), (b"referer", "ü".encode())],
        "client": None,
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, _no_body, send)
    request = house.client.requests[0]
    assert request.query_string.encode()  # no lone surrogate
    assert request.query["a"] == "\ufffd\ufffd"
    assert (request.headers["user-agent"], request.headers["referer"]) == ("café", "ü")
    assert sent[0]["status"] == 204


async def test_a_websocket_is_turned_away(app: Public) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "websocket", "path": "/collect"}, _no_body, send)
    assert sent == []


async def test_nothing_is_logged_for_one_who_left(
    app: Public, house: House, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tagport")
    scope = {
        "type": "http", "method": "POST", "path": "/collect", "query_string": b"", "client": None,
        "headers": [(b"content-length", b"10")],
    }  # fmt: skip
    messages = [{"type": "http.request", "body": b"abc", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert (sent, house.stored, caplog.records, metrics.requests) == ([], [], [], {})


async def _no_body() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


async def test_cookies_of_the_events_reach_the_browser_one_a_line(browser: httpx.AsyncClient, house: House) -> None:
    house.identity = Identity({"set": ["_fbp", "_ttp"]}, lambda event, needs: True)
    page = {**ORIGIN, "host": "tags.shop.de"}
    answer = await browser.get("/collect", headers=page)
    first, second = answer.headers.get_list("set-cookie")
    assert first.startswith("_fbp=fb.1.1795428000000.")
    assert second.startswith("_ttp=")
    assert first.endswith("; Max-Age=7776000; Path=/; Domain=shop.de; Secure; SameSite=Lax")
    assert house.stored[0].data["fbp"] == first.partition("=")[2].partition(";")[0]
    house.identity = Identity({"set": ["_fbp"]}, lambda event, needs: False)
    assert "set-cookie" not in (await browser.get("/collect", headers=page)).headers
