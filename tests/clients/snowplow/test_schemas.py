"""Self-describing JSON, plain and packed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from snowplow_hits import contexts, described, packed, self_describing

from container.clients.common import Notes
from container.clients.snowplow.schemas import MOST_ENTITIES, entities_of, event_of


def test_an_event_is_known_by_vendor_name_and_first_version() -> None:
    found = event_of({"ue_pr": self_describing("iglu:com.acme-x/foo.bar", {"a": 1})}, Notes())
    assert found is not None
    assert (found.vendor, found.name, found.version, found.data) == ("com.acme-x", "foo.bar", "1", {"a": 1})
    assert found.key == "com_acme_x_foo_bar_1"


@pytest.mark.parametrize("schema", ["com.acme/foo/jsonschema/1-0-0", "iglu:com.acme/foo/jsonschema/1-0", "iglu:a/b", 5])
def test_a_schema_that_is_none(schema: Any) -> None:
    notes = Notes()
    assert event_of({"ue_pr": json.dumps({"data": {"schema": schema, "data": {}}})}, notes) is None
    assert notes() == ("`ue_pr` left out: not a self-describing event",)


def test_no_event_is_no_fault() -> None:
    notes = Notes()
    assert event_of({}, notes) is None and entities_of({"cx": ""}, notes) == []
    assert notes() == ()


def test_packed_comes_before_plain_in_every_form_of_base64() -> None:
    told = self_describing("iglu:com.acme/foo", {"a": "ü?>>"})
    plain = self_describing("iglu:com.acme/other", {})
    padded = base64.b64encode(told.encode()).decode()
    for form in (packed(told), padded, padded.replace("+", " ")):
        found = event_of({"ue_px": form, "ue_pr": plain}, Notes())
        assert found is not None and found.data == {"a": "ü?>>"}


def test_so_many_entities_are_read_and_one_that_is_none_harms_no_other() -> None:
    notes = Notes()
    one = described("iglu:com.acme/foo", {"a": 1})
    assert len(entities_of({"co": contexts(*[one] * (MOST_ENTITIES + 5))}, notes)) == MOST_ENTITIES
    assert len(entities_of({"co": json.dumps({"data": [one, 5, {"schema": "x"}, one]})}, notes)) == 2
    assert notes() == ("an entity without a schema and an object was left out",)


def test_what_is_no_text_but_the_object_itself_is_read_too() -> None:
    told = json.loads(self_describing("iglu:com.acme/foo", {"a": 1}))
    found = event_of({"ue_pr": told}, Notes())
    assert found is not None and found.data == {"a": 1}
    notes = Notes()
    assert event_of({"ue_pr": 5}, notes) is None
    assert notes() == ()
