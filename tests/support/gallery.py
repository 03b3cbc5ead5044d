"""The gallery's templates compiled as the container compiles them, and the vendors' worked examples."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from container.clients.common import add_page
from container.encoding import decode
from container.language.expression import Context
from container.problems import Problems
from container.templates import Template, compile, render
from container.workspace import reader
from container.workspace.documents import Document

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "templates"
VENDORS = ROOT / "tests" / "data" / "vendors"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)


@cache
def template(id: str) -> Template:
    """A template of the gallery, which loads without a single problem."""
    problems = Problems()
    node = reader.read(GALLERY / f"{id}.yaml", f"gallery/{id}.yaml", problems)
    found = compile(Document("templates", id, node, node.place), Context(problems)) if node is not None else None
    assert found is not None and not list(problems), [problem.message for problem in problems]
    return found


def worked(name: str) -> dict[str, Any]:
    """A worked example: `{input, request, response_success, …}`, or `{cases}`."""
    return json.loads((VENDORS / f"{name}.json").read_text())


def sent(id: str, params: dict[str, Any], event: dict[str, Any], now: float) -> dict[str, Any]:
    """The one request for an event as it would come over the wire, rendered at `now`."""
    found = render(template(id), params, decode(json.dumps(event, default=float)), now, add_page)
    assert found["problems"] == [], found["problems"]
    (request,) = found["requests"]
    return json.loads(json.dumps(request, default=float))


def problems(id: str, params: dict[str, Any], event: dict[str, Any], now: float) -> list[dict[str, str]]:
    """What keeps the event from being sent."""
    found = render(template(id), params, decode(json.dumps(event, default=float)), now, add_page)
    assert found["requests"] == []
    return found["problems"]
