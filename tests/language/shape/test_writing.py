"""What shapes render to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import nested, rendered, scope, shape, shape_problems

from container.call import Secret
from container.language.expression import Scope
from container.language.shape import ABSENT, names_renderer

EVENT: dict[str, Any] = {
    "value": Decimal("149.90"),
    "zero": 0,
    "no": False,
    "empty": "",
    "nothing": {},
    "event_name": "purchase",
    "items": [{"item_id": 1, "quantity": 2}, {"item_id": "B"}, {}],
    "email": "mary@example.com",
    "emails": ["mary@example.com", "", "jo@example.com"],
    "tier": {"level": "gold", "since": 2020},
    "lines": [{"id": "a", "tags": ["x", "y"]}, {"id": "b", "tags": "z"}],
}


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("12", 12),
        ("-1.50", Decimal("-1.50")),
        ("1e3", Decimal(1000)),
        ("'true'", "true"),
        ("'12'", "12"),
        ("012", "012"),
        ("+47", "+47"),
        (".5", ".5"),
        ("NO", "NO"),
        ("True", "True"),
        ("~", "~"),
        ("1_000", "1_000"),
        ("text", "text"),
        ("{}", {}),
        ("[]", []),
        ('"{{ event.value }}"', Decimal("149.90")),
        ('" {{ event.value }} "', Decimal("149.90")),
        ('"{{ event.zero }}"', 0),
        ('"{{ event.no }}"', False),
        ('"{{ event.value }} EUR"', "149.9 EUR"),
        ('"{{ event.event_name }}.{{ event.zero }}"', "purchase.0"),
        ('"{{ event.no }}!"', "false!"),
        ('"{{ event.tier }}!"', '{"level":"gold","since":2020}!'),
        ('"{{ event.missing }} EUR"', ABSENT),
        ('"{{ event.empty }} EUR"', ABSENT),
        ('"{{ event.missing }}"', ABSENT),
        ('"{{ event.empty }}"', ABSENT),
        ('"{{ event.nothing }}"', ABSENT),
        ('"{{ null }}"', ABSENT),
        ("|\n  {{ event.value }}\n", Decimal("149.90")),
    ],
)
def test_scalars(yaml: str, found: Any) -> None:
    result = rendered(yaml, EVENT)
    assert result == found
    assert result.__class__ is found.__class__


def test_secrets_are_parts() -> None:
    known = {"TOKEN": "very secret"}
    assert rendered('"{{ secret.TOKEN }}"', environment=known) == Secret("TOKEN")
    assert rendered('"Bearer {{ secret.TOKEN }}!"', environment=known) == ("Bearer ", Secret("TOKEN"), "!")
    over = Scope(local={"params": {"token": ("Bearer ", Secret("TOKEN"))}})
    outer = shape('"x {{ params.token }}"', locals=frozenset({"params"}))
    assert outer.render(over) == ("x ", "Bearer ", Secret("TOKEN"))


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ('{a: "{{ event.missing }}", b: 1}', {"b": 1}),
        ('{a: "{{ event.missing }}"}', ABSENT),
        ('{a: {b: {c: "{{ event.missing }}"}}, d: 1}', {"d": 1}),
        ('{a: ["{{ event.missing }}"], d: 1}', {"d": 1}),
        ('["{{ event.missing }}", 1]', [1]),
        ('["{{ event.missing }}"]', ABSENT),
        ('{a: null, b: "", c: {}, d: []}', {"a": None, "b": "", "c": {}, "d": []}),
        ("{$$key: 1, a$: 2}", {"$key": 1, "a$": 2}),
        ("{$$$key: 1}", {"$$key": 1}),
    ],
)
def test_what_is_absent_goes(yaml: str, found: Any) -> None:
    assert rendered(yaml, EVENT) == found


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ('{$each: "{{ event.items }}", $value: "{{ item.item_id | text }}"}', ["1", "B"]),
        (
            '{$each: "{{ event.items }}", id: "{{ item.item_id }}", quantity: "{{ item.quantity ?? 1 }}"}',
            [{"id": 1, "quantity": 2}, {"id": "B", "quantity": 1}],
        ),
        ('{$each: "{{ event.items }}", $value: "{{ index }}"}', [0, 1]),
        ('{$each: "{{ event.email }}", $value: "{{ item | upper }}"}', ["MARY@EXAMPLE.COM"]),
        ('{$each: "{{ event.emails }}", mail: "{{ item }}", type: literal}', 2 * [...]),
        ('{$each: "{{ event.missing }}", type: literal}', ABSENT),
        ('{$each: "{{ event.items }}", x: "{{ item.missing }}"}', ABSENT),
        ('{$each: [DE, AT], country: "{{ item }}"}', [{"country": "DE"}, {"country": "AT"}]),
        (
            '{$each: "{{ event.tier }}", $key: "{{ item.key }}", $value: {value: "{{ item.value }}"}}',
            {"level": {"value": "gold"}, "since": {"value": 2020}},
        ),
        (
            '{$each: "{{ event.tier }}", name: "{{ item.key }}", is: "{{ item.value }}"}',
            [{"name": "level", "is": "gold"}, {"name": "since", "is": 2020}],
        ),
        ('{$each: "{{ event.tier }}", level: "{{ item.level }}"}', [{"level": "gold"}]),
        (
            '{$each: "{{ event.items }}", $key: "{{ item.item_id }}", n: "{{ item.quantity ?? 1 }}"}',
            {"1": {"n": 2}, "B": {"n": 1}},
        ),
        (
            '{$each: "{{ event.lines }}", $as: line, id: "{{ line.id }}", '
            'tags: {$each: "{{ line.tags }}", $value: "{{ line.id }}-{{ item }}"}}',
            [{"id": "a", "tags": ["a-x", "a-y"]}, {"id": "b", "tags": ["b-z"]}],
        ),
        (
            '{$each: "{{ event.items }}", $if: "{{ item.quantity }}", id: "{{ item.item_id }}"}',
            [{"id": 1}],
        ),
    ],
)
def test_each(yaml: str, found: Any) -> None:
    if isinstance(found, list) and ... in found:
        found = [{"mail": mail, "type": "literal"} for mail in EVENT["emails"] if mail]
    assert rendered(yaml, EVENT) == found


def test_each_in_a_list_is_spliced() -> None:
    yaml = """
    - {fixed: 1}
    - {$each: "{{ event.emails }}", mail: "{{ item }}"}
    - {phone: "{{ event.missing }}"}
    - {$each: "{{ event.missing }}", x: 1}
    - {$each: "{{ event.tier }}", $key: "{{ item.key }}", $value: 1}
    """
    assert rendered(yaml, EVENT) == [
        {"fixed": 1},
        {"mail": "mary@example.com"},
        {"mail": "jo@example.com"},
        {"level": 1, "since": 1},
    ]


def test_names_of_each_end_with_it() -> None:
    yaml = '{a: {$each: "{{ event.emails }}", $value: "{{ item }}"}, b: "{{ item }}"}'
    over = scope(EVENT).with_local(item="outer")
    assert shape(yaml, locals=frozenset({"item"})).render(over)["b"] == "outer"
    assert [found.code for found in shape_problems(yaml)] == ["unknown-name"]


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ('{$if: "{{ event.value }}", $value: [LDU], $else: []}', ["LDU"]),
        ('{$if: "{{ event.zero }}", $value: [LDU], $else: []}', []),
        ('{$if: "{{ event.missing }}", $value: [LDU]}', ABSENT),
        ('{$if: "{{ event.value > 100 }}", a: 1, b: "{{ event.missing }}"}', {"a": 1}),
        ('{$if: "{{ event.value > 200 }}", a: 1, $else: {b: 2}}', {"b": 2}),
        ("{$if: true, $value: 1}", 1),
    ],
)
def test_if(yaml: str, found: Any) -> None:
    assert rendered(yaml, EVENT) == found


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ('{$base: "{{ event.tier }}", level: silver}', {"level": "silver", "since": 2020}),
        ('{$base: "{{ event.tier }}", level: "{{ event.missing }}"}', {"level": "gold", "since": 2020}),
        ('{$base: "{{ event.missing }}", level: silver}', {"level": "silver"}),
        ('{$base: "{{ event.value }}", level: silver}', {"level": "silver"}),
        ('{$base: "{{ event.missing }}", level: "{{ event.missing }}"}', ABSENT),
        ('{$base: {a: 1, b: 2}, b: 3}', {"a": 1, "b": 3}),
        ('{$base: "{{ event.tier }}"}', {"level": "gold", "since": 2020}),
        ('{$override: "{{ event.tier }}", level: silver, x: 1}', {"level": "gold", "since": 2020, "x": 1}),
        ('{$override: {level: "", x: null}, level: silver}', {"level": "silver"}),
        ('{$override: "{{ event.missing }}", level: silver}', {"level": "silver"}),
        (
            '{$base: {a: 1, b: 1, c: 1}, b: 2, c: 2, $override: {c: 3}}',
            {"a": 1, "b": 2, "c": 3},
        ),
        (
            '{$each: "{{ event.lines }}", $base: "{{ item }}", tags: 1}',
            [{"id": "a", "tags": 1}, {"id": "b", "tags": 1}],
        ),
    ],
)
def test_base_and_override(yaml: str, found: Any) -> None:
    assert rendered(yaml, EVENT) == found


def test_rendering_changes_no_event() -> None:
    before = repr(EVENT)
    rendered('{a: {$base: "{{ event.tier }}", level: 1}, b: {$override: "{{ event.tier }}", level: 1}}', EVENT)
    assert repr(EVENT) == before


def test_what_is_written_deepest_still_renders() -> None:
    pipes = " | text" * 40
    leaf = '{a: "{{ event.email' + pipes + ' }}"}'
    ifs = nested(44, leaf, '{$if: "{{ event.email }}", $value: %s}')
    assert rendered(ifs, EVENT) == {"a": "mary@example.com"}
    assert rendered(ifs, {}) is ABSENT


def test_names_are_worked_out_in_order_and_what_is_absent_is_none() -> None:
    known = frozenset({"a", "b", "c"})
    written = {"a": '"{{ event.x }}"', "b": '"{{ a }}!"', "c": '"{{ event.none }}"', "d": '[1, "{{ c }}"]'}
    names = names_renderer({name: shape(yaml, locals=known).tree for name, yaml in written.items()})
    assert names(scope({"x": "1"})) == {"a": "1", "b": "1!", "c": None, "d": [1]}


def test_of_equal_keys_the_last_element_counts_and_one_without_a_key_has_no_place() -> None:
    yaml = '{$each: "{{ event.rows }}", $key: "{{ item.k }}", $value: "{{ item.v }}"}'
    rows = [{"k": "a", "v": 1}, {"k": "", "v": 2}, {"v": 3}, {"k": "a", "v": 4}, {"k": "b"}]
    assert rendered(yaml, {"rows": rows}) == {"a": 4}


def test_an_element_that_is_absent_keeps_its_index() -> None:
    assert rendered('{$each: "{{ event.rows }}", $value: "{{ index }}"}', {"rows": ["a", "", "b"]}) == [0, 2]
