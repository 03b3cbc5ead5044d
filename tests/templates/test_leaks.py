"""What may not leave as it is."""

from __future__ import annotations

import time

import pytest

from container.templates.leaks import looks_like_email


@pytest.mark.parametrize(
    "text",
    [
        "jane.roe@example.com",
        "to jane@example.co.uk, please",
        "https://shop.example/?mail=jane%40example.com",
        "https://shop.example/?mail=jane%252540example.com",
        "jürgen@müller.de",
    ],
)
def test_addresses(text: str) -> None:
    assert looks_like_email(text)


@pytest.mark.parametrize(
    "text",
    ["", "@", "jane@", "@example.com", "jane@example", "logo@2x.png", "https://a.de/@b.de", "Rock @ Ring", "a%40"],
)
def test_other_texts(text: str) -> None:
    assert not looks_like_email(text)


@pytest.mark.parametrize("text", ["x", "a@", "a@b", "%25", "b.", "a@b-", "a%2540b.", "@"])
def test_the_time_grows_with_the_text_and_no_faster(text: str) -> None:
    started = time.thread_time()
    looks_like_email("a@" + text * 200_000)
    assert time.thread_time() - started < 1
