"""The item string."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.common import Notes
from container.clients.ga4.items import NUMBERS, TEXTS, item


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("idSKU~nmName~pr10.01~qt3", {"item_id": "SKU", "item_name": "Name", "price": Decimal("10.01"), "quantity": 3}),
        ("qt3~idSKU", {"item_id": "SKU", "quantity": 3}),
        ("nma~~b~brc", {"item_name": "a~b", "item_brand": "c"}),
        ("nma~~~brc", {"item_name": "a~", "item_brand": "c"}),
        ("nm~~", {"item_name": "~"}),
        ("nm", {"item_name": ""}),
        ("", {}),
        ("x", {"x": ""}),
        ("zzv", {"zz": "v"}),
        ("nm50%25 off", {"item_name": "50% off"}),
        ("nm100% wool", {"item_name": "100% wool"}),
        ("nm20%de", {"item_name": "20%de"}),
        ("k0color~v0red~k1size~v1XL", {"color": "red", "size": "XL"}),
        ("v0red~k0color", {"color": "red"}),
        ("k01st~v02nd", {"1st": "2nd"}),
        ("k0color", {"k0": "color"}),
        ("v0red", {"v0": "red"}),
        ("k0item_id~v0forged~idSKU", {"item_id": "SKU"}),
        ("kaone", {"ka": "one"}),
        ("caA~ca2B~ca5E", {"item_category": "A", "item_category2": "B", "item_category5": "E"}),
        ("caA~c2B~ca2C", {"item_category": "A", "item_category2": "B"}),
        ("idfirst~idsecond", {"item_id": "first"}),
        ("caA~c2B~c3C~c4D~c5E", {"item_category": "A", **{f"item_category{n}": "ABCDE"[n - 1] for n in range(2, 6)}}),
    ],
)  # fmt: skip
def test_item(text: str, expected: dict[str, Any]) -> None:
    assert item("pr1", text, Notes()) == expected


def test_more_than_ten_own_fields() -> None:
    fields = "~".join(f"k{at}name{at}~v{at}value{at}" for at in range(27))
    assert item("pr1", f"idSKU~{fields}", Notes()) == {
        "item_id": "SKU",
        **{f"name{at}": f"value{at}" for at in range(27)},
    }


@pytest.mark.parametrize("code", NUMBERS)
def test_numbers(code: str) -> None:
    notes = Notes()
    assert item("pr3", f"{code}7.5", notes) == {NUMBERS[code]: Decimal("7.5")}
    assert item("pr3", f"{code}NaN", notes) == {}
    assert notes() == (f"`pr3.{code}` left out: not a number",)


@pytest.mark.parametrize("code", TEXTS)
def test_texts(code: str) -> None:
    assert item("pr1", f"{code}x", Notes()) == {TEXTS[code]: "x"}


@given(st.text(alphabet=st.sampled_from("kv019~%aprdqt²\x00é")))
def test_nothing_raises(text: str) -> None:
    assert isinstance(item("pr1", text, Notes()), dict)
