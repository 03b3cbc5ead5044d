"""A port that is listened on, and the HTTP server behind it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from container.cli.common import CannotRun
from container.cli.protocol import LimitedProtocol

KEEP_ALIVE = 75  # seconds: longer than the proxies in front keep theirs, so that they hang up first
BACKLOG = 2048


class Server(uvicorn.Server):
    """A uvicorn that leaves the signals to the process (one handling for both ports) and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None of its own."""
        yield


def server(app: Any, grace: float) -> Server:
    """A server of this ASGI app; told to stop it gives running requests `grace` seconds."""
    return Server(
        uvicorn.Config(
            app,
            http=LimitedProtocol,
            ws="none",
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=max(1, round(grace)),
            backlog=BACKLOG,
        )
    )


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket. Raises `CannotRun` where somebody else has the port."""
    with contextlib.ExitStack() as stack:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            sock = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            sock.listen(BACKLOG)
        except (OSError, OverflowError) as error:
            what = getattr(error, "strerror", None) or error
            hint = "stop what has the port, or choose another"
            raise CannotRun(f"cannot listen on {host}:{port}: {what}; {hint}") from error
        sock.setblocking(False)
        yield sock


def url(host: str, sock: socket.socket) -> str:
    """Where the socket is reached under this host."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{sock.getsockname()[1]}"
