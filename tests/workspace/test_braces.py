from __future__ import annotations

import pytest

from container.problems import Problems
from container.workspace import braces, reader


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("a: {{ x }}", 'a: "{{ x }}"'),
        ("a: {{ x }} # why", 'a: "{{ x }}" # why'),
        ("  - {{ x }}, {{ y }}  ", '  - "{{ x }}, {{ y }}"  '),
        ("- - a: b {{ x }}", '- - a: "b {{ x }}"'),
        ("a: [{{ x }}, 'y', z]", "a: [\"{{ x }}\", 'y', z]"),
        ("a: {b: {{ x }}, c: d {{ f(1, 2) }} e}", 'a: {b: "{{ x }}", c: "d {{ f(1, 2) }} e"}'),
        ('"a: b": {{ x }}', '"a: b": "{{ x }}"'),
        ("a: {{ x | f('}}') }}", "a: \"{{ x | f('}}') }}\""),
        ("b: {{ x }}}],", 'b: "{{ x }}"}],'),
        (r"a: {{ x | f('\d') }}", r"a: '{{ x | f(''\d'') }}'"),
        ("{{ x }}: y", '"{{ x }}: y"'),
    ],
)
def test_the_line_as_it_should_stand(line: str, fixed: str) -> None:
    assert braces.quoted_line(line) == fixed


@pytest.mark.parametrize(
    "line",
    [
        "a: b",
        'a: "{{ x }}"',
        "a: '{{ x }}' # {{ y }}",
        "# {{ x }}",
        "a: {{ x",
        "",
        "a: {b: {c: d}}",
        'a:"{{ x }}"',
        '  a "{{ x }}"',
        "a:{{ x }}",
    ],
)
def test_lines_with_nothing_to_quote(line: str) -> None:
    assert braces.quoted_line(line) is None


@pytest.mark.parametrize(
    "value", ["{{ x }}", "{{ x }} y", "a {{ x[\"b\"] | f('c') }}", "{{ x | f(' #') }}", "{{ f(a: b) }}"]
)
@pytest.mark.parametrize("frame", ["key: %s", "- %s", "key: [%s, 1]", "key: {a: %s, b: 1}", "- key: %s # note"])
def test_what_is_proposed_can_be_read(frame: str, value: str) -> None:
    problems = Problems()
    fixed = braces.quoted_line(frame % value)
    assert fixed is not None
    assert reader.read_text(fixed, "f.yaml", problems) is not None
    assert not len(problems)


def test_endless_lines_are_not_rewritten() -> None:
    assert braces.quoted_line("a: [" + "{{ x }}, " * 100_000 + "]") is None
    problems = Problems()
    assert reader.read_text("a: [" + "{{ x }}, " * 100_000 + "]", "f.yaml", problems) is None
    assert {problem.code for problem in problems} == {braces.CODE}
    assert len(problems) == reader.MOST_PROBLEMS
