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
from container.clients.webhook.body import MOST_FIELDS
from container.clients.webhook.data import IDS, LONGEST_ID, MOST_ITEMS, NUMBERS
from container.clients.webhook.ids import FIELDS
from container.clients.webhook.schema import RULE
from container.clients.webhook.signature import OPTIONS as SIGNATURES
from container.clients.webhook.signature import SECRET_FORMS
from container.event import CLICK_IDS
from container.language.expression import Context
from container.node import Mapping, Scalar
from container.problems import Place, Problems
from container.workspace.conform import conform
from container.workspace.overlay import merged
from container.workspace.reader import read_text
from container.workspace.starter import webhooks

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {kind: (DOCS / "clients" / f"{kind}.md").read_text() for kind in KINDS}
SIGNALS = (DOCS / "consent-signals.md").read_text()
SECRETS = dict.fromkeys(re.findall(r"secret\.(\w+)", "".join(PAGES.values())), "x")
SHIPPED = {
    path.stem: read_text(path.read_text(), path.name, Problems()) or Mapping(Place(path.name))
    for path in webhooks().glob("*.yaml")
}


def section(page: str, heading: str) -> str:
    return page.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def code(text: str) -> set[str]:
    """Every word in back quotes."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return {word for quoted in re.findall(r"`([^`]+)`", plain) for word in re.split(r"[ ,]+", quoted)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_is_in_the_table_and_no_other(kind: str) -> None:
    rows = re.findall(r"^\| `(\w+)`( \(required\))?", section(PAGES[kind], "Options"), re.MULTILINE)
    schema = KINDS[kind].schema
    shown = {name for name, _ in rows}
    if kind in SHIPPED:  # the others are on the page of the kind `webhook`, to which it points
        assert {"kind", "path", "secret", "name", "source", "consent"} <= shown <= set(schema["properties"])
        assert "(webhook.md#options)" in section(PAGES[kind], "Options")
    else:
        assert shown == set(schema["properties"])
    assert {name for name, required in rows if required} == set(schema["required"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_loads(kind: str) -> None:
    problems = Problems()
    for example in re.findall(r"```yaml file=container.yaml\n(.*?)```", PAGES[kind], re.DOTALL):
        node = read_text(example, "container.yaml", problems)
        assert isinstance(node, Mapping)
        clients = node.get("clients") or Mapping(node.place)
        assert isinstance(clients, Mapping)
        for name, written in clients:
            client = merged(SHIPPED[kind], written) if kind in SHIPPED else written
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
    assert f"more than {MOST_ITEMS} lines" in PAGES["shopify"].replace("\n", " ")
    assert f"more than {MOST_ITEMS} lines, events or elements; more than {MOST_FIELDS} form fields" in PAGES["webhook"]
    assert f"up to {LONGEST_ID} characters" in PAGES["webhook"]
    assert f"up to {MOST_EVENTS}" in PAGES["json"]
    assert f"more than {MOST_EVENTS} events" in PAGES["json"]
    assert f"deeper than {DEEPEST} levels" in PAGES["json"]
    assert f"up to {LONGEST_NAME} characters" in PAGES["json"]
    assert f"`pr1` … `pr{items.MOST_ITEMS}`" in PAGES["ga4"]


@pytest.mark.parametrize("kind", SHIPPED)
def test_every_topic_of_a_file_is_on_its_page(kind: str) -> None:
    file = SHIPPED[kind]
    assert isinstance(file, Mapping)
    topics = file.members["events"]
    assert isinstance(topics, Mapping)
    assert {topic for topic, _ in topics if not topic.endswith("*")} <= code(PAGES[kind])


def test_what_a_webhook_knows_is_on_its_page() -> None:
    page = PAGES["webhook"]
    assert {*IDS, *NUMBERS} <= code(section(page, "What is mapped"))
    assert set(FIELDS) <= code(section(page, "Click ids and cookies"))
    assert set(FIELDS) <= code(section(PAGES["shopify"], "What the shop's pages can add"))
    assert set(RULE["properties"]) <= code(section(page, "Topics"))
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \|(.*)\|$", section(page, "Signatures"), re.MULTILINE))
    known = {name for names in SIGNATURES.values() for name in names}
    assert rows.pop("scheme")
    assert {scheme: code(takes) & known for scheme, takes in rows.items()} == {
        scheme: set(options) for scheme, options in SIGNATURES.items()
    }
    assert {*SECRET_FORMS} <= code(section(page, "Signatures"))


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
