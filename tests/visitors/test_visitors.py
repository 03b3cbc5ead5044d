"""What a request tells of its visitor: the place, the address that is kept, the verdict on bots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mmdb
import pytest
from processes import ENVIRONMENT

from container.build import build
from container.clients.bots import is_bot
from container.event import Event, Request, new_id
from container.pipeline import Container
from container.problems import Problems
from container.server.app import exchange
from container.visitors import Visitors
from container.visitors.places import Places

BERLIN = {
    "country": {"iso_code": "DE"},
    "subdivisions": [{"iso_code": "BE"}],
    "city": {"names": {"en": "Berlin", "de": "Berlin"}},
}
NETWORKS = {"203.0.113.0/24": BERLIN, "2001:db8::/32": {"registered_country": {"iso_code": "NO"}}, "192.0.2.0/24": {}}
CDN = {"cf-ipcountry": "US", "cf-region-code": "CA"}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(mmdb.write(tmp_path / "city.mmdb", NETWORKS))


def seen(visitors: Visitors, ip: str, **more: Any) -> Request:
    return visitors.seen(Request(ip=ip, **more))


def test_what_the_file_does_not_know_a_trusted_proxy_may(places: Places) -> None:
    visitors = Visitors(places=places)
    assert seen(visitors, "198.51.100.1", headers=CDN).geo == {"country": "US", "region": "CA"}
    assert seen(visitors, "203.0.113.77", headers=CDN).geo["country"] == "DE"


def test_a_place_and_a_host_that_a_visitor_wrote_itself_do_not_count() -> None:
    written = {**CDN, "host": "sst.shop.example", "x-forwarded-host": "evil.example"}
    spoofed = seen(Visitors(), "198.51.100.1", headers=written, trusted=False)
    assert (spoofed.geo, spoofed.host) == ({}, "sst.shop.example")
    proxied = seen(Visitors(), "198.51.100.1", headers=written)
    assert (proxied.geo["country"], proxied.host) == ("US", "evil.example")


def test_a_truncated_address_leaves_no_trace_of_the_whole(places: Places) -> None:
    telling = {"x-forwarded-for": "203.0.113.77", "cf-connecting-ip": "203.0.113.77", "user-agent": "x"}
    visitors = Visitors(places=places, cut=True)
    request = seen(visitors, "203.0.113.77", headers=telling)
    assert (request.ip, request.headers) == ("203.0.113.0", {"user-agent": "x"})
    assert request.geo["city"] == "Berlin", "the place is that of the whole address"
    (event,) = visitors.told([Event(new_id(), {"ip_override": "2001:db8:1:2::3"}, request)])
    assert event.data["ip_override"] == "2001:db8:1::"


def test_the_verdict_on_bots_can_be_read() -> None:
    request, bots = Request(), "Googlebot/2.1 (+http://www.google.com/bot.html)"
    events = [Event(new_id(), {}, request), Event(new_id(), {}, request, bot=is_bot(bots))]
    assert [event.request.bot for event in Visitors().told(events)] == [False, True]


# --- as container.yaml says -----------------------------------------------------------------------------------------

YAML = """
container: shop
consent: {unknown: granted}
clients: {ga4: {kind: ga4}}
"""


def built(folder: Path, more: str) -> tuple[Container | None, Problems]:
    (folder / "container.yaml").write_text(YAML + more)
    problems = Problems()
    return build(folder, problems, environ=ENVIRONMENT), problems


async def test_container_yaml_says_it_all(tmp_path: Path) -> None:
    mmdb.write(tmp_path / "city.mmdb", NETWORKS)
    container, problems = built(tmp_path, "proxies: [10.0.0.0/8]\ngeo: city.mmdb\nvisitor_ip: truncated\n")
    assert container, list(problems)
    assert container.visitors.peers.trusts("10.1.2.3")
    assert not container.visitors.peers.trusts("127.0.0.1"), "what is named replaces the default"
    hit = Request(path="/g/collect", query_string="v=2&tid=G-1&en=page_view", ip="203.0.113.77")
    found = await exchange(container, container.clients[0], hit)
    (event,) = found.events
    assert event.data["ip_override"] == event.request.ip == "203.0.113.0"
    assert event.request.geo["region"] == "BE"


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ("proxies: [proxy.example]", "bad-proxy", "`proxy.example` is no address and no network"),
        ("proxies: [10.0.0.0/40]", "bad-proxy", "10.0.0.0/40"),
        ("geo: missing.mmdb", "bad-geo-file", "No such file"),
        ("geo: container.yaml", "bad-geo-file", "it is no MaxMind database"),
        ("visitor_ip: short", "not-allowed", "short"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_place(tmp_path: Path, more: str, code: str, said: str) -> None:
    container, problems = built(tmp_path, more)
    assert container is None
    (problem,) = problems
    assert (problem.code, problem.line) == (code, 5)
    assert said in problem.message
