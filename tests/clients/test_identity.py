"""Identity cookies: the vendors' formats, a newer click only, never without consent, renewed on every hit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from container.clients.clicks import ga_client_id, ga_session, google_click, meta_click
from container.clients.common import add_page
from container.clients.identity import KEEPERS, SCHEMA, Identity
from container.cookie import site_of
from container.event import Event, Request, new_id

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "clients" / "cookies.json").read_text())
ALL = {"set": list(KEEPERS)}
NOW_MS = 1_554_763_741_205
GCLID = VECTORS["gcl_aw"]["gclid"]


def granted(event: Event, needs: tuple[str, ...]) -> bool:
    return all(event.consent.get(name) for name in needs)


def hit(
    query: str = "",
    cookies: str = "",
    host: str = "sst.shop.example",
    page: str = "https://www.shop.example/",
    consent: bool = True,
    **more: Any,
) -> Event:
    """A browser's event as a client reads it."""
    headers = {"host": host, **({"cookie": cookies} if cookies else {})}
    request = Request(headers=headers, source="browser", client="ga4", received=NOW_MS / 1000)
    data = {"event_name": "page_view", "page_location": page + (f"?{query}" if query else ""), **more}
    add_page(data, request.cookies)
    said = {"ad_storage": consent, "analytics_storage": consent}
    return Event(new_id(), data, request, consent=said)


def met(*events: Event, said: dict[str, Any] = ALL) -> tuple[list[Event], dict[str, str]]:
    """The events after meeting, and name → `Set-Cookie`."""
    identity = Identity(said, granted)
    found = identity.meet(list(events))
    return found, {line.partition("=")[0]: line for line in identity.headers(found)}


def value(line: str) -> str:
    return line.partition("=")[2].partition(";")[0]


def only(name: str, **more: Any) -> dict[str, Any]:
    return {"set": [name], **more}


@pytest.mark.parametrize("vector", VECTORS["fbc"], ids=lambda vector: vector["host"])
def test_fbc_vectors(vector: dict[str, str]) -> None:
    page = f"https://{vector['host']}/"
    (event,), cookies = met(hit(f"fbclid={vector['fbclid']}", host=vector["host"], page=page), said=only("_fbc"))
    expected = vector.get("fbc") or vector["fbc_parameter_builder"]
    assert cookies == {
        "_fbc": f"_fbc={expected}; Max-Age=7776000; Path=/; Domain={vector['cookie_domain']}; Secure; SameSite=Lax"
    }
    assert event.data["fbc"] == expected
    assert site_of(vector["host"]) == vector["cookie_domain"]


def test_fbp_is_made_once_and_has_meta_s_form() -> None:
    events, cookies = met(hit(), hit(), said=only("_fbp"))
    made = value(cookies["_fbp"])
    assert re.fullmatch(r"fb\.1\.1554763741205\.\d{1,10}", made)
    assert 0 <= int(made.rpartition(".")[2]) < 2**31
    assert [event.data["fbp"] for event in events] == [made, made]


def test_a_known_fbp_is_renewed_as_it_is() -> None:
    known = VECTORS["fbp"]["example"]
    (event,), cookies = met(hit(cookies=f"_fbp={known}.AQ"), said=only("_fbp"))
    assert value(cookies["_fbp"]) == f"{known}.AQ" == event.data["fbp"]
    assert "Max-Age=7776000" in cookies["_fbp"]


def test_a_broken_fbp_is_replaced() -> None:
    _, cookies = met(hit(cookies="_fbp=undefined"), said=only("_fbp"))
    assert value(cookies["_fbp"]).startswith("fb.1.1554763741205.")


@pytest.mark.parametrize(
    ("query", "kept", "expected"),
    [
        ("", "fb.1.5.OldClick", "fb.1.5.OldClick"),  # no click: renewed
        ("fbclid=OldClick", "fb.1.5.OldClick", "fb.1.5.OldClick"),  # the same click: its time stays
        ("fbclid=OldClick", "fb.1.5.OldClick.AQMBAgAA", "fb.1.5.OldClick.AQMBAgAA"),  # Parameter Builder's mark
        ("fbclid=oldclick", "fb.1.5.OldClick", "fb.1.1554763741205.oldclick"),  # click ids are case sensitive
        ("fbclid=New.Click_-", "fb.1.5.OldClick", "fb.1.1554763741205.New.Click_-"),
        ("fbclid=New", "nonsense", "fb.1.1554763741205.New"),
    ],
)
def test_fbc_is_replaced_by_a_newer_click_only(query: str, kept: str, expected: str) -> None:
    (event,), cookies = met(hit(query, cookies=f"_fbc={kept}"), said=only("_fbc"))
    assert value(cookies["_fbc"]) == expected == event.data["fbc"]


def test_no_click_no_fbc() -> None:
    assert met(hit(), said=only("_fbc"))[1] == {}


def test_tiktok_s_cookies() -> None:
    (event,), cookies = met(hit("ttclid=E.C.P.abc"), said={"set": ["_ttp", "ttclid"]})
    assert re.fullmatch(r"[A-Za-z0-9]{27}", value(cookies["_ttp"]))
    assert "Max-Age=34190000" in cookies["_ttp"]
    assert cookies["ttclid"] == (
        "ttclid=E.C.P.abc; Max-Age=2592000; Path=/; Domain=shop.example; Secure; SameSite=Lax"
    )
    assert event.data["ttp"] == value(cookies["_ttp"])
    assert event.data["ttclid"] == "E.C.P.abc"
    _, again = met(hit(cookies="_ttp=known; ttclid=E.C.P.old"), said={"set": ["_ttp", "ttclid"]})
    assert (value(again["_ttp"]), value(again["ttclid"])) == ("known", "E.C.P.old")


def test_google_s_click_cookies() -> None:
    _, cookies = met(hit(f"gclid={GCLID}&wbraid=W.b&gbraid=G_b&dclid=D"), said={"set": ["_gcl", "FPGCL"]})
    assert {name: value(line) for name, line in cookies.items()} == {
        "_gcl_aw": f"GCL.1554763741.{GCLID}",
        "_gcl_gb": "GCL.1554763741.W.b",
        "_gcl_ag": "2.1.kG_b$i1554763741",
        "_gcl_dc": "GCL.1554763741.D",
        "FPGCLAW": f"2.1.k{GCLID}$i1554763741",
        "FPGCLGB": "2.1.kW.b$i1554763741",
        "FPGCLAG": "2.1.kG_b$i1554763741",
        "FPGCLDC": "2.1.kD$i1554763741",
    }
    landed = {"AW": GCLID, "GB": "W.b", "AG": "G_b", "DC": "D"}
    for name, line in cookies.items():
        assert google_click(value(line)) == (landed[name[-2:].upper()], 1554763741)
        assert line.endswith("HttpOnly") == name.startswith("FPGCL")  # a pixel in the page reads the others


@pytest.mark.parametrize(("sort", "name", "vector"), [("_gcl", "_gcl_aw", "gcl_aw"), ("FPGCL", "FPGCLAW", "FPGCLAW")])
def test_google_vectors_are_renewed_and_give_way_to_another_click_only(sort: str, name: str, vector: str) -> None:
    kept = VECTORS[vector]["cookie"]
    for query in ("", f"gclid={VECTORS[vector]['gclid']}"):
        assert value(met(hit(query, cookies=f"{name}={kept}"), said=only(sort))[1][name]) == kept
    newer = value(met(hit("gclid=newer", cookies=f"{name}={kept}"), said=only(sort))[1][name])
    assert google_click(newer) == ("newer", 1554763741)


def test_the_other_vectors_are_read() -> None:
    """What the container reads and never sets."""
    assert ga_client_id(VECTORS["ga"]["cookie"]) == VECTORS["ga"]["client_id"]
    for cookie, client in VECTORS["ga"]["also"].items():
        assert ga_client_id(cookie) == client
    for stream in VECTORS["ga_stream"]:
        assert ga_session(stream["cookie"]) == (stream["session_id"], stream["session_number"])


def test_our_own_client_id_is_given_where_the_event_has_none() -> None:
    (event,), cookies = met(hit(), said=only("client_id"))
    made = value(cookies["_tagport"])
    assert re.fullmatch(r"\d{1,10}\.1554763741", made)
    assert event.data["client_id"] == made
    assert "Max-Age=34560000" in cookies["_tagport"]
    assert cookies["_tagport"].endswith("HttpOnly")
    (again,), _ = met(hit(cookies=f"_tagport={made}"), said=only("client_id"))
    assert again.data["client_id"] == made
    (gtag,), none = met(hit(client_id="1.2"), said=only("client_id"))
    assert (gtag.data["client_id"], none) == ("1.2", {})


def test_nothing_without_the_consent_it_needs() -> None:
    asked = hit("fbclid=A&ttclid=B&gclid=C", cookies="_fbp=fb.1.1.1; _ttp=t", consent=False)
    (event,), cookies = met(asked)
    assert cookies == {}
    assert event.data == asked.data
    analytics_only = hit("fbclid=A")
    analytics_only.consent = {"ad_storage": False, "analytics_storage": True}
    assert set(met(analytics_only)[1]) == {"_tagport"}


def test_a_refusal_in_the_same_request_refuses_the_cookie() -> None:
    _, cookies = met(hit(), hit(consent=False), said=only("_fbp"))
    assert cookies == {}


def test_nothing_for_servers_bots_and_other_sites() -> None:
    server = hit()
    server.request = server.request.with_client("shop", "shop", "server")
    bot = hit()
    bot.bot = True
    for event in (server, bot, hit(host="abc.a.run.app")):
        found, cookies = met(event)
        assert cookies == {}
        assert found == [event]
    third_party = met(hit(host="abc.a.run.app"), said=only("_fbp", same_site="None"))[1]["_fbp"]
    assert third_party.endswith("Domain=abc.a.run.app; Secure; SameSite=None")


def test_the_domain_can_be_told() -> None:
    def domain(said: str, host: str) -> str:
        return Identity({"set": [], "domain": said}, granted).domain(Request(headers={"host": host}))

    assert domain(".eu.shop.example", "sst.eu.shop.example") == "eu.shop.example"
    assert domain("eu.shop.example", "noteu.shop.example") == "shop.example"
    assert domain("", "localhost:8080") == ""


def test_a_click_id_cannot_write_attributes() -> None:
    _, cookies = met(hit(urlencode({"ttclid": "x; Domain=evil.example"})), said=only("ttclid"))
    assert cookies == {}


def test_the_schema_names_every_cookie() -> None:
    assert SCHEMA["properties"]["set"]["items"]["enum"] == list(KEEPERS)
    assert meta_click(VECTORS["fbc"][0]["fbc"])[1] == VECTORS["fbc"][0]["fbclid"]
