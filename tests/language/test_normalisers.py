"""Every normaliser: its own cases, lists, and inputs made to be slow."""

from __future__ import annotations

import time
from typing import Any

import pytest
from speaking import value

from container.language.expression import Scope
from container.language.normalisers import NORMALISERS
from container.language.normalisers.base import Case, Normaliser, remembering

TABLES = {"event_names": {"purchase": "Purchase"}}


def call(normaliser: Normaliser, args: str) -> str:
    return f"{normaliser.name}({args})" if args else normaliser.name


def apply(normaliser: Normaliser, args: str, given: Any) -> Any:
    over = Scope(event={"given": given})
    return value(f"event.given | {call(normaliser, args)}", over=over, tables=TABLES)


def every_case() -> list[Any]:
    return [
        pytest.param(normaliser, case, id=f"{call(normaliser, case.args)}-{number}")
        for normaliser in NORMALISERS.values()
        for number, case in enumerate(normaliser.cases)
    ]


@pytest.mark.parametrize(("normaliser", "case"), every_case())
def test_case(normaliser: Normaliser, case: Case) -> None:
    found = apply(normaliser, case.args, case.input)
    assert found == case.output
    assert found.__class__ is case.output.__class__


def test_the_names_of_the_language_are_all_there() -> None:
    wanted = (
        "hashed text number integer boolean lower upper trim money minor from_minor seconds milliseconds rfc3339 "
        "lookup url query_param host without only first last slice split join replace find count sum sha256 base64 "
        "json strip_prefix ga4_hit default_region"
    )
    assert set(wanted.split()) <= set(NORMALISERS)


@pytest.mark.parametrize("name", NORMALISERS)
def test_what_a_normaliser_says_of_itself(name: str) -> None:
    normaliser = NORMALISERS[name]
    assert normaliser.name == name
    assert normaliser.help
    assert not normaliser.help.endswith(".")
    assert any(case.output is not None for case in normaliser.cases)


@pytest.mark.parametrize("name", NORMALISERS)
def test_absent_stays_absent(name: str) -> None:
    normaliser = NORMALISERS[name]
    args = normaliser.cases[0].args
    nothings: tuple[Any, ...] = (None, "", [], {})
    for absent in nothings:
        found = apply(normaliser, args, absent)
        assert not found or name == "ga4_hit", (absent, found)


def test_lists_element_by_element() -> None:
    found = value("event.a | trim", {"a": [" b", "", None, "a ", "b", ["x"]]})
    assert found == ["b", "a", '["x"]']
    assert value("event.a | hashed(email)", {"a": ["x", None]}) == []
    assert value("event.a | number", {"a": ["1", "1.0", 2, "x"]}) == [1, 2]
    assert value("event.a | only(id)", {"a": [{"id": 1, "x": 1}, {"id": 1, "x": 2}]}) == [{"id": 1}]


def test_true_and_one_are_two_values() -> None:
    assert value("event.a | lookup(t, else: same)", {"a": [True, 1, "true"]}, tables={"t": {}}) == [True, 1, "true"]


SLOW = [
    "a" * 200_000,
    "a" * 100_000 + "@",
    "@" * 100_000,
    "a@" * 50_000,
    "a." * 50_000 + "@",
    "eyJ" * 60_000,
    "%25" * 60_000,
    "?" + "a=b&" * 40_000,
    "/" * 100_000,
    "1" * 200_000,
    "1," * 50_000,
    "+" * 100_000,
    " " * 100_000 + "x",
    "\ud800" * 1000,
    "https://" + "[" * 50_000,
]


@pytest.mark.parametrize("name", NORMALISERS)
def test_no_input_is_slow(name: str) -> None:
    normaliser = NORMALISERS[name]
    for case in {case.args: case for case in normaliser.cases}.values():
        for text in SLOW:
            started = time.thread_time()  # of this thread alone: a busy machine is no slow normaliser
            apply(normaliser, case.args, text)
            apply(normaliser, case.args, {"page_location": text, "items": [{"price": text}]})
            assert time.thread_time() - started < 1, text[:10]


def test_a_table_of_texts() -> None:
    tables = {"t": {"true": "GRANTED", "false": "DENIED", "10": "ten"}}
    assert value("event.ok | lookup(t)", {"ok": True}, tables=tables) == "GRANTED"
    assert value("event.n | lookup(t)", {"n": 10.0}, tables=tables) == "ten"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("https://shop.example/a?utm_content=mary@example.com&gclid=a@b.c", "https://shop.example/a?gclid=a@b.c"),
        ("https://shop.example/a?x=mary%2540example.com", "https://shop.example/a"),
        ("https://shop.example/a?mary@example.com", "https://shop.example/a"),
        ("https://shop.example/a?access_token=1&orderToken=2&page=3", "https://shop.example/a?page=3"),
        ("https://shop.example/a?user[email]=1&firstName=x&author=me", "https://shop.example/a?author=me"),
        ("https://shop.example/a?s=eyJhbGciOi.eyJzdWIi.c2ln", "https://shop.example/a"),
        ("https://shop.example/a%40b.de/x", "https://shop.example/(redacted)/x"),
        ("//mary@shop.example/a", "//shop.example/a"),
        ("/a?x=1#b", "/a?x=1"),
        ("https://shop.example", "https://shop.example"),
        ("https://[::1]:8080/a?b", "https://[::1]:8080/a?b"),
        ("https://shop.example/?utm_email=1", "https://shop.example/?utm_email=1"),
        ("mailto:mary@example.com", None),
        ("data:text/html,x", None),
    ],
)
def test_url(given: str, found: str | None) -> None:
    assert value("event.url | url", {"url": given}) == found


def test_a_long_url_is_cleaned_but_not_remembered() -> None:
    for length in (10, 1_900, 5_000):
        kept = f"https://shop.example/{'a' * length}"
        assert value("event.url | url", {"url": f"{kept}?token=1"}) == kept
        assert value("event.url | url", {"url": f"{kept}?token=2"}) == kept


def test_few_results_are_remembered_and_of_short_texts_only() -> None:
    asked: list[str] = []

    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    remembered = remembering(upper, most=2, longest=3)
    assert [remembered(text) for text in ("a", "a", "long", "long", "b", "c", "a")] == [*"AA", "LONG", "LONG", *"BCA"]
    assert asked == ["a", "long", "long", "b", "c", "a"]


def test_url_keep_is_a_list_of_names() -> None:
    event = {"url": "https://shop.example/?a=1&token=2&b=mary@example.com"}
    assert value("event.url | url(keep: [a, token, b])", event) == "https://shop.example/?a=1&token=2"
    assert value("event.url | url(keep: [])", event) == "https://shop.example/"


def test_a_hit_of_everything() -> None:
    event = {
        "event_name": "view_item",
        "x-ga-measurement_id": "G-1",
        "x-ga-gcs": "G111",
        "x-ga-mp2-seg": "1",
        "x-ga-system_properties": {"ss": "1", "ee": True, "eu": [1]},
        "client_hints": {
            "mobile": False,
            "platform": "macOS",
            "full_version_list": [{"brand": "Chromium", "version": "142"}, {"brand": "Not", "version": "99"}],
        },
        "event_location": {"country": "NO", "region": "03"},
        "items": {"item_id": "one"},
        "fbclid": "x",
        "nested": {"a": 1},
        "flag": True,
        "ga_session_number": 3,
    }
    assert value("event | ga4_hit", event) == {
        "v": "2",
        "en": "view_item",
        "tid": "G-1",
        "gcs": "G111",
        "seg": "1",
        "_ss": "1",
        "_ee": "1",
        "uamb": "0",
        "uap": "macOS",
        "uafvl": "Chromium;142|Not;99",
        "ur": "NO-03",
        "pr1": "idone",
        "ep.flag": "true",
        "sct": "3",
    }
