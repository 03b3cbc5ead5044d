"""What an expression names must be known, and its normalisers get what they take."""

from __future__ import annotations

from typing import Any

import pytest
from speaking import problem, problems, value

from container.language.expression import Scope


def test_response_rules_see_only_the_answer() -> None:
    names: dict[str, Any] = {"roots": frozenset(), "locals": frozenset({"status", "body", "batch"})}
    over = Scope(local={"status": 200, "body": {"events_received": 2}, "batch": {"count": 2}})
    text = "status == 200 and body.events_received == batch.count"
    assert value(text, over=over, **names) is True
    assert problem("event.a", **names).code == "unknown-name"


@pytest.mark.parametrize(
    ("text", "code", "message", "hint"),
    [
        ("evnt.value", "unknown-name", "`evnt`", "`event`"),
        ("foo", "unknown-name", "`foo`", "`event`"),
        ("item.id", "unknown-name", "`item`", "$each"),
        ("match[1]", "unknown-name", "`match`", "matches_regex"),
        ("var.makret", "unknown-variable", "`makret`", "`market`"),
        ("var", "unknown-name", "`var`", "var.NAME"),
        ("request.pth", "unknown-name", "`pth`", "`path`"),
        ("request", "unknown-name", "needs a key", "`path`"),
        ("request.headers", "unknown-name", "needs one name", 'headers["x"]'),
        ("request.geo.town", "unknown-name", "`town`", "`city`"),
        ("conversion.kee", "unknown-name", "`kee`", "`key`"),
        ("consent.ads_storage", "unknown-name", "`ads_storage`", "`ad_storage`"),
        ("container.name", "unknown-name", "`name`", "`id`"),
        ("now.year", "unknown-name", "`now`", ""),
        ("secret.TOKN", "missing-secret", "`TOKN`", ".env"),
        ("env.PIXL", "missing-environment", "`PIXL`", "`PIXEL`"),
        ("env.EMPTY", "missing-environment", "`EMPTY`", ".env"),
        ("secret", "unknown-name", "one name", "secret.NAME"),
        ("params.pixl", "unknown-parameter", "`pixl`", "`pixel`"),
        ("event.a | hashd(email)", "unknown-normaliser", "`hashd`", "`hashed`"),
        ("event.a | hashed(emial)", "bad-argument", "`emial`", "`email`"),
        ("event.a | hashed", "bad-argument", "needs `rule`", "hashed(rule)"),
        ("event.a | hashed(email, name)", "bad-argument", "at most 1", "hashed(rule)"),
        ("event.a | lower(x)", "bad-argument", "no arguments", "lower"),
        ("event.a | lookup(own)", "unknown-table", "`own`", "`own_names`"),
        ("event.a | lookup(own_names, els: same)", "bad-argument", "`els`", "`else`"),
        ("event.a | hashed(1)", "bad-argument", "word", ""),
        ("event.a | url(keep: q)", "bad-argument", "list", ""),
        ("event.a | minor(EUR)", "unknown-name", "`EUR`", ""),
        ("event.a | default_region('Atlantis')", "bad-argument", "ATLANTIS", ""),
        ("event.a | split('')", "bad-argument", "split(',')", ""),
        ("event.a | slice('a')", "bad-argument", "slice(0, 5)", ""),
        ("event.a == null", "bad-expression", "absent equals nothing", "not"),
        ("event.a != ''", "bad-expression", "absent equals nothing", "not"),
    ],
)
def test_unknown(text: str, code: str, message: str, hint: str) -> None:
    found = problem(
        text,
        variables={"market"},
        environment={"TOKEN": "t", "PIXEL": "1", "EMPTY": ""},
        locals=frozenset({"params"}),
        params={"pixel"},
        tables={"own_names": {}},
    )
    assert found.code == code
    assert message in found.message + found.hint
    assert hint in found.hint


def test_every_problem_of_an_expression_has_its_place() -> None:
    found = problems("foo ?? bar | nope", variables=())
    assert [(one.column, one.length) for one in found] == [(1, 3), (8, 3), (14, 4)]


def test_names_that_are_not_here() -> None:
    found = problem("secret.X", roots=frozenset({"event"}), locals=frozenset({"params"}))
    assert "cannot be named here" in found.message
    assert "`params`" in found.hint


@pytest.mark.parametrize(
    "text",
    [
        "secret.A | lower",
        "(event.a ?? secret.A) | lower",
        "event.a ?? secret.A | lower",
        "secret.A == 'x'",
        "event.a in [secret.A]",
        "not secret.A",
        "secret.A and event.b",
        "[secret.A]",
        "event.a | replace('x', secret.A)",
    ],
)
def test_nothing_is_done_with_a_secret(text: str) -> None:
    assert {one.code for one in problems(text, environment={"A": "1"})} == {"secret-normalised"}



@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("event.a or event.b | lower", "`a ?? b`"),
        ("event.value or event.total | number", "`a ?? b`"),
        ("event.a or event.b | integer", "`a ?? b`"),
        ("event.a and event.b | hashed(email)", "( )"),
        ("(event.a == 1) | upper", "( )"),
        ("(not event.a) | trim", "( )"),
    ],
)
def test_a_pipe_behind_true_or_false_is_hardly_meant(text: str, hint: str) -> None:
    found = problem(text)
    assert (found.code, "would be given true or false" in found.message) == ("bad-expression", True)
    assert hint in found.hint


def test_some_normalisers_take_true_and_false() -> None:
    assert value("event.a or event.b | text", {"a": 1}) == "true"
    assert value("(event.a == 1) | json", {"a": 1}) == "true"
    assert value("event.a > 5 | lookup(t)", {"a": 6}, tables={"t": {"true": "many"}}) == "many"


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("request.query.a.b", 1, 'request.query["x"]'),
        ("request.path.x", 14, ""),
        ("random.x", 8, ""),
        ("container", 1, "`id`"),
        ("request.geo", 1, 'request.geo["x"]'),
    ],
)
def test_what_has_keys_and_what_has_none(text: str, column: int, hint: str) -> None:
    found = problem(text)
    assert (found.code, found.column) == ("unknown-name", column)
    assert hint in found.hint


def test_a_word_is_no_value_of_the_event() -> None:
    assert "known when the container starts" in problem("event.a | hashed(event.rule)").message
    assert "known when the container starts" in problem("event.a | without(event.b)").message


def test_the_whole_consent_may_be_named() -> None:
    assert value("consent | count", over=Scope(consent={"ad_storage": True})) == 1
