"""Crawlers by their user agents."""

from __future__ import annotations

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from container.clients.bots import LONGEST, _is_listed, is_bot

CRAWLERS = [
    agent
    for entry in CRAWLER_USER_AGENTS_DATA
    if entry.get("tags") != ["http-library"]
    for agent in entry.get("instances", [])
]


def test_every_example_of_the_list() -> None:
    assert len(CRAWLERS) > 500
    assert [agent for agent in CRAWLERS if not is_bot(agent)] == []


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
        "Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
        "Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
        "Safari/537.36 [FBAN/EMA;FBLC/de_DE;FBAV/420.0.0.0.1;]",
        "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "python-httpx/0.28.1",
        "Amazon CloudFront",
        "",
        "\ud800",
    ],
)
def test_people_and_programs_that_send_on_purpose(agent: str) -> None:
    assert not is_bot(agent)


def test_only_the_beginning_counts() -> None:
    assert not is_bot("x" * LONGEST + "Googlebot/2.1")


def test_what_is_remembered_is_short() -> None:
    known = _is_listed.cache_info().currsize
    for number in range(5):
        is_bot("Firefox/140.0 and very much more".ljust(LONGEST) + str(number))
    assert _is_listed.cache_info().currsize <= known + 1
