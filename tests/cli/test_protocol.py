"""The public app behind uvicorn on a real socket: bytes in, bytes out."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from house import House, public

from container.admin.metrics import Metrics
from container.cli import protocol
from container.cli.protocol import HEAD_LIMIT, LimitedProtocol


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def port(house: House) -> AsyncIterator[int]:
    app = public(house, Metrics())
    config = uvicorn.Config(
        app, http=LimitedProtocol, ws="none", interface="asgi3", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.setblocking(False)
        serving = asyncio.get_running_loop().create_task(server.serve([sock]))
        yield sock.getsockname()[1]
        server.should_exit = True
        await serving


async def ask(port: int, data: bytes, *, end: bool = False) -> bytes:
    """Everything that comes back within the time an answer takes, or until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        if end:
            writer.write_eof()
        return await _answer(reader)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    length = next((int(line[15:]) for line in head.lower().splitlines() if line.startswith(b"content-length:")), 0)
    return head + await asyncio.wait_for(reader.readexactly(length), 5)


def request(path: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def test_requests_one_after_the_other_share_a_connection(port: int, house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(3):
        writer.write(request("/collect", b"%d" % number))
        assert (await _answer(reader)).startswith(b"HTTP/1.1 204")
    writer.close()
    assert [told.body for told in house.client.requests] == [b"0", b"1", b"2"]


async def test_pipelined_requests_are_all_answered(port: int, house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("/collect", b"0") + request("/nowhere") + request("/collect", b"2"))
    assert [(await _answer(reader))[9:12] for _ in range(3)] == [b"204", b"404", b"204"]
    writer.close()
    assert len(house.stored) == 2


async def test_one_who_leaves_after_sending_is_stored_all_the_same(port: int, house: House) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("/collect", b"hello"))
    await writer.drain()
    writer.transport.abort()
    for _ in range(100):
        if house.stored:
            break
        await asyncio.sleep(0.01)
    assert len(house.stored) == 1


async def test_a_body_of_ten_megabytes_is_413_for_a_sender_that_writes_it_all(port: int, house: House) -> None:
    told = await ask(port, request("/collect", b"x" * (10 << 20)))
    assert told.startswith(b"HTTP/1.1 413")
    assert house.client.requests == []


async def test_chunks_beyond_the_limit_are_413(port: int) -> None:
    head = b"POST /collect HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = (b"3e8\r\n" + b"x" * 1000 + b"\r\n") * 20 + b"0\r\n\r\n"
    assert (await ask(port, head + chunks)).startswith(b"HTTP/1.1 413")


async def test_an_unclaimed_body_is_not_waited_for(port: int) -> None:
    told = await ask(port, request("/nowhere", b"x" * 5000))
    assert told.startswith(b"HTTP/1.1 404")


async def test_a_slow_body_is_408_and_no_news(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    told = await ask(port, b"POST /collect HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert told.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in told
    assert caplog.records == []


async def test_a_body_cut_off_is_no_news(port: int, house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /collect HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    await writer.drain()
    writer.close()
    await asyncio.sleep(0.05)
    assert (house.stored, caplog.records) == ([], [])


@pytest.mark.parametrize(
    "head",
    [
        b"GET /collect?" + b"a" * (HEAD_LIMIT + 1),
        b"GET /collect HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (HEAD_LIMIT + 1),
        b"GET /collect HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * (HEAD_LIMIT // 6 + 1),
    ],
)
async def test_a_head_without_end_is_431(port: int, house: House, head: bytes) -> None:
    told = await ask(port, head)
    assert told.startswith(b"HTTP/1.1 431")
    assert f"limit of {HEAD_LIMIT} bytes".encode() in told
    assert house.client.requests == []


@pytest.mark.parametrize(
    "head",
    [
        b"GET /collect?" + b"a" * (HEAD_LIMIT + 1) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /collect HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (HEAD_LIMIT + 1) + b"\r\n\r\n",
    ],
)
async def test_a_complete_head_over_the_limit_is_431(port: int, house: House, head: bytes) -> None:
    """It may come in one piece: nothing is read in between."""
    told = await ask(port, head)
    assert told.startswith(b"HTTP/1.1 431")
    assert house.client.requests == []


async def test_a_body_that_comes_with_its_head_does_not_count_for_the_head(port: int, house: House) -> None:
    told = await ask(port, request("/collect", b"x" * 900, "X: " + "a" * (HEAD_LIMIT - 400)))
    assert told.startswith(b"HTTP/1.1 204")
    assert len(house.stored) == 1


@pytest.mark.parametrize(
    "begun", [b"", b"GET /coll", b"GET /collect HTTP/1.1\r\nHost:", request("/collect") + b"GET /c"]
)
async def test_a_head_that_does_not_come_is_408(port: int, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    if begun.startswith(b"POST"):
        assert (await _answer(reader)).startswith(b"HTTP/1.1 204")
    assert (await _answer(reader)).startswith(b"HTTP/1.1 408")
    assert await reader.read() == b""
    writer.close()


async def test_one_who_pauses_between_requests_keeps_the_connection(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.02)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(request("/collect"))
        assert (await _answer(reader)).startswith(b"HTTP/1.1 204")
        await asyncio.sleep(0.06)
    writer.close()


async def test_a_head_under_the_limit_is_taken_each_time(port: int, house: House) -> None:
    """The limit is one request's, not a connection's."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(b"GET /collect HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (HEAD_LIMIT // 2) + b"\r\n\r\n")
        assert (await _answer(reader)).startswith(b"HTTP/1.1 204")
    writer.close()
    assert len(house.stored) == 3


async def test_two_thousand_parameters_are_read(port: int, house: House) -> None:
    query = "&".join(f"ep.p{number}=v{number}" for number in range(2000))
    told = await ask(port, f"GET /collect?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert told.startswith(b"HTTP/1.1 204")
    assert len(house.client.requests[0].query) == 2000


@pytest.mark.parametrize(
    "data",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50, b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"],
)
async def test_what_is_no_http_is_400(port: int, data: bytes) -> None:
    assert (await ask(port, data)).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "target", [b"/collect?\xff\xfe", b"/collect?a=%ff%fe", b"/collect?a=%00%0d%0a", b"/\xc3\xbc?a"]
)
async def test_odd_bytes_in_a_target_are_answered_and_no_news(
    port: int, target: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    told = await ask(port, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert told[9:12] in (b"204", b"400", b"404")
    assert caplog.records == []
