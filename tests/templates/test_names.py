"""`let` and `params`: in which order, and when, they are worked out."""

from __future__ import annotations

from typing import Any

from writing import Workbench, event_scope

LETS = """
params: {{properties: {{account: {{type: string}}}}}}
let: {{{lets}}}
target: "{{{{ params.account }}}} t"
request: {{url: "https://e.org/", json: {{x: "{{{{ a }}}}"}}}}
"""


def test_names_of_let_may_stand_in_any_order() -> None:
    bench = Workbench()
    found = bench.template(LETS.format(lets='a: "{{ c }}", b: "{{ event.x }}", c: "{{ b }}"'))
    assert bench.codes == [] and found.order == ("b", "c", "a")


def test_names_that_need_each_other_are_told_together_and_the_others_still_work() -> None:
    bench = Workbench()
    found = bench.template(LETS.format(lets='a: "{{ c }}", b: "{{ event.x }}", c: "{{ a }}", d: "{{ d }}{{ b }}"'))
    assert [problem.message for problem in bench.problems] == ["these names of `let` need each other: `a`, `c`, `d`"]
    assert found.order == ("b",)


def test_names_are_worked_out_once_and_only_where_they_are_needed() -> None:
    bench = Workbench('{a: "{{ event.a }}", b: "{{ event.b }}"}')
    template = """
        params: {properties: {account: {type: string}, a: {type: tree}, b: {type: tree}}}
        let: {twice: "{{ params.a }}", first: "{{ twice }}x", unused: "{{ var.b }}"}
        target: "{{ params.account }} t"
        request: {url: "https://e.org/", json: {x: "{{ twice }}", y: "{{ first }}", z: "{{ params.a }}"}}
    """
    binding = bench.binding(template, 'account: "1"\na: "{{ var.a }}"\nb: "{{ var.b }}"')
    assert binding is not None
    asked: list[str] = []

    class Asked(dict[str, Any]):
        """Counts each time a variable is read."""

        def __getitem__(self, name: str) -> Any:
            asked.append(name)
            return super().__getitem__(name)

    scope = event_scope()
    scope.known = Asked(a="v", b="v")
    aimed = binding.aim(scope)
    assert asked == []
    assert aimed.render()[0].content == {"x": "v", "y": "vx", "z": "v"}
    assert asked == ["a"]
