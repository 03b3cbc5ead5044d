"""Real requests of every sender, changed byte by byte: refused with a reason or an event, no garbage without a note."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from container.build import SCHEMAS, build
from container.encoding import encode
from container.errors import Refused
from container.event import Request
from container.pipeline import Container
from container.problems import Problems
from container.server.app import exchange
from container.workspace import starter

DATA = Path(__file__).parents[1] / "data"
NOW = 1_795_428_000.0
NAMES = ("ga4", "data_tag", "universal_analytics", "snowplow", "measurement_protocol", "json")
ENVIRON = {
    **dict.fromkeys(("META_PIXEL_ID", "TIKTOK_PIXEL_CODE", "GA4_MEASUREMENT_ID"), "1234567890"),
    **dict.fromkeys(("META_ACCESS_TOKEN", "TIKTOK_ACCESS_TOKEN", "GA4_API_SECRET"), "x"),
    **dict.fromkeys(("MP_API_SECRET", "EVENTS_TOKEN"), "s3cret"),
}
BYTES = b"\x00\xff%&=~\"{}[9-+.\n\x80e,:"
DECIDED = 40  # one of so many goes all the way through the container
HEADERS = {"user-agent": "Mozilla/5.0 (X11)", "authorization": "Bearer s3cret", "host": "sst.shop.example"}


def hits() -> list[Request]:
    """Captured GA4 hits, those that another tag sent among them."""
    found = []
    for path in sorted((DATA / "clients" / "ga4_hits").glob("*.json")):
        hit = json.loads(path.read_text())
        if "option_path" not in hit:
            found.append(asked(hit["method"], hit["path"], hit["query"], hit["body"]))
    return found


def asked(method: str, path: str, query: str = "", body: str = "", kind: str = "") -> Request:
    headers = {**HEADERS, "content-type": kind, "cookie": "_ga=GA1.1.1307714608.1760043792; _fbp=fb.1.1.2; FPID=x"}
    return Request(method, path, query, headers, "203.0.113.7", received=NOW, body=body.encode())


def others() -> list[Request]:
    """What the other senders are recorded or documented to send."""
    vendors, clients = DATA / "vendors", DATA / "clients"
    tag = json.loads((vendors / "source_01_data_tag.json").read_text())["cases"]
    snow = json.loads((clients / "snowplow_tracker.json").read_text())["requests"]
    mp = json.loads((vendors / "google_01_ga4_mp_purchase.json").read_text())["request"]["body"]
    order = (
        "v=1&t=pageview&tid=UA-1234567-1&cid=555&dp=%2Freceipt&pa=purchase&ti=T1&tr=37.39&cu=EUR&pr1id=P1&pr1pr=29.20"
        "&pr1qt=1&il1nm=Search&il1pi1id=P2"
    )
    return [
        asked("POST", "/data", "v=2&event=purchase", json.dumps(tag[1]["body"])),
        asked("POST", "/data", "v=2", tag[2]["body_raw"], "application/x-www-form-urlencoded"),
        *(asked(one["method"], one["path"], one["query"], one["body"]) for one in snow),
        asked("POST", "/mp/collect", "measurement_id=G-1", json.dumps(mp)),
        asked("POST", "/events", "", json.dumps({"event_name": "purchase", "value": 9.5, "items": [{"price": 1}]})),
        asked("POST", "/events", "", '{"event_name": "a"}\n{"event_name": "b"}\n', "application/x-ndjson"),
        asked("GET", "/collect", order),
        asked("POST", "/batch", "", f"{order}\n{order}"),
    ]


def mutated(text: bytes) -> Iterator[bytes]:
    """Every byte replaced, every byte left out, and the text cut at some."""
    for at in range(len(text)):
        yield text[:at] + bytes((BYTES[at % len(BYTES)],)) + text[at + 1 :]
        yield text[:at] + bytes((BYTES[(at * 7 + 3) % len(BYTES)],)) + text[at + 1 :]
        yield text[:at] + text[at + 1 :]
        if at % 5 == 0:
            yield text[:at]


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    folder = tmp_path_factory.mktemp("mutated")
    starter.write(folder, SCHEMAS, names=NAMES)
    problems = Problems()
    built = build(folder, problems, environ=ENVIRON)
    assert built is not None, list(problems)
    yield built
    built.store.close()


def garbled(value: Any) -> bool:
    """Whether some text was made of bytes that are no UTF-8."""
    if isinstance(value, str):
        return "\ufffd" in value
    if isinstance(value, dict):
        return any(garbled(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(garbled, value))


def look(container: Container, request: Request, runner: asyncio.Runner | None) -> bool:
    """Read it, and with a runner decide it; whether it became events."""
    client = container.client_for(request.method, request.path)
    assert client is not None
    try:
        events = client.events(request)
    except Refused as refusal:
        assert str(refusal)
        return False
    for event in events:
        assert event.name and event.data["timestamp"]
        assert event.notes or not garbled(event.data), (request.query_string, request.body)
    if runner is not None:
        found = runner.run(exchange(container, client, request))
        assert all(encode(decision.record()) for decision in found.decisions)
        assert found.answer.status in (200, 204)
    return bool(events)


def mutate(container: Container, requests: list[Request]) -> tuple[int, int]:
    """How many became events, and how many were refused."""
    taken, number = 0, 0
    with asyncio.Runner() as runner:
        for request in requests:
            as_body = bool(request.body)
            for text in mutated(request.body or request.query_string.encode()):
                number += 1
                query = request.query_string if as_body else text.decode("utf-8", "replace")
                changed = Request(
                    request.method, request.path, query, request.headers, request.ip, received=NOW,
                    body=text if as_body else b"",
                )  # fmt: skip
                taken += look(container, changed, runner if number % DECIDED == 0 else None)
    return taken, number - taken


def test_requests_are_taken_as_they_are(container: Container) -> None:
    assert all(look(container, request, None) for request in (*hits(), *others()))


def test_hits_changed_byte_by_byte(container: Container) -> None:
    taken, refused = mutate(container, hits()[::3])
    assert taken > 5000 and refused > 50


def test_the_others_changed_byte_by_byte(container: Container) -> None:
    taken, refused = mutate(container, others())
    assert taken > 5000 and refused > 1000
