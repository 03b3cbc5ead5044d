"""Bytes on a socket: requests that no HTTP library would send, and what comes back."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Told:
    """One answer."""

    status: int
    head: str
    body: str


def request(method: str, target: str | bytes, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire. `content_length="5"` is the header Content-Length, not the true one then."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body and "transfer-encoding" not in named:
        named.setdefault("content-length", str(len(body)))
    lines = [f"{name}: {value}\r\n".encode("latin-1") for name, value in {"host": "x", **named}.items()]
    path = target if isinstance(target, bytes) else target.encode()
    return method.encode() + b" " + path + b" HTTP/1.1\r\n" + b"".join(lines) + b"\r\n" + body


def chunked(pieces: Iterable[bytes]) -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def told(port: int, data: bytes, seconds: float = 10.0) -> Told:
    """The answer to these bytes, on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), seconds) as sock:
        with contextlib.suppress(ConnectionError):
            sock.sendall(data)
        return next(answers(sock))


def many(port: int, requests: Iterable[bytes], at_once: int = 50) -> list[int]:
    """The statuses of many requests, sent `at_once` on one connection after the other."""
    waiting, found = list(requests), []
    while waiting:
        batch, waiting = waiting[:at_once], waiting[at_once:]
        with socket.create_connection(("127.0.0.1", port), 20) as sock:
            sock.sendall(b"".join(batch))
            reader = answers(sock)
            found += [next(reader).status for _ in batch]
    return found


def answers(sock: socket.socket) -> Iterator[Told]:
    """The answers that come over a connection, one after the other."""
    with sock.makefile("rb") as file:
        while first := file.readline():
            head = [first.decode("latin-1")]
            while (line := file.readline().decode("latin-1")) not in ("\r\n", ""):
                head.append(line)
            lengths = [int(line.partition(":")[2]) for line in head if line.lower().startswith("content-length:")]
            body = file.read(lengths[0]) if lengths else b""
            yield Told(int(head[0].split()[1]), "".join(head), body.decode())
    raise AssertionError("the server hung up without an answer")


def resident(pid: int) -> int:
    """The memory a process really has, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
