"""docs/normalisers.md, written from the normalisers themselves: `python tests/support/normaliser_page.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from container.encoding import encode
from container.language.normalisers import NORMALISERS
from container.language.normalisers.base import Case, Normaliser
from container.language.normalisers.hashes import RULE_HELP

PAGE = Path(__file__).parents[2] / "docs" / "normalisers.md"

HEAD = """# Normalisers

A normaliser follows a `|` in an [expression](language.md) and makes of the value what a vendor asks for. It takes a
list element by element (absent results and repeats are dropped, the order is kept), unless it says that it takes the
list as a whole. What it cannot make is absent; nothing is invented.

Numbers are decimals from the wire on: 149.90 is never 149.89999. Text is a number where it is written in ASCII digits
with a point; `NaN`, `Infinity` and absurd exponents are none.

| normaliser | gives |
|---|---|
"""

RULES = """
Rules, not vendors: which one a vendor asks for stands in its template, and the template's contract proves that it was
used. A value that is a SHA-256 already (64 hex digits) passes in lower case: a hash is never hashed. An MD5 is no
value, except for `id`. A national telephone number needs its country: put `default_region('DE')` before `hashed`.
Where a page gives both the raw value and a hash, name the raw one first: `event.a ?? event.sha256_a | hashed(email)`.

| rule | normal form that is hashed |
|---|---|
"""


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield HEAD.rstrip()
    for normaliser in NORMALISERS.values():
        yield f"| [`{normaliser.usage}`](#{normaliser.name}) | {_cell(normaliser.help)} |"
    for normaliser in NORMALISERS.values():
        yield from _section(normaliser)


def _section(normaliser: Normaliser) -> Iterator[str]:
    whole = "; takes a list as a whole" if normaliser.whole else ""
    yield f"\n## {normaliser.name}\n\n`{normaliser.usage}`: {normaliser.help}{whole}."
    if normaliser.name == "hashed":
        yield RULES.rstrip()
        for rule, help_ in RULE_HELP.items():
            yield f"| `{rule}` | {_cell(help_)} |"
    yield "\n| written | value | gives |\n|---|---|---|"
    for case in normaliser.cases:
        yield row(normaliser, case)


def row(normaliser: Normaliser, case: Case) -> str:
    """The line of one case."""
    call = f"{normaliser.name}({case.args})" if case.args else normaliser.name
    return f"| `{_cell(call)}` | {_value(case.input)} | {_value(case.output)} |"


def _value(value: Any) -> str:
    return "absent" if value is None else f"`{_cell(encode(value).decode())}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
