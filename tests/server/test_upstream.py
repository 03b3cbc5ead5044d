"""Pass-through: the very request to a real upstream on loopback, its answer back, and our own handling beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web
from house import House
from ports import free_port

from container.admin.metrics import Metrics
from container.clients import KINDS
from container.clients.identity import Identity
from container.errors import NotStored
from container.language.expression import Context
from container.node import Scalar
from container.problems import Place, Problems
from container.server import Public


@dataclass
class Old:
    """The old container: keeps what it is asked, and answers as told."""

    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append((request.method, request.raw_path, headers, await request.read()))
        if self.answer:
            return await self.answer(request)
        found = web.Response(status=207, body=b"old", headers={"x-old": "yes", "cache-control": "no-cache"})
        found.headers.add("set-cookie", "FPID=1; Path=/; HttpOnly")
        found.headers.add("set-cookie", "_fbp=old; Domain=shop.de")
        return found


@pytest.fixture
async def old() -> AsyncIterator[Old]:
    found = Old()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", found.handle)
    runner = web.AppRunner(app, auto_decompress=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    found.url = f"http://127.0.0.1:{port}"
    yield found
    await runner.cleanup()


@pytest.fixture
async def browser(app: Public, house: House, old: Old) -> AsyncIterator[httpx.AsyncClient]:
    house.client.upstream = old.url
    transport = httpx.ASGITransport(app, client=("198.51.100.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://tags.shop.de") as client:
        yield client
    await app.close()


async def told(app: Public, seen: Callable[[Any], None] = lambda message: None) -> list[Any]:
    """What the server is given to send for a GET of /collect."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)
        seen(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http", "method": "GET", "path": "/collect", "raw_path": b"/collect", "query_string": b"",
        "headers": [(b"host", b"tags.shop.de")], "client": ("198.51.100.7", 1), "scheme": "http",
    }  # fmt: skip
    async with asyncio.timeout(10):
        await app(scope, receive, send)
    return messages


async def test_the_very_request_and_the_old_answer(
    browser: httpx.AsyncClient, house: House, old: Old, metrics: Metrics
) -> None:
    house.identity = Identity({"set": ["_fbp", "_ttp"]}, lambda event, needs: True)
    sent = {"cookie": "_ga=GA1.1.1.2", "user-agent": "Firefox", "origin": "https://shop.de"}
    sent["x-forwarded-for"] = "1.1.1.1"
    asked = "/collect?dl=https%3A%2F%2Fshop.de%2F%3Fa%3D1&x=a+b&&y"
    answer = await browser.post(asked, content=b"en=purchase", headers=sent)
    (method, path, headers, body), = old.asked
    assert (method, path, body) == ("POST", asked, b"en=purchase")
    assert (headers["cookie"], headers["user-agent"]) == ("_ga=GA1.1.1.2", "Firefox")
    assert headers["host"] == old.url.removeprefix("http://")
    assert headers["x-forwarded-for"] == "1.1.1.1, 198.51.100.7"
    assert (headers["x-forwarded-host"], headers["x-forwarded-proto"]) == ("tags.shop.de", "http")
    assert (answer.status_code, answer.content, answer.headers["x-old"]) == (207, b"old", "yes")
    assert answer.headers["access-control-allow-origin"] == "https://shop.de"
    cookies = answer.headers.get_list("set-cookie")
    assert cookies[:2] == ["FPID=1; Path=/; HttpOnly", "_fbp=old; Domain=shop.de"]
    assert [cookie.partition("=")[0] for cookie in cookies[2:]] == ["_ttp"], "ours are added, theirs win"
    assert len(house.stored) == 1
    assert metrics.forwards == {("test", "answered"): 1}
    assert metrics.requests == {("test", 207): 1}


async def test_what_is_compressed_or_elsewhere_goes_back_as_it_is(browser: httpx.AsyncClient, old: Old) -> None:
    packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\xcf\x49\x01\x00\xc6\xb0\xe5\xba\x03\x00\x00\x00"

    async def zipped(_: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"content-encoding": "gzip"})

    async def moved(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"location": "https://elsewhere.example/"})

    old.answer = zipped
    async with browser.stream("GET", "/collect", headers={"accept-encoding": "gzip"}) as answer:
        assert b"".join([chunk async for chunk in answer.aiter_raw()]) == packed
        assert answer.headers["content-encoding"] == "gzip"
    old.answer = moved
    assert (await browser.get("/collect")).headers["location"] == "https://elsewhere.example/"
    assert len(old.asked) == 2


async def test_a_stream_is_passed_on_piece_by_piece(app: Public, browser: httpx.AsyncClient, old: Old) -> None:
    go_on = asyncio.Event()

    async def stream(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b"data: 1\n\n")
        await go_on.wait()  # nobody sets it before the first piece has come out at the other end
        await answer.write(b"data: 2\n\n")
        return answer

    old.answer = stream
    messages = await told(app, lambda message: go_on.set() if message.get("body") else None)
    assert [one["body"] for one in messages[1:]] == [b"data: 1\n\n", b"data: 2\n\n", b""]


async def test_an_upstream_that_is_not_there(browser: httpx.AsyncClient, house: House, metrics: Metrics) -> None:
    house.client.upstream = f"http://127.0.0.1:{free_port()}"
    answer = await browser.get("/collect")
    assert (answer.status_code, len(house.stored)) == (204, 1)
    assert metrics.forwards == {("test", "failed"): 1}


async def test_an_upstream_that_hangs_is_waited_for_once(
    browser: httpx.AsyncClient, house: House, old: Old, metrics: Metrics
) -> None:
    hangs = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await hangs.wait()
        return web.Response(status=207)

    old.answer = hang
    first = await browser.get("/collect")
    others = await asyncio.gather(*(browser.get("/collect") for _ in range(5)))
    assert {answer.status_code for answer in (first, *others)} == {204}
    assert metrics.forwards[("test", "failed")] < 6, "nobody waits for an upstream that has just failed"
    assert len(house.stored) == 6
    async with asyncio.timeout(5):
        while metrics.forwards[("test", "failed")] < 6:
            await asyncio.sleep(0.01)
    assert len(old.asked) == 6, "they were passed on all the same"
    hangs.set()
    assert (await browser.get("/collect")).status_code == 204
    async with asyncio.timeout(5):
        while not metrics.forwards[("test", "answered")]:
            await asyncio.sleep(0.01)
    assert (await browser.get("/collect")).status_code == 207, "it is back"


async def test_what_we_cannot_take_the_old_container_may(
    browser: httpx.AsyncClient, house: House, metrics: Metrics
) -> None:
    house.fails = NotStored("the store is busy")
    assert (await browser.get("/collect")).status_code == 207
    assert metrics.forwards == {("test", "answered"): 1, ("test", "not_stored"): 1}


async def test_both_down_is_503(browser: httpx.AsyncClient, house: House) -> None:
    house.fails = NotStored("the store is busy")
    house.client.upstream = f"http://127.0.0.1:{free_port()}"
    assert (await browser.get("/collect")).status_code == 503


async def test_a_circle_ends(browser: httpx.AsyncClient, old: Old, metrics: Metrics) -> None:
    answer = await browser.get("/collect", headers={"via": "1.1 cdn, 1.1 tagport"})
    assert (answer.status_code, old.asked) == (204, [])
    assert metrics.forwards == {("test", "dropped"): 1}


async def test_an_answer_that_breaks_off_does_not_break_us(
    app: Public, browser: httpx.AsyncClient, house: House, old: Old
) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-length": "100"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport
        request.transport.abort()
        return answer

    old.answer = broken
    messages = await told(app)
    assert [one["body"] for one in messages[1:]] == [b"half"]
    assert messages[-1]["more_body"], "an end would say that this was all"
    assert len(house.stored) == 1


@pytest.mark.parametrize("url", ["old.shop.de", "ftp://old.shop.de", "https://old.shop.de/?a=1", "https://"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    problems = Problems()
    written = Scalar(Place("container.yaml", 4, 30), url, quoted=True)
    KINDS["ga4"].compile("ga4", {"upstream": written}, Context(problems))
    (problem,) = problems
    assert (problem.code, problem.line) == ("bad-upstream", 4)
