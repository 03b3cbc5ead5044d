"""GPP strings: the specification's headers, sections printed by IAB's own library, strings that are none."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.signals.gpp import OPT_OUTS, sale_allowed, sections, us_privacy

TCF = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"DBABMA~{TCF}", {2: TCF}),  # the specification's examples
        (f"DBACNYA~{TCF}~1YNN", {2: TCF, 6: "1YNN"}),
        ("DBABjw~canada~1YNN", {5: "canada", 6: "1YNN"}),  # a range
        (f"DBACNYA~{TCF}", {2: TCF}),
        (TCF, {}),
        ("1YNN", {}),
        ("", {}),
        ("DB", {}),
        ("D~~~", {}),
    ],
)
def test_the_sections_of_a_string(text: str, found: dict[int, str]) -> None:
    assert sections(text) == found


@pytest.mark.parametrize(
    ("id", "section", "allowed"),
    [
        (7, "BVVVkkkkkpFY.Y", False),  # printed by IAB's library: every notice given, everything opted out of
        (17, "BVWSSSSVY.Y", False),
        (7, "BAAAAAAAAABA.Q", None),  # its defaults: not applicable
        (17, "BAAAAAABA.Q", None),
        (7, "BAAAAAAAAABA.Y", False),  # not applicable, and GPC
        (6, "1YNN", True),
        (6, "1YYN", False),
        (6, "1---", None),
        (99, "BVVVkkkkkpFY.Y", None),
        (7, "B", None),
        (7, "", None),
        (8, "!!", None),
    ],
)
def test_the_opt_out_of_a_section(id: int, section: str, allowed: bool | None) -> None:
    assert sale_allowed(id, section) is allowed


def section(id: int, answers: list[int]) -> str:
    bits = list("000001" + "0" * 58)
    for place, answer in zip(OPT_OUTS[id], answers, strict=True):
        bits[place : place + 2] = f"{answer:02b}"
    raw = int("".join(bits), 2).to_bytes(8)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("id", sorted(OPT_OUTS))
def test_any_opt_out_counts_and_two_is_none(id: int) -> None:
    many = len(OPT_OUTS[id])
    assert sale_allowed(id, section(id, [2] * many)) is True
    assert sale_allowed(id, section(id, [2] * (many - 1) + [0])) is True
    assert sale_allowed(id, section(id, [0] * many)) is None
    for at in range(many):
        assert sale_allowed(id, section(id, [2] * at + [1] + [2] * (many - at - 1))) is False


@pytest.mark.parametrize("text", ["", "1", "2YNN", "1YN", "1YNNN", "1Y?N"])
def test_us_privacy_that_is_none(text: str) -> None:
    assert us_privacy(text) is None


@given(st.text(max_size=100) | st.text("ABCDEFGHabcdefgh0123456789-_.~", max_size=200).map("DB".__add__))
def test_no_text_breaks_it(text: str) -> None:
    for id, found in sections(text).items():
        sale_allowed(id, found)
    us_privacy(text)
