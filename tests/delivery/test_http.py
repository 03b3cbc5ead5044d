from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator

import aiohttp
import httpx
import pytest
from delivering import Talk, read_request, socket_server
from ports import free_port

from container.delivery.http import ANSWER_MOST, Answer, Http, NoAnswer, NotSent, Unsendable, Wire, never_sent


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http()
    yield client
    await client.close()


def wire(url: str, method: str = "POST", timeout: float = 2.0) -> Wire:
    return Wire(method, url, [("content-type", "application/json")], b"{}" if method == "POST" else b"", timeout)


def answering(answer: bytes, seen: list[bytes] | None = None) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            if seen is not None:
                seen.append(request)
            writer.write(answer)
            await writer.drain()

    return talk


async def test_an_answer_comes_back_with_lower_case_header_names(http: Http) -> None:
    answer = b"HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy"
    async with socket_server(answering(answer)) as url:
        found = await http.send(wire(url))
    assert found == Answer(429, {"retry-after": "7", "content-length": "4"}, "busy")


async def test_what_leaves_is_what_was_written(http: Http) -> None:
    seen: list[bytes] = []
    async with socket_server(answering(b"HTTP/1.1 204 No Content\r\n\r\n", seen)) as url:
        target = "/a%2Fb/c?app=1:2:ios&q=a%20b%2B1%26"
        await http.send(Wire("POST", url + target, [("X-Own", "ü"), ("User-Agent", "own")], b'{"a":1.50}'))
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == f"POST {target} HTTP/1.1".encode()
    assert "x-own: ü".encode() in head.lower().split(b"\r\n")
    assert head.lower().count(b"user-agent:") == 1
    assert b"cookie" not in head.lower()
    assert body == b'{"a":1.50}'


async def test_vendors_are_replaced_and_named_in_a_header() -> None:
    seen: list[bytes] = []
    async with socket_server(answering(b"HTTP/1.1 204 No Content\r\n\r\n", seen)) as url:
        http = Http(vendors=url)
        await http.send(wire("https://graph.facebook.com/v26.0/1/events?a=b"))
        await http.close()
    lines = seen[0].lower().split(b"\r\n")
    assert lines[0] == b"post /v26.0/1/events?a=b http/1.1"
    assert b"x-tagport-host: graph.facebook.com" in lines
    assert f"host: {url.removeprefix('http://')}".encode() in lines


async def test_cookies_of_an_answer_are_not_sent_back(http: Http) -> None:
    seen: list[bytes] = []
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: visitor=1\r\nContent-Length: 0\r\n\r\n"
    async with socket_server(answering(answer, seen)) as url:
        await http.send(wire(url.replace("127.0.0.1", "localhost")))
        await http.send(wire(url.replace("127.0.0.1", "localhost")))
    assert len(seen) == 2
    assert b"visitor" not in seen[1]


async def test_a_connection_is_used_again(http: Http) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await answering(b"HTTP/1.1 204 No Content\r\n\r\n")(reader, writer)

    async with socket_server(talk) as url:
        for _ in range(5):
            await http.send(wire(url))
    assert connections == 1


async def test_nobody_listening_is_not_sent(http: Http) -> None:
    with pytest.raises(NotSent, match="no connection"):
        await http.send(wire(f"http://127.0.0.1:{free_port()}/"))


async def test_a_host_that_does_not_exist_is_not_sent(http: Http) -> None:
    with pytest.raises(NotSent):
        await http.send(wire("http://does-not-exist.invalid/"))


@contextlib.contextmanager
def deaf_server() -> Iterator[str]:
    """The URL of one whose backlog is full: further connections are neither taken nor refused."""
    with contextlib.ExitStack() as opened:
        full = opened.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            client = opened.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}/"


async def test_a_connection_that_does_not_come_about_in_time_is_not_sent(http: Http) -> None:
    with deaf_server() as url, pytest.raises(NotSent, match=r"no connection within 0\.3 s"):
        await http.send(wire(url, timeout=0.3))


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_connection_has_a_time_limit_of_its_own(method: str) -> None:
    http = Http(connect=0.2)
    started = asyncio.get_running_loop().time()
    with deaf_server() as url, pytest.raises(NotSent, match="no connection in time"):
        await http.send(wire(url, method, timeout=60))
    assert asyncio.get_running_loop().time() - started < 30
    await http.close()


async def test_an_answer_may_take_longer_than_a_connection() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(1)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    http = Http(connect=0.5)
    async with socket_server(talk) as url:
        assert (await http.send(wire(url, timeout=20))).status == 204
    await http.close()


async def test_a_server_without_tls_is_not_sent(http: Http) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with socket_server(talk) as url:
        with pytest.raises(NotSent):
            await http.send(wire(url.replace("http:", "https:")))


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


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_kept_alive_connection_that_drops_brings_no_second_request(http: Http, method: str) -> None:
    requests: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(1)
        await read_request(reader)
        if len(requests) == 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await read_request(reader)  # and hang up on the second request of this connection
            requests.append(2)

    async with socket_server(talk) as url:
        await http.send(wire(url, method))
        with pytest.raises(NoAnswer):
            await http.send(wire(url, method))
        await asyncio.sleep(0.02)
    assert len(requests) == 2


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
    ("url", "header"),
    [
        ("ftp://vendor.example/", "x"),
        ("https://", "x"),
        ("https://vendor.example:99999/", "x"),
        ("https://vendor.example/", "one\r\nx-two: 2"),
    ],
)
async def test_what_cannot_be_put_on_the_wire_is_unsendable(http: Http, url: str, header: str) -> None:
    with pytest.raises(Unsendable):
        await http.send(Wire("POST", url, [("x-one", header)], b"{}"))


async def test_cut_ends_what_is_under_way(http: Http) -> None:
    async with socket_server(silence) as url:
        sending = asyncio.ensure_future(http.send(wire(url, timeout=60)))
        await asyncio.sleep(0.05)
        http.cut()
        with pytest.raises(NoAnswer):
            await sending


async def test_the_network_can_be_replaced() -> None:
    http = Http(transport=httpx.MockTransport(lambda request: httpx.Response(200, json={"to": str(request.url)})))
    found = await http.send(wire("https://graph.facebook.com/x"))
    assert found.text == '{"to":"https://graph.facebook.com/x"}'


def test_only_failures_to_connect_prove_that_nothing_left() -> None:
    def by(cause: BaseException) -> bool:
        error = httpx.ConnectTimeout("as the transport names it")
        error.__cause__ = cause
        return never_sent(error)

    key = aiohttp.client_reqrep.ConnectionKey("h", 1, False, True, None, None, None)
    assert by(aiohttp.ClientConnectorError(key, OSError(111, "refused")))
    assert by(aiohttp.ClientConnectorDNSError(key, OSError(-2, "unknown")))
    assert by(aiohttp.ClientConnectorSSLError(key, ssl.SSLError(1, "tls")))
    assert by(aiohttp.ConnectionTimeoutError())
    assert not by(aiohttp.ServerDisconnectedError())
    assert not by(aiohttp.ClientOSError(104, "reset"))
    assert not by(aiohttp.SocketTimeoutError())
    assert not by(aiohttp.ClientConnectionError("hung up"))
    assert never_sent(httpx.ConnectError("of a transport that does not lie"))
    assert not never_sent(httpx.ReadTimeout("likewise"))
