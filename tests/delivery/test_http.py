from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from delivering import Talk, read_request, socket_server
from ports import free_port

from container.delivery.http import ANSWER_MOST, Answer, Http, NoAnswer, NotSent, Unsendable, Wire, client
from container.delivery.http.wire import address, written


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
    with deaf_server() as url, pytest.raises(NotSent, match=r"no connection within 0\.2 s"):
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
    asked = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await reader.read()

    async with socket_server(talk) as url:
        sending = asyncio.ensure_future(http.send(wire(url, timeout=60)))
        await asked.wait()
        http.cut()
        with pytest.raises(NoAnswer):
            await sending


async def test_cut_ends_a_connection_that_does_not_come_about(http: Http) -> None:
    with deaf_server() as url:
        sending = asyncio.ensure_future(http.send(wire(url, timeout=60)))
        await asyncio.sleep(0.05)
        http.cut()
        with pytest.raises(NotSent):
            await sending


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


async def test_a_connection_that_was_closed_meanwhile_or_rested_long_is_not_used(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        if connections == 1:
            writer.close()
        await reader.read()

    async with socket_server(once) as url:
        for _ in range(2):
            await http.send(wire(url))
            await asyncio.sleep(0.02)  # the news of the close arrives
        monkeypatch.setattr(client, "KEEP_ALIVE", 0.0)
        await http.send(wire(url))
    assert connections == 3


async def test_connections_that_rest_long_are_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "KEEP_ALIVE", 0.05)
    http, ended = Http(), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()
        ended.set()

    async with socket_server(talk) as url:
        await http.send(wire(url))
        async with asyncio.timeout(10):
            await ended.wait()
    await http.close()


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


@pytest.mark.parametrize(
    ("url", "target", "host"),
    [
        ("https://Graph.Facebook.com/v26.0/1/events?a=b", "/v26.0/1/events?a=b", "graph.facebook.com"),
        ("https://vendor.example", "/", "vendor.example"),
        ("https://vendor.example:443/a b?q=ü#part", "/a%20b?q=%C3%BC", "vendor.example"),
        ("http://vendor.example:8080/%2F?x=%41+1", "/%2F?x=%41+1", "vendor.example:8080"),
        ("http://[::1]:9000/", "/", "[::1]:9000"),
        ("https://user:secret@bücher.example/x", "/x", "xn--bcher-kva.example"),
    ],
)
def test_where_a_url_leads(url: str, target: str, host: str) -> None:
    head = written(Wire("GET", url), address(url)).decode().split("\r\n")
    assert head[0] == f"GET {target} HTTP/1.1"
    assert f"host: {host}" in head
    assert "secret" not in "".join(head)


def test_a_body_has_its_length_and_a_get_without_one_has_none() -> None:
    def lengths(method: str, body: bytes) -> list[str]:
        url = "https://vendor.example/"
        sent = Wire(method, url, [("Content-Length", "99"), ("Host", "evil.example")], body)
        lines = written(sent, address(url)).decode().split("\r\n")
        assert [line for line in lines if line.startswith("host")] == ["host: vendor.example"]
        return [line for line in lines if line.startswith("content-length")]

    assert lengths("POST", b"{}") == ["content-length: 2"]
    assert lengths("POST", b"") == ["content-length: 0"]
    assert lengths("GET", b"") == []


async def test_of_several_addresses_one_that_answers_is_taken(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may have an address that leads nowhere, IPv6 mostly: it costs a quarter of a second."""
    async with socket_server(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as url:
        with deaf_server() as deaf:
            ports = [int(one.rstrip("/").rpartition(":")[2]) for one in (deaf, url)]
            found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

            async def addresses(*asked: Any, **how: Any) -> list[Any]:
                return found

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", addresses)
            assert (await http.send(wire("http://vendor.example/", timeout=20))).status == 204


def self_signed(folder: Path, name: str) -> Path:
    """A file with a key and its certificate for `name`."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "vendor.pem"
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return file


async def test_tls_is_spoken_only_with_whom_a_trusted_certificate_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = self_signed(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    talk = answering(b"HTTP/1.1 204 No Content\r\n\r\n")
    async with socket_server(talk, context) as url:
        url = url.replace("http:", "https:")
        trusting = url.replace("127.0.0.1", "localhost")
        stranger = Http()
        with pytest.raises(NotSent, match="certificate"):
            await stranger.send(wire(trusting))
        client._trust.cache_clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        http = Http()
        assert (await http.send(wire(trusting))).status == 204
        with pytest.raises(NotSent, match="certificate"):
            await http.send(wire(url))  # by a name that the certificate has not
        await http.close()
    client._trust.cache_clear()
