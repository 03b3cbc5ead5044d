"""How old an event may be that the vendor takes."""

from __future__ import annotations

import math

from writing import Workbench

from container.node import Scalar
from container.problems import Place
from container.templates.age import compile_age

DAY = 86400.0
PLACE = Place("own.yaml")


def test_one_limit_for_everything() -> None:
    bench = Workbench()
    found = compile_age(Scalar(PLACE, "7d"), bench.context)
    assert (found.of(b""), found.of(b'{"a": 1}')) == (7 * DAY, 7 * DAY)


def test_no_limit() -> None:
    found = compile_age(None, Workbench().context)
    assert (found.of(b"{}"), found.shortest) == (None, math.inf)


def test_a_limit_by_what_is_sent() -> None:
    bench = Workbench()
    text = '{lookup: "{{ sent.action_source }}", table: {physical_store: 62d}, default: 7d}'
    found = compile_age(bench.node(text, "own.yaml"), bench.context)
    assert bench.codes == []
    assert found.of(b'{"action_source": "physical_store"}') == 62 * DAY
    assert found.shortest == 7 * DAY
    assert found.of(b'{"action_source": "website"}') == 7 * DAY
    assert found.of(b"no json") == 7 * DAY


def test_without_a_default_the_rest_has_no_limit() -> None:
    bench = Workbench()
    found = compile_age(bench.node('{lookup: "{{ sent.kind }}", table: {web: 2d}}', "own.yaml"), bench.context)
    assert (found.of(b'{"kind": "web"}'), found.of(b'{"kind": "shop"}')) == (2 * DAY, None)


def test_mistakes_are_told() -> None:
    bench = Workbench()
    compile_age(bench.node('{lookup: "{{ event.kind }}", table: {web: soon}, defualt: 7d}', "own.yaml"), bench.context)
    assert sorted(bench.codes) == ["bad-duration", "unknown-key", "unknown-name"]
