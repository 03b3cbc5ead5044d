"""The yardstick: uvicorn answering 204 to everything, after reading the body.

python bench/bare.py PORT [route]      with `route`: through Starlette's routing
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the request, answer 204."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def answer(request: Request) -> Response:
    """The same, in Starlette's words."""
    await request.body()
    return Response(status_code=204)


if __name__ == "__main__":
    port = int(sys.argv[1])
    routed = Starlette(routes=[Route("/g/collect", answer, methods=["GET", "POST"])])
    served = routed if "route" in sys.argv else app
    quiet = {"lifespan": "off", "access_log": False, "log_level": "warning"}
    uvicorn.run(served, port=port, loop="uvloop", http="httptools", **quiet)
