"""What all clients have in common."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from container.clients.client import Settings
from container.clients.common import Notes
from container.event import Request

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
REQUEST = Request(
    "POST", "/e", headers={"user-agent": BOT, "cookie": "_fbp=fb.1.1.2"}, ip="203.0.113.7", received=1795428000.0
)


class Reader(Settings):
    """A client of its own kind."""

    kind: ClassVar[str] = "own"


def reader(source: str) -> Reader:
    return Reader(id="own", name="Own", source=source)


def data(**told: Any) -> dict[str, Any]:
    return {"event_name": "a", "timestamp": 1795428000, "user_agent": "", **told}


def test_the_request_is_told_whose_it_is() -> None:
    mine = reader("browser").mine(REQUEST)
    assert (mine.client, mine.client_name, mine.source) == ("own", "Own", "browser")
    assert REQUEST.client != "own"


@pytest.mark.parametrize("source", ["browser", "server"])
def test_a_browser_speaks_of_itself_and_a_server_of_somebody_else(source: str) -> None:
    told = data()
    reader(source).add_visitor(told, REQUEST)
    event = reader(source).event(REQUEST, told, Notes())
    known = {name: event.data.get(name) for name in ("ip_override", "user_agent", "fbp")}
    if source == "browser":
        assert known == {"ip_override": "203.0.113.7", "user_agent": BOT, "fbp": "fb.1.1.2"}
    else:
        assert known == {"ip_override": None, "user_agent": "", "fbp": None}
    assert event.bot is (source == "browser")


def test_what_the_event_says_of_its_visitor_stays() -> None:
    told = data(ip_override="198.51.100.1", user_agent="Mozilla/5.0")
    reader("browser").add_visitor(told, REQUEST)
    event = reader("browser").event(REQUEST, told, Notes(["noted"]), {"ad_storage": True})
    assert (event.data["ip_override"], event.data["user_agent"], event.bot) == ("198.51.100.1", "Mozilla/5.0", False)
    assert (event.notes, event.consent) == (("noted",), {"ad_storage": True})
    assert event.id != reader("browser").event(REQUEST, told, Notes()).id


@pytest.mark.parametrize(("source", "address"), [("browser", "203.0.113.7"), ("server", None)])
def test_an_address_that_is_none_is_left_out_and_told(source: str, address: str | None) -> None:
    event = reader(source).event(REQUEST, data(ip_override="the shop's"), Notes())
    assert event.data.get("ip_override") == address
    assert any("ip_override" in note for note in event.notes)
    assert event.consent == {}
