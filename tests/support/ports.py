"""Ports that stay free between asking for one and using it, with many tests at once."""

from __future__ import annotations

import random
import socket

BELOW_OUTGOING = range(20_000, 32_000)  # the system gives outgoing connections, and port 0, others


def free_port() -> int:
    """A port of this machine on which nobody listens, and which nobody is given who asks for any."""
    for port in random.SystemRandom().sample(BELOW_OUTGOING, 100):
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise AssertionError("a hundred ports, and none is free")
