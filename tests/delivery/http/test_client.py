"""The connections to vendors: which come about, which are kept, and that nothing is sent twice over them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from delivering import answering, read_request, socket_server, wire
from ports import free_port

from container.delivery.http import Http, NoAnswer, NotSent, client


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
