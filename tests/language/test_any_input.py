"""Whatever is written and whatever arrives: only problems, never an exception."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from speaking import condition, context, shape

from container.call import Secret
from container.language.conditions import compile_conditions
from container.language.expression import Expression, Scope, as_text, equal, parse, present
from container.language.normalisers import HASH_RULES, NORMALISERS, hashed
from container.language.shape import compile_shape
from container.node import Mapping, Node, Scalar, Sequence
from container.problems import Place

PLACE = Place("a.yaml")
WORDS = (
    *("event", "var", "item", "and", "or", "not", "in", "true", "null", "secret", "env", "now", "random", "consent"),
    *("|", "(", ")", "[", "]", ",", ":", "??", "==", "<", ".", "'", '"', "{{", "}}", " ", "-", "$", "5", "1e9", "X"),
    *("hashed", "email", "lookup", "else", "same", ".user_data", ".email_address", "slice", "sum", "url", "keep"),
)

words = st.lists(st.sampled_from(WORDS))
texts = st.one_of(st.text(), words.map("".join), words.map(" ".join))
numbers = st.one_of(
    st.integers(),
    st.integers(min_value=10**300, max_value=10**400),
    st.floats(),
    st.decimals(),
    st.sampled_from([Decimal("1e500"), Decimal("1e-500"), Decimal("sNaN"), 10**4000]),
)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    st.text(alphabet=st.characters()),
    st.sampled_from(["\ud800", "2026-11-23", "9999-12-31T23:59:59-23:59", "1e400", "+49", "a@b.de", "https://[x"]),
    st.just(Secret("X")),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.text(max_size=5), st.sampled_from(["price", "name", "key"])), inner, max_size=4),
    ),
    max_leaves=10,
)


@settings(max_examples=400, deadline=None)
@given(texts)
def test_parsing_any_text(text: str) -> None:
    known = context(environment={"X": "1"}, variables={"market"}, tables={"t": {}})
    found = parse(text, PLACE, known)
    assert (found is None) == bool(known.problems.errors)
    for one in known.problems:
        assert 1 <= one.column <= len(text) + 1
        assert one.length >= 1
    if found is not None:
        found.evaluate(Scope())


def nodes(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    keys = st.one_of(
        st.sampled_from(["$each", "$value", "$key", "$as", "$if", "$else", "$base", "$override", "$x", "$$a", "a"]),
        st.sampled_from(["value", "equals", "matches_regex", "is", "all", "any", "not", "less_than", "ignore_case"]),
        st.text(max_size=3),
    )
    return st.one_of(
        st.lists(inner, max_size=3).map(lambda items: Sequence(PLACE, items)),
        st.dictionaries(keys, inner, max_size=4).map(lambda found: Mapping(PLACE, found)),
    )


scalar_texts = st.one_of(
    texts.map(lambda text: f"{{{{ {text} }}}}"),
    texts,
    st.sampled_from(["{{ event.a }}", "{{ item.key }}", "x {{ event }}", "true", "(", "present", "5"]),
)
any_node = st.recursive(
    st.builds(Scalar, st.just(PLACE), scalar_texts, st.booleans()), nodes, max_leaves=8
)


@settings(max_examples=400, deadline=None)
@given(any_node, values)
def test_compiling_any_shape(node: Node, data: Any) -> None:
    known = context()
    found = compile_shape(node, known)
    found.render(Scope(event={"a": data}))
    list(found.leaves())


@settings(max_examples=300, deadline=None)
@given(any_node, values)
def test_compiling_any_condition(node: Node, data: Any) -> None:
    found = compile_conditions(node, context())
    over = Scope(event={"a": data})
    assert found.holds(over) in (True, False)
    assert all(check.passed in (True, False) for check in found.explain(over))
    assert (found.match(over) is not None) == found.holds(over)


def every_pipe() -> list[tuple[str, Expression]]:
    found = []
    for normaliser in NORMALISERS.values():
        for args in {case.args for case in normaliser.cases}:
            text = f"event.a | {normaliser.name}({args})" if args else f"event.a | {normaliser.name}"
            made = parse(text, PLACE, context(tables={"event_names": {"a": "b"}}))
            assert made is not None
            found.append((text, made))
    for text in ("minor(event.b)", "default_region(event.b)", "replace(event.b, event.a)"):
        made = parse(f"event.a | {text}", PLACE, context())
        assert made is not None
        found.append((text, made))
    return found


PIPES = every_pipe()


@settings(max_examples=300, deadline=None)
@given(values, values)
def test_normalising_any_value(data: Any, other: Any) -> None:
    over = Scope(event={"a": data, "b": other})
    for _, pipe in PIPES:
        pipe.evaluate(over)
    present(data)
    as_text(data)
    equal(data, other)


OPERATORS = [
    condition(f'- {{value: "{{{{ event.a }}}}", {operator}: {operand}}}').holds
    for operator in ("equals", "contains", "starts_with", "less_than", "at_least")
    for operand in ("5", '"{{ event.b }}"')
] + [condition("- {value: \"{{ event.a }}\", matches_regex: '.'}").holds]
COMPARISONS = shape(
    """
    - "{{ event.a == event.b }}"
    - "{{ event.a < event.b }}"
    - "{{ event.a in event.b }}"
    - "{{ event.a and not event.b }}"
    - "{{ event.a ?? event.b }}"
    - "{{ event.a.key }} {{ event.b[0] }}"
    - {$each: "{{ event.a }}", $key: "{{ item }}", $value: "{{ event.b }}"}
    - {$base: "{{ event.a }}", $override: "{{ event.b }}", x: "{{ event.a }}-"}
    """
)


@settings(max_examples=300, deadline=None)
@given(values, values)
def test_comparing_any_values(data: Any, other: Any) -> None:
    over = Scope(event={"a": data, "b": other})
    COMPARISONS.render(over)
    for holds in OPERATORS:
        assert holds(over) in (True, False)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(HASH_RULES)), st.one_of(leaves, st.emails(), st.from_regex(r"\+?[0-9 ()-]{5,20}")))
def test_hashing_twice_is_hashing_once(rule: str, data: Any) -> None:
    once = hashed(rule, data)
    assert once is None or len(once) == 64
    if once is not None:
        assert hashed(rule, once) == once
        assert hashed(rule, once.upper()) == once


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(set(HASH_RULES) - {"id"})), st.text(min_size=1, max_size=30))
def test_blanks_and_capitals_change_nothing(rule: str, text: str) -> None:
    if text.lower().upper().lower() == text.lower() and text.upper().lower() == text.lower():
        assert hashed(rule, f" {text} ") == hashed(rule, text)
        if rule not in ("phone_e164", "phone_digits", "birthday"):
            assert hashed(rule, text.upper()) == hashed(rule, text)
