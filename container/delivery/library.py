"""The door to httpx, without its command line: that would bring libraries for terminals and for colouring source."""

from __future__ import annotations

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None: not to be found, which httpx allows for

import httpx  # noqa: E402
from httpx_aiohttp import AiohttpTransport  # noqa: E402

__all__ = ["AiohttpTransport", "httpx"]
