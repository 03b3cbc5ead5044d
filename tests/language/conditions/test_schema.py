"""What editors are told."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from container.language.conditions import SCHEMA


@pytest.mark.parametrize(
    ("example", "fine"),
    [
        ([{"value": "{{ event.a }}", "equals": ["DE", 5]}], True),
        ([{"not": {"value": "{{ event.a }}", "is": "present"}}], True),
        ([{"any": [{"all": [{"value": "{{ event.a }}", "less_than": 5, "ignore_case": True}]}]}], True),
        ([{"value": "{{ event.a }}"}], False),
        ([{"value": "{{ event.a }}", "equal": 1}], False),
        ([{"value": "{{ event.a }}", "is": "there"}], False),
        ([{"any": []}], False),
    ],
)
def test_schema(example: Any, fine: bool) -> None:
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(example) is fine
