"""The URL of a request: which hosts are known at load, and what an event may put behind them."""

from __future__ import annotations

from typing import Any

import pytest
from writing import PARAMS, REQUEST, Workbench, event_scope

from container.call import Parts, Secret
from container.errors import Invalid
from container.templates.url import encoded, joined

BARE = REQUEST.format(request="method: GET", more="").replace(", default: https://api.example.com/", "")


def url(written: str, **event: Any) -> Parts:
    bench = Workbench()
    binding = bench.binding(BARE.replace('"{{ params.endpoint }}/v1"', f'"{written}"'), PARAMS)
    assert binding is not None, bench.codes
    return binding.aim(event_scope(**event)).render()[0].envelope.url


def test_what_is_put_into_a_url_is_percent_encoded() -> None:
    encoded = "a%2Fb%20c%26d%3D%C3%A9%23%3F"
    found = url("https://e.org/a+b/{{ event.x }}?y={{ event.x }}", x="a/b c&d=é#?")
    assert "".join(found) == f"https://e.org/a+b/{encoded}?y={encoded}"


@pytest.mark.parametrize("value", [None, "", "..", "."])
def test_a_part_of_a_url_that_is_absent_or_leads_elsewhere(value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        url("https://e.org/{{ event.x }}/events", x=value)
    assert caught.value.path == "url" and "event.x" in str(caught.value)


def test_a_secret_in_a_url_is_a_part_of_its_own() -> None:
    assert url("https://e.org/{{ params.token }}/x") == ("https://e.org/", Secret("TOKEN", "url"), "/x")


def host_and_url(written: str, params: str) -> tuple[str, Parts]:
    bench = Workbench()
    binding = bench.binding(BARE.replace('"{{ params.endpoint }}/v1"', f'"{written}"'), params)
    assert binding is not None, bench.codes
    return binding.url.host, binding.aim(event_scope()).render()[0].envelope.url


def test_a_slash_at_the_end_of_an_address_is_not_doubled_and_stays_where_nothing_follows() -> None:
    known = with_endpoint("https://EU.example.com:8443/")
    assert host_and_url("{{ params.endpoint }}/v1", known) == (
        "eu.example.com:8443", ("https://EU.example.com:8443/v1",)
    )  # fmt: skip
    assert host_and_url("{{ params.endpoint }}", known) == ("eu.example.com:8443", ("https://EU.example.com:8443/",))
    default = BARE.replace("format: url", "format: url, default: https://us.example.com/")
    binding = Workbench().binding(default, PARAMS)
    assert binding is not None and binding.url.parts == ("https://us.example.com/v1",)


def test_neighbouring_texts_are_one_and_empty_ones_none() -> None:
    assert joined(["a", "", "b", Secret("S"), "", "c", "d"]) == ["ab", Secret("S"), "cd"]
    assert joined([""]) == []


def test_half_a_character_is_written_as_a_question_mark() -> None:
    assert encoded("a\ud800 /", safe="/") == "a%3F%20/"


def url_codes(url: str, params: str = PARAMS) -> list[str]:
    bench = Workbench()
    bench.binding(BARE.replace('"{{ params.endpoint }}/v1"', f'"{url}"'), params)
    return bench.codes


def with_endpoint(value: str) -> str:
    return f"{PARAMS}\nendpoint: {value}"


@pytest.mark.parametrize(
    ("url", "params"),
    [
        ("https://api.example.com", PARAMS),
        ("https://api.example.com:8443/x?y=1", PARAMS),
        ("https://api.example.com/{{ params.account }}/{{ event.value }}", PARAMS),
        ("{{ params.endpoint }}/v1", with_endpoint("https://eu.example.com")),
        ("{{ params.endpoint }}/v1", with_endpoint('"{{ env.HOST }}"')),
        ("{{ params.endpoint }}/v1", with_endpoint('"{{ env.HOST }}/{{ event.value }}"')),
        ("{{ params.endpoint }}", with_endpoint('"https://{{ env.ACCOUNT }}.example.com/x"')),
    ],
)
def test_hosts_that_are_known(url: str, params: str) -> None:
    assert url_codes(url, params) == []


@pytest.mark.parametrize(
    ("url", "params"),
    [
        ("https://{{ params.account }}.example.com/", PARAMS),
        ("https://example.com{{ params.account }}/", PARAMS),
        ("https://example.com{{ params.account }}", PARAMS),
        ("{{ event.page_location }}", PARAMS),
        ("{{ params.account }}/x", PARAMS),
        ("{{ params.account }}/x", PARAMS.replace('"1"', "https://api.example.com")),  # without `format: url`
        ("/relative", PARAMS),
        ("ftp://example.com/", PARAMS),
        ("https://mary:secret@example.com/", PARAMS),
        ("{{ params.endpoint }}/v1", with_endpoint('"{{ event.page_location }}"')),
        ("{{ params.endpoint }}/v1", with_endpoint('"https://{{ event.page_hostname }}"')),
        ("{{ params.endpoint }}/v1", with_endpoint("api.example.com")),
        ("{{ params.endpoint }}.evil.example/v1", with_endpoint("https://api.example.com") + "x{{ event.x }}"),
        ("{{ params.endpoint }}/v1", PARAMS),
    ],
)
def test_hosts_that_are_not_known(url: str, params: str) -> None:
    assert set(url_codes(url, params)) == {"host-unknown"}


def test_of_a_template_alone_a_host_that_its_tags_will_give_is_no_problem() -> None:
    bench = Workbench()
    bench.template(BARE).prove_alone(bench.problems)
    assert bench.codes == []
    bench.template(BARE.replace("params.endpoint", "params.account")).prove_alone(bench.problems)
    assert bench.codes == ["host-unknown"]
