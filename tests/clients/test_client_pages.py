"""The clients' pages say what the code does: options, parameters, topics, limits, and examples that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from container.clients import KINDS
from container.clients.checks import DEEPEST, LONGEST_NAME
from container.clients.clicks import BROWSER_IDS, GOOGLE_COOKIES
from container.clients.ga4 import client as ga4
from container.clients.ga4 import hints, hit, items
from container.clients.google_consent import LETTERS, stated
from container.clients.json import MOST_EVENTS
from container.clients.shopify.payload import ATTRIBUTES, MOST_LINES
from container.clients.shopify.topics import TOPICS
from container.event import CLICK_IDS
from container.language.expression import Context
from container.node import Mapping, Scalar
from container.problems import Problems
from container.workspace.conform import conform
from container.workspace.reader import read_text

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {kind: (DOCS / "clients" / f"{kind}.md").read_text() for kind in KINDS}
SIGNALS = (DOCS / "consent-signals.md").read_text()
SECRETS = dict.fromkeys(re.findall(r"secret\.(\w+)", "".join(PAGES.values())), "x")


def section(page: str, heading: str) -> str:
    return page.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def code(text: str) -> set[str]:
    """Every word in back quotes."""
    return {word for quoted in re.findall(r"`([^`]+)`", text) for word in re.split(r"[ ,]+", quoted)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_is_in_the_table_and_no_other(kind: str) -> None:
    rows = re.findall(r"^\| `(\w+)`( \(required\))?", section(PAGES[kind], "Options"), re.MULTILINE)
    schema = KINDS[kind].schema
    assert {name for name, _ in rows} == set(schema["properties"])
    assert {name for name, required in rows if required} == set(schema["required"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_loads(kind: str) -> None:
    problems = Problems()
    for example in re.findall(r"```yaml file=container.yaml\n(.*?)```", PAGES[kind], re.DOTALL):
        node = read_text(example, "container.yaml", problems)
        assert isinstance(node, Mapping)
        clients = node.members["clients"]
        assert isinstance(clients, Mapping)
        for name, client in clients:
            assert isinstance(client, Mapping)
            named = client.members["kind"]
            assert isinstance(named, Scalar)
            assert named.text == kind
            values = conform(client, KINDS[kind].schema, problems)
            assert KINDS[kind].compile(name, values, Context(problems, environment=SECRETS)).id == name
    assert list(problems) == []


def test_every_parameter_of_a_hit() -> None:
    page = section(PAGES["ga4"], "What becomes of the parameters")
    assert {*hit.TEXTS, *hit.NUMBERS, *hit.SYSTEM, *hit.SPECIAL, *hints.HINTS} <= code(page)
    assert {f"{prefix}.X" for prefix in hit.PREFIXES} <= code(page)
    unprefixed = {key for key in hit.TEXTS.values() if not key.startswith("x-ga-")}
    assert unprefixed <= code(page)
    assert {code for code in items.TEXTS if code not in ("c3", "c4")} | set(items.NUMBERS) <= code_of_items(page)


def code_of_items(page: str) -> set[str]:
    return code(page.partition("Items (")[2])


def test_every_click_id_and_cookie() -> None:
    page = code(section(PAGES["ga4"], "Click ids and cookies"))
    assert {*CLICK_IDS, *GOOGLE_COOKIES, *BROWSER_IDS, "_fbc", "ttclid", "_uetmsclkid"} <= page


def test_limits_are_the_ones_stated() -> None:
    claims = section(PAGES["ga4"], "What it claims")
    for limit in (ga4.MOST_PARAMETERS, ga4.MOST_EVENTS, ga4.MOST_READ):
        assert re.search(rf"\b{limit}\b", claims)
    assert f"more than {MOST_LINES} lines" in PAGES["shopify"].replace("\n", " ")
    assert f"up to {MOST_EVENTS}" in PAGES["json"]
    assert f"more than {MOST_EVENTS} events" in PAGES["json"]
    assert f"deeper than {DEEPEST} levels" in PAGES["json"]
    assert f"up to {LONGEST_NAME} characters" in PAGES["json"]
    assert f"`pr1` … `pr{items.MOST_ITEMS}`" in PAGES["ga4"]


def test_every_topic_and_attribute() -> None:
    assert set(TOPICS) <= code(section(PAGES["shopify"], "What it claims"))
    assert set(ATTRIBUTES) <= code(section(PAGES["shopify"], "What the shop's pages can add"))


def test_the_letters_are_in_the_table() -> None:
    rows = {
        says: set(re.findall(r"`(\w)`", letters))
        for letters, says in re.findall(r"\| ((?:`[a-z]` ?)+) \| (\w+) \|", SIGNALS)
    }
    assert rows == {
        says: {letter for letter, granted in LETTERS.items() if granted is meant}
        for says, meant in (("nothing", None), ("granted", True), ("denied", False))
    }


def test_the_examples_say_what_they_say() -> None:
    assert "gcd=13r3p3t3l5" in SIGNALS
    assert stated("", "13r3p3t3l5") == {"ad_storage": True, "analytics_storage": False, "ad_user_data": True}
    assert "gcs=G101" in SIGNALS
    assert stated("G101", "") == {
        "ad_storage": False,
        "analytics_storage": True,
        "ad_user_data": False,
        "ad_personalization": False,
    }
