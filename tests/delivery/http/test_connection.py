"""One request and its answer, however a vendor gives it."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from dataclasses import replace

import pytest
from delivering import Talk, answering, read_request, socket_server, wire

from container.delivery.http import ANSWER_MOST, Answer, Http, NoAnswer


async def test_an_answer_comes_back_with_lower_case_header_names(http: Http) -> None:
    answer = b"HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy"
    async with socket_server(answering(answer)) as url:
        found = await http.send(wire(url))
    assert found == Answer(429, {"retry-after": "7", "content-length": "4"}, "busy")


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.close()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    await reader.read()


async def half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half')
    await writer.drain()
    writer.close()


async def half_an_answer_then_silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half')
    await writer.drain()
    await reader.read()


async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("talk", [hang_up, reset, silence, half_an_answer, half_an_answer_then_silence, no_http])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_request_that_was_read_may_have_arrived_and_is_made_once(http: Http, talk: Talk, method: str) -> None:
    requests = 0

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        requests += 1
        await talk(reader, writer)

    async with socket_server(counted) as url:
        with pytest.raises(NoAnswer) as raised:
            await http.send(wire(url, method, timeout=0.3))
        await asyncio.sleep(0.02)
    assert requests == 1
    assert str(raised.value)


async def test_the_time_limit_is_for_all_of_it(http: Http) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    started = asyncio.get_running_loop().time()
    async with socket_server(drip) as url:
        with pytest.raises(NoAnswer, match=r"within 0\.3 s"):
            await http.send(wire(url, timeout=0.3))
    assert asyncio.get_running_loop().time() - started < 10, "and not when the last byte has come, after 20 s"


async def test_of_a_huge_answer_only_the_beginning_is_read(http: Http) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    async with socket_server(flood) as url:
        found = await http.send(wire(url, timeout=5))
    assert found.text == "x" * ANSWER_MOST
    assert sent < 100_000_000


async def test_a_packed_answer_is_unpacked(http: Http) -> None:
    packed = gzip.compress(b'{"events_received":1}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    async with socket_server(answering(head + packed)) as url:
        assert (await http.send(wire(url))).text == '{"events_received":1}'


async def test_a_redirect_is_an_answer_like_any_other(http: Http) -> None:
    seen: list[bytes] = []
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n"
    async with socket_server(answering(answer, seen)) as url:
        assert (await http.send(wire(url))).status == 302
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("answer", "text", "kept"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n1\r\n!\r\n0\r\n\r\n", "yes!", True),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes", "yes", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes", "yes", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes", "yes", False),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyesHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
            "yes",
            False,
        ),
    ],
)
async def test_a_connection_is_kept_only_where_the_answer_leaves_it_clean(
    http: Http, answer: bytes, text: str, kept: bool
) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await answering(answer)(reader, writer)

    async with socket_server(talk) as url:
        for _ in range(3):
            found = await http.send(wire(url))
            assert (found.status, found.text) == (200, text)
            assert "link" not in found.headers
            await asyncio.sleep(0.01)
    assert connections == (1 if kept else 3)


async def test_an_answer_without_a_length_ends_with_its_connection(http: Http) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall of")
        await writer.drain()
        writer.write(b" it")
        writer.close()

    async with socket_server(talk) as url:
        assert (await http.send(wire(url))).text == "all of it"


async def test_headers_without_end_are_no_answer(http: Http) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"x-more: and more\r\n" * 1000)
            await writer.drain()

    async with socket_server(talk) as url:
        with pytest.raises(NoAnswer, match="headers have no end"):
            await http.send(wire(url, timeout=20))


async def test_what_is_packed_wrongly_is_left_as_it_is(http: Http) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nyes"
    async with socket_server(answering(answer)) as url:
        assert (await http.send(wire(url))).text == "yes"


async def test_the_vendor_may_be_silent_only_so_long(http: Http) -> None:
    async with socket_server(silence) as url:
        with pytest.raises(NoAnswer, match=r"silent for 0\.2 s"):
            await http.send(replace(wire(url, timeout=60), read=0.2))


async def test_every_byte_of_the_answer_ends_a_silence(http: Http) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes":
            writer.write(bytes((byte,)))
            await asyncio.sleep(0.03)

    async with socket_server(drip) as url:
        found = await http.send(replace(wire(url, timeout=60), read=1.0))  # all of it takes longer
    assert found.text == "yes"


async def test_a_request_that_is_given_up_takes_its_connection_along(http: Http) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await reader.read()
        gone.set()

    async with socket_server(talk) as url:
        sending = asyncio.ensure_future(http.send(wire(url, timeout=60)))
        await asked.wait()
        sending.cancel()
        async with asyncio.timeout(10):
            await gone.wait()


async def test_an_answer_that_we_break_off_ourselves_is_none_even_where_one_may_end_like_that(http: Http) -> None:
    begun = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b'HTTP/1.1 200 OK\r\n\r\n{"events_received":1')
        await writer.drain()
        begun.set()
        await reader.read()

    async def stop() -> None:
        await begun.wait()
        await asyncio.sleep(0.05)  # the half arrives
        http.cut()

    async with socket_server(endless) as url, asyncio.TaskGroup() as group:
        group.create_task(stop())
        with pytest.raises(NoAnswer, match="it was broken off"):
            await http.send(wire(url, timeout=10))
