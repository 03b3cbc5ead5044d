from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from copies import Shop, documents

from container.language.expression import Context
from container.problems import Problems
from container.transformations import Transformations, compile_transformations
from container.variables import Variables, compile_variables


@dataclass(frozen=True)
class Tag:
    id: str = "ga4"
    template_id: str = "ga4_measurement_protocol"


def compiled(text: str) -> tuple[Transformations, list[tuple[str, str]]]:
    problems = Problems()
    context = Context(problems=problems)
    found = compile_transformations(documents("transformations", text), context, ["ga4", "meta"], ["http_request"])
    return found, [(problem.code, problem.hint) for problem in problems]


VARIABLES = Variables(compile_variables(documents("variables", 'shown: "{{ event.a }}"'), Context()), {"id": "shop"})


def seen_by(text: str, tag: Tag = Tag(), **data: Any) -> dict[str, Any]:
    transformations, problems = compiled(text)
    assert problems == []
    scope = transformations.for_tag(tag, VARIABLES.over(Shop().browser(**data)), VARIABLES.again)
    return {key: value for key, value in scope.event.items() if key != "timestamp"} | {"var": scope.var("shown")}


def test_set_augments_and_an_absent_value_removes() -> None:
    text = 't: {tags: all, set: {a: "{{ event.b }}", c: fixed, gone: "{{ event.nothing }}"}}'
    expected = {"event_name": "purchase", "a": "B", "b": "B", "c": "fixed", "var": "B"}
    assert seen_by(text, b="B", gone="x") == expected


def test_keep_and_drop() -> None:
    assert seen_by("t: {tags: all, keep: [a]}", a=1, b=2) == {"event_name": "purchase", "a": 1, "var": 1}
    assert seen_by("t: {tags: all, drop: [a, event_name]}", a=1, b=2) == {"event_name": "purchase", "b": 2, "var": None}


@pytest.mark.parametrize(
    ("aim", "aimed"),
    [
        ("all", True),
        ("[ga4]", True),
        ("[meta]", False),
        ("{except: [meta]}", True),
        ("{except: [ga4]}", False),
        ("{templates: [http_request]}", False),
        ("{templates: [http_request], except: [meta]}", False),
    ],
)
def test_which_tags_see_it(aim: str, aimed: bool) -> None:
    assert ("x" in seen_by(f"t: {{tags: {aim}, set: {{x: 1}}}}")) is aimed


def test_conditions_and_order() -> None:
    text = """
second: {tags: all, order: 2, set: {a: "{{ event.a }}2"}}
first: {tags: all, order: 1, set: {a: "{{ event.a }}1"}}
never: {tags: all, when: [{value: "{{ event.event_name }}", equals: refund}], set: {a: x}}
"""
    assert seen_by(text, a="0")["a"] == "012"


def test_on_arrival_for_everybody() -> None:
    transformations, problems = compiled("own: {at: arrival, set: {event_name: purchase}}")
    assert problems == []
    event = Shop().browser("order_done", a=1)
    changed = transformations.on_arrival(event, VARIABLES.over)
    assert (changed.name, changed.data["a"], changed.id) == ("purchase", 1, event.id)
    assert event.name == "order_done"
    assert transformations.for_tag(Tag(), VARIABLES.over(event), VARIABLES.again).event is event.data


def test_faults_are_told() -> None:
    assert compiled("t: {tags: [gq4], drop: [x]}")[1] == [("unknown-tag", "did you mean `ga4`?")]
    unknown = compiled("t: {tags: {templates: [http_requst]}, drop: [x]}")[1]
    assert unknown == [("unknown-template", "did you mean `http_request`?")]
    assert [code for code, _ in compiled("t: {drop: [x]}")[1]] == ["transformation-aim"]
    assert [code for code, _ in compiled("t: {tags: all}")[1]] == ["transformation-empty"]


def test_a_template_s_tags_but_for_some() -> None:
    text = "t: {tags: {templates: [http_request], except: [meta]}, drop: [a]}"
    assert "a" not in seen_by(text, Tag("ga4", "http_request"), a=1)
    assert seen_by(text, Tag("meta", "http_request"), a=1)["a"] == 1
    assert seen_by(text, Tag("ga4", "another"), a=1)["a"] == 1
    assert compiled("t: {tags: {templates: [http_request], except: [mta]}, drop: [a]}")[1] == [
        ("unknown-tag", "did you mean `meta`?")
    ]
