from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from copies import Shop, documents

from container.language.expression import Context, Scope
from container.problems import Problems
from container.variables import BUILT_IN, Variables, compile_variables


def compiled(text: str) -> Variables:
    problems = Problems()
    found = documents("variables", text) if text else {}
    context = Context(problems=problems, variables=frozenset(BUILT_IN) | set(found))
    variables = compile_variables(found, context)
    assert not len(problems), list(problems)
    return Variables(variables, {"id": "shop", "version": "1"})


def over(text: str, **data: Any) -> Scope:
    return compiled(text).over(Shop().browser(**data))


def problems_of(text: str) -> list[tuple[str, str, int]]:
    problems = Problems()
    found = documents("variables", text)
    compile_variables(found, Context(problems=problems, variables=frozenset(BUILT_IN) | set(found)))
    return [(problem.code, problem.message, problem.line) for problem in problems]


def test_an_expression() -> None:
    assert over('total: "{{ event.value | number }}"', value="10.50").var("total") == pytest.approx(10.5)
    assert over('host: "{{ event.page_hostname }}"').var("host") is None
    assert over('text: "order {{ event.id }}"', id=5).var("text") == "order 5"
    assert over("plain: NO").var("plain") == "NO"


@pytest.mark.parametrize(
    ("host", "market"), [("shop.de", "DE"), ("shop.no", "NO"), ("x.com", "other"), (None, "other")]
)
def test_a_lookup_table(host: str | None, market: str) -> None:
    text = 'market: {lookup: "{{ event.page_hostname }}", table: {shop.de: DE, shop.no: "NO"}, default: other}'
    assert over(text, page_hostname=host).var("market") == market


def test_a_lookup_compares_as_text_and_may_give_expressions() -> None:
    text = 'rate: {lookup: "{{ event.n }}", table: {10: "{{ event.a }}"}}'
    assert over(text, n=10, a="A").var("rate") == "A"
    assert over(text, n=11, a="A").var("rate") is None


@pytest.mark.parametrize(("host", "segment"), [("oslo.shop.no", "oslo"), ("shop.de", "rest"), (None, "rest")])
def test_the_first_row_that_holds(host: str | None, segment: str) -> None:
    text = r"""
segment:
  first:
    - {when: [{value: "{{ event.page_hostname }}", matches_regex: '^(\w+)\.shop\.no$'}], then: "{{ match[1] }}"}
  default: rest
"""
    assert over(text, page_hostname=host).var("segment") == segment


def test_a_row_without_when_always_holds() -> None:
    text = 'v: {first: [{when: [{value: "{{ event.x }}", equals: 1}], then: one}, {then: any}], default: never}'
    assert over(text, x=1).var("v") == "one"
    assert over(text, x=2).var("v") == "any"


def test_a_variable_is_worked_out_once_and_only_when_read() -> None:
    reads: list[str] = []

    class Watched(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            reads.append(key)
            return super().get(key, default)

        def __getitem__(self, key: str) -> Any:
            reads.append(key)
            return super().__getitem__(key)

    event = Shop().browser(x="x")
    watched = event.with_data(Watched(event.data))
    scope = compiled('a: "{{ var.b }}{{ var.b }}"\nb: "{{ event.x }}"').over(watched)
    assert reads == []
    assert scope.var("a") == "xx"
    assert scope.var("a") == "xx"
    assert reads == ["x"]


def test_an_event_goes_at_once_when_nobody_needs_it() -> None:
    variables, event = compiled('a: "{{ var.b }}"\nb: "{{ event.x }}"'), Shop().browser(x="x")
    gone = weakref.ref(event.request)
    gc.disable()  # it would hide what only the collector can free
    try:
        assert variables.over(event).var("a") == "x"
        del event
        assert gone() is None
    finally:
        gc.enable()


def test_built_in_variables_can_be_rewritten() -> None:
    assert over("", order_id="7").var("transaction_id") == "7"
    assert over('transaction_id: "{{ event.my_order }}"', order_id="7", my_order="8").var("transaction_id") == "8"
    assert over("", items=[{"item_id": "SKU"}]).var("item_id") == "SKU"
    raw_first = {"sha256_email_address": "ab" * 32, "email_address": "j@example.com"}
    assert over("", user_data=raw_first).var("email") == "j@example.com"


def test_circles_are_refused_and_named() -> None:
    [problem] = problems_of('a: "{{ var.b }}"\nb: "{{ var.a }}"\nc: "{{ var.a }}"')
    assert problem == ("variable-circle", "variables that need each other: `a` → `b` → `a`", 1)


def test_an_unknown_variable_is_told_with_its_place() -> None:
    [(code, message, line)] = problems_of('market: x\nother: "{{ var.markt }}"')
    assert (code, line) == ("unknown-variable", 2)
    assert "markt" in message


def test_what_is_neither_is_refused() -> None:
    assert [code for code, _, _ in problems_of("v: {lookup: x}")] == ["missing-key"]
    assert "unknown-key" in [code for code, _, _ in problems_of("v: {lookup: x, table: {}, defalt: y}")]
