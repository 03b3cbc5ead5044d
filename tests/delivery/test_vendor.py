from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import network as support
import pytest
from delivering import META, SomeRules, call, reveal

from container.call import Call, Envelope, Secret
from container.delivery.http import NoAnswer, NotSent
from container.delivery.outcomes import AMBIGUOUS
from container.delivery.vendor import Vendor
from container.errors import MissingSecret
from container.ledger.interface import Row

Handler = Callable[[httpx.Request], httpx.Response]


class Network:
    """What leaves, and the answers."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Handler = lambda request: httpx.Response(200)
        self.vendor = Vendor(support.Network(self._handle), reveal, time.time)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    yield Network()


def row(one: Call, id: int = 1) -> Row:
    return Row(id, None, "R", one, created=0.0, attempts=1, first_attempt=0.0)


def with_envelope(envelope: Envelope, **changes: Any) -> Call:
    return replace(call(), envelope=envelope.stored(), **changes)


async def test_calls_are_joined_and_secrets_put_in(network: Network) -> None:
    rows = [row(call(event_id="E1"), 1), row(call(event_id="E2"), 2)]
    network.answer = lambda request: httpx.Response(200, json={"events_received": 2})
    verdict = await network.vendor.ask(rows, SomeRules())
    assert (verdict.outcome, verdict.status, verdict.outage) == ("delivered", 200, False)
    request = network.requests[0]
    assert str(request.url) == f"https://{META}/v26.0/1/events"
    assert request.headers["authorization"] == "Bearer value-of-META_ACCESS_TOKEN"
    assert [event["event_id"] for event in json.loads(request.content)["data"]] == ["E1", "E2"]


async def test_a_get_has_no_body(network: Network) -> None:
    pixel = Envelope("GET", ("https://pixel.example/p?k=", Secret("KEY", "url")), ())
    await network.vendor.ask([row(with_envelope(pixel, item=b"", joinable=False))], SomeRules())
    assert network.requests[0].content == b""
    assert str(network.requests[0].url) == "https://pixel.example/p?k=value-of-KEY"


async def test_the_vendors_wish_to_wait_comes_along(network: Network) -> None:
    network.answer = lambda request: httpx.Response(429, headers={"retry-after": "30"})
    verdict = await network.vendor.ask([row(call())], SomeRules())
    assert (verdict.outcome, verdict.retry_after, verdict.outage) == ("retry", 30, True)


async def test_the_vendors_words_are_kept_without_secrets_and_personal_data(network: Network) -> None:
    network.answer = lambda request: httpx.Response(400, text="value-of-META_ACCESS_TOKEN of a@b.de: value is missing")
    verdict = await network.vendor.ask([row(call())], SomeRules())
    assert (verdict.outcome, verdict.reason) == ("refused", "*** of ***: value is missing")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotSent("nobody"), "retry"),
        (NoAnswer("late"), AMBIGUOUS),
    ],
)
async def test_without_an_answer(network: Network, error: Exception, outcome: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    network.answer = fail
    verdict = await network.vendor.ask([row(call())], SomeRules())
    assert (verdict.outcome, verdict.status, verdict.outage) == (outcome, None, True)


async def test_a_missing_secret_stops_the_account_and_names_it(network: Network) -> None:
    def nothing(name: str) -> str:
        raise MissingSecret(name)

    vendor = Vendor(network.vendor.http, nothing, time.time)
    verdict = await vendor.ask([row(call())], SomeRules())
    assert verdict.outcome == "stopped"
    assert verdict.reason == "no value for the secret META_ACCESS_TOKEN: neither environment, /run/secrets nor .env"
    assert network.requests == []


async def test_a_line_break_in_a_secret_is_refused_before_anything_leaves(network: Network) -> None:
    vendor = Vendor(network.vendor.http, lambda name: "two\nlines", time.time)
    verdict = await vendor.ask([row(call())], SomeRules())
    assert verdict.outcome == "refused"
    assert "line break in the value of the header authorization" in verdict.reason
    assert "two" not in verdict.reason
    assert network.requests == []


async def test_rules_that_fail_leave_the_http_status(network: Network) -> None:
    class Broken(SomeRules):
        def judge(self, *answer: Any) -> tuple[str, str]:
            raise RuntimeError("oh")

    assert (await network.vendor.ask([row(call())], Broken())).outcome == "accepted"


REFRESHED = Envelope(
    "POST",
    ("https://datamanager.googleapis.com/v1/events:ingest",),
    (),
    ('{"events":[',),
    ("]}",),
    auth=(
        ("scheme", ("oauth_refresh",)),
        ("client_id", ("id",)),
        ("client_secret", (Secret("CLIENT_SECRET"),)),
        ("refresh_token", (Secret("REFRESH_TOKEN"),)),
    ),
)


def google(network: Network, good: str, echo: str = "") -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "oauth2.googleapis.com":
            tokens = [one for one in network.requests if one.url.host == "oauth2.googleapis.com"]
            return httpx.Response(200, json={"access_token": f"token-{len(tokens)}", "expires_in": 3600})
        if request.headers["authorization"] == f"Bearer {good}":
            return httpx.Response(200)
        return httpx.Response(401, text=f"unauthenticated {echo}")

    return answer


async def test_a_fetched_token_that_is_refused_is_renewed_once(network: Network) -> None:
    one = row(with_envelope(REFRESHED))
    network.answer = google(network, "token-1")
    assert (await network.vendor.ask([one], SomeRules())).outcome == "delivered"
    network.answer = google(network, "token-2")
    assert (await network.vendor.ask([one], SomeRules())).outcome == "delivered"
    assert len(network.requests) == 5


async def test_a_renewed_token_that_is_refused_stops_the_account(network: Network) -> None:
    network.answer = google(network, "another", echo="token-1 token-2 value-of-REFRESH_TOKEN")
    verdict = await network.vendor.ask([row(with_envelope(REFRESHED))], SomeRules())
    assert verdict.outcome == "stopped"
    assert verdict.reason == "unauthenticated *** *** ***"
    assert len(network.requests) == 4


async def test_a_revoked_refresh_token_stops_the_account(network: Network) -> None:
    network.answer = lambda request: httpx.Response(400, json={"error": "invalid_grant"})
    verdict = await network.vendor.ask([row(with_envelope(REFRESHED))], SomeRules())
    assert (verdict.outcome, verdict.reason) == ("stopped", "no access token: 400 invalid_grant")
    assert len(network.requests) == 1
