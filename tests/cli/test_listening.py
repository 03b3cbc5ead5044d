"""Ports: taken ones are told, and where one is reached is written as a browser takes it."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest

from container.cli.common import CannotRun
from container.cli.listening import listening, server, url


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_a_port_is_listened_on_once() -> None:
    with listening("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        taken = f"cannot listen on 127.0.0.1:{port}: Address already in use; stop"
        with pytest.raises(CannotRun, match=taken), listening("127.0.0.1", port):
            raise AssertionError
    with listening("127.0.0.1", port):
        pass


def test_a_host_that_is_none_is_told() -> None:
    told = "cannot listen on no-such-host.invalid:0: "
    with pytest.raises(CannotRun, match=told), listening("no-such-host.invalid", 0):
        raise AssertionError


def test_an_address_with_colons_stands_in_brackets() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        assert (url("::1", sock), url("localhost", sock)) == (f"http://[::1]:{port}", f"http://localhost:{port}")


async def test_a_server_answers_when_it_is_up_and_ends_when_it_is_told() -> None:
    with listening("127.0.0.1", 0) as sock:
        one = server(nothing, grace=1.0)
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(one.serve([sock]))
            await one.up.wait()
            async with httpx.AsyncClient() as client:
                answer = await client.get(url("127.0.0.1", sock))
            assert (answer.status_code, "server" in answer.headers) == (204, False)
            one.should_exit = True
