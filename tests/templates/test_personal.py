"""Where identifying data comes from, and what takes it away."""

from __future__ import annotations

import pytest
from writing import Workbench

from container.language.shape import compile_shape
from container.templates.personal import Names, Origin, identifying

TEMPLATE = """
params: {{properties: {{extra: {{type: tree}}}}}}
let:
  user: "{{{{ event.user_data }}}}"
  written: {{mail: "{{{{ event.email }}}}", plan: "{{{{ event.plan }}}}", deep: {{zip: "{{{{ user.address.zip }}}}"}}}}
  chosen: {{$if: "{{{{ event.a }}}}", $value: {{x: 1}}, $else: {{x: "{{{{ event.phone }}}}"}}}}
  people: [{{mail: "{{{{ event.email }}}}", plan: 1}}]
target: t
request:
  url: https://e.org/
  json: {{x: {written}}}
"""


def origin(written: str, extra: str = "1") -> Origin | None:
    """Of a value of the body; `extra`: what the tag gives for that parameter."""
    bench = Workbench()
    template = bench.template(TEMPLATE.format(written=written))
    params = {"extra": compile_shape(bench.node(f"extra: {extra}", "tags/tag.yaml").members["extra"], bench.context)}
    assert bench.codes == [], [problem.message for problem in bench.problems]
    body = template.request.bodies["json"].tree
    return Names(template.lets, params).personal(body, {})


def read(written: str, extra: str = "1") -> str:
    found = origin(written, extra)
    return found.path if found is not None else ""


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ('"{{ event.email }}"', "event.email"),
        ('"{{ event.Email-Address }}"', "event.Email-Address"),
        ('"{{ event[\'x-fb-ud-em\'] }}"', "event.x-fb-ud-em"),
        ('"{{ event }}"', "event"),
        ('"{{ user.anything }}"', "event.user_data.anything"),
        ('"{{ written.mail }}"', "event.email"),
        ('"{{ written.deep.zip }}"', "event.user_data.address.zip"),
        ('"{{ chosen.x }}"', "event.phone"),
        ('"{{ people | first }}"', "event.email"),
        ('{$each: "{{ people }}", $as: person, $value: "{{ person.mail }}"}', "event.email"),
        ('{$each: "{{ written }}", $key: "{{ item.key }}", $value: "{{ item.value }}"}', "event.email"),
        ('{$base: {a: 1}, mail: "{{ event.mail }}"}', "event.mail"),
        ('{$override: "{{ event.customer }}", a: 1}', "event.customer"),
        ('"{{ written | without(mail, deep) }}"', "event.email"),  # of the whole event alone it is known what is left
        ('"{{ request.cookies.email }}"', "request.cookies.email"),
        ('"{{ event.email | lower | trim }}"', "event.email"),
        ('"{{ event.plan | replace(\'a\', event.email) }}"', "event.email"),
    ],
)
def test_what_a_value_can_be_made_of(written: str, path: str) -> None:
    assert read(written) == path


@pytest.mark.parametrize(
    "written",
    [
        '"{{ event.value }}"',
        '"{{ event.items }}"',
        '"{{ written.plan }}"',
        '"{{ written.none }}"',
        '{$each: "{{ people }}", $as: person, $value: "{{ person.plan }}"}',
        '{$each: "{{ written }}", $value: "{{ item.key }}", $key: "{{ item.key }}"}',
        '"{{ event.email | count }}"',
        '"{{ event.email == event.phone }}"',
        '"{{ not event.email }}"',
        '"{{ event | without(user_data) }}"',
        '"{{ written | only(plan) }}"',
        '"{{ request.headers.referer }}"',
    ],
)
def test_what_tells_of_nobody(written: str) -> None:
    assert read(written) == ""


def test_it_is_told_where_it_is_used_and_what_a_tag_gives_in_the_tag() -> None:
    found = origin('"{{ user.email }}"')
    assert found is not None and (found.place.file, found.place.line) == ("templates/own.yaml", 11)
    found = origin('"{{ params.extra.mail }}"', '{mail: "{{ event.email }}"}')
    assert found is not None and (found.path, found.place.file) == ("event.email", "tags/tag.yaml")
    assert origin('"{{ params.extra.plan }}"', '{mail: "{{ event.email }}", plan: a}') is None


def test_a_variable_is_what_it_can_be_made_of_and_an_unknown_one_what_its_name_says() -> None:
    bench = Workbench('{who: "{{ event.email }}", again: "{{ var.who }}", plan: "{{ event.plan }}"}')
    known = {id: variable.shapes for id, variable in bench.variables.items()}

    def names(name: str, variables: Names) -> bool:
        shape = compile_shape(bench.node(f'x: "{{{{ var.{name} }}}}"', "t.yaml"), bench.context)
        return variables.personal(shape.tree, {}) is not None

    assert [names(name, Names(variables=known)) for name in ("who", "again", "plan")] == [True, True, False]
    bench.variables = {**bench.variables, "email": bench.variables["plan"]}
    assert [names(name, Names()) for name in ("email", "plan")] == [True, False]


@pytest.mark.parametrize(
    ("keys", "tells"),
    [((), True), (("*",), True), (("value",), False), (("items", 0, "e-mail"), True), (("Phone-Number",), True)],
)
def test_which_keys_of_an_event_tell_who_somebody_is(keys: tuple[str | int, ...], tells: bool) -> None:
    assert identifying(keys) is tells
