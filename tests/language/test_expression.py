"""Expressions: the grammar, the names, what they give."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from speaking import expression, problem, problems, scope, value

from container.call import Secret
from container.conversion import Conversion
from container.event import Request
from container.language.expression import (
    Alternatives,
    Compare,
    Context,
    Expression,
    Literal,
    Not,
    Or,
    Path,
    Pipe,
    Scope,
    hash_rule,
    parse,
)
from container.problems import Place

EVENT: dict[str, Any] = {
    "event_name": "purchase",
    "value": Decimal("149.90"),
    "zero": 0,
    "no": False,
    "empty": "",
    "text": "5",
    "items": [{"item_id": "A", "price": 2}, {"item_id": "B"}],
    "user_data": {"email_address": " Mary@Example.com "},
    "x-ga-gcs": "G111",
    "a b": {"c.d": 7},
}


# the grammar


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", 1),
        ("-1.50", Decimal("-1.50")),
        ("1e3", Decimal(1000)),
        ("'it'", "it"),
        ('"it\'s"', "it's"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("[1, 'a', event.zero]", [1, "a", 0]),
        ("[]", []),
        ("event.event_name", "purchase"),
        ("event.items[1].item_id", "B"),
        ("event.items.1.item_id", "B"),
        ('event["a b"]["c.d"]', 7),
        ("event.x-ga-gcs", "G111"),
        ("event.items[7].item_id", None),
        ("event.event_name.first", None),
        ("(event.value)", Decimal("149.90")),
        ("event.nothing ?? event.empty ?? event.zero ?? 1", 0),
        ("event.nothing ?? event.empty", ""),
        ("event.value > 100", True),
        ("event.value > 100 and event.zero < 1", True),
        ("event.value > 200 or event.text == 5", True),
        ("not event.nothing", True),
        ("not event.zero", True),
        ("not event.value > 100", False),
        ("event.value and event.event_name", True),
        ("event.zero or event.nothing", False),
        ("event.event_name in ['refund', 'purchase']", True),
        ("event.text in [5]", True),
        ("event.nothing in [null]", False),
        ("event.event_name != 'refund'", True),
        ("event.nothing != 'refund'", True),
        ("event.nothing == event.nothing", False),
        ("event.text >= 5", True),
        ("event.event_name < 5", False),
        ("event.nothing <= 5", False),
        ("event.event_name | upper", "PURCHASE"),
        ("event.event_name | upper | lower | slice(0, 2)", "pu"),
        ("event.nothing ?? event.event_name | upper", "PURCHASE"),
        ("(event.event_name | upper) == 'PURCHASE'", True),
        ("(event.event_name|upper)in['PURCHASE']", True),
        ("  event.event_name ", "purchase"),
    ],
)
def test_value(text: str, found: Any) -> None:
    assert value(text, EVENT) == found


def test_a_whole_number_is_an_integer() -> None:
    assert value("5").__class__ is int
    assert value("5.0").__class__ is Decimal


def test_binding() -> None:
    tree = expression("not event.a ?? 1 == 2 or event.b").tree
    compared = Compare("==", Alternatives((Path("event", ("a",)), Literal(1))), Literal(2))
    assert tree == Or((Not(compared), Path("event", ("b",))))


def test_a_pipe_takes_all_before_it() -> None:
    tree = expression("event.a ?? event.b | hashed(email)").tree
    either = Alternatives((Path("event", ("a",)), Path("event", ("b",))))
    assert tree == Pipe(either, "hashed", (Literal("email"),))


def test_path_as_text() -> None:
    assert str(expression('event.items[0]["a b"].c-d').tree) == 'event.items[0]["a b"].c-d'


def test_alternatives_do_not_evaluate_further() -> None:
    asked: list[str] = []

    def told(name: str) -> str:
        asked.append(name)
        return name

    variables = {name: lambda scope, name=name: told(name) for name in ("a", "b")}
    assert value("var.a ?? var.b", over=Scope(variables=variables)) == "a"
    assert asked == ["a"]


# what cannot be read: the place is exact


@pytest.mark.parametrize(
    ("text", "column", "length", "hint"),
    [
        ("", 1, 1, "event.value"),
        ("event.value >", 14, 1, ""),
        ("event.value = 1", 13, 1, "`==`"),
        ("event.a && event.b", 9, 1, "`and`"),
        ("event.a || event.b", 9, 2, "`or`"),
        ("!event.a", 1, 1, "`not`"),
        ("event.a + 1", 9, 1, "no arithmetic"),
        ("event.a ? 1 : 2", 9, 1, "lookup"),
        ("event.a < 1 < 2", 13, 1, "`and`"),
        ("event.a in [1] in [2]", 16, 2, "`and`"),
        ("event.'a'", 6, 1, "key"),
        ("'abc", 1, 4, "closing '"),
        ("(event.a", 9, 1, "close"),
        ("event.a)", 8, 1, ""),
        ("[1, 2", 6, 1, "]"),
        ("event[a]", 7, 1, 'event["a b"]'),
        ("event[-1]", 7, 2, 'event["a b"]'),
        ("event.a |", 10, 1, ""),
        ("event.a | 5", 11, 1, ""),
        ("event.a | lower(", 17, 1, ""),
        ("{{ event.a }}", 1, 1, "whole expression"),
        ("1e999", 1, 5, ""),
        ("event.a and", 12, 1, ""),
        ("event.items | find(take: value, name)", 33, 4, ""),
        ("event.value | number > 0", 22, 1, "(event.value | number) > …"),
        ("event.a | trim ?? event.b", 16, 2, "(event.a | trim) ?? …"),
        ("event.a | trim and true", 16, 3, "( )"),
    ],
)
def test_cannot_be_read(text: str, column: int, length: int, hint: str) -> None:
    found = problem(text)
    assert (found.code, found.column, found.length) == ("bad-expression", column, length)
    assert hint in found.hint


def test_nesting_has_an_end() -> None:
    assert value("(" * 19 + "1" + ")" * 19) == 1
    for opening, closing in (("(", ")"), ("[", "]"), ("event.a | replace(", ", 'b')")):
        assert "deep" in problem(opening * 5000 + "1" + closing * 5000).message
    assert "more than" in problem("event.a" + " | trim" * 5000).message


def test_the_deepest_tree_is_walked() -> None:
    level = "(not (event.b ?? {}) == 1 and event.a or event.c)"
    text = "event.a"
    for _ in range(9):
        text = level.format(text)
    found = expression(text + " | text" * 50)
    assert found.evaluate(scope({"a": 1})) == "true"
    assert len(list(found.reads())) == 28


def test_long_chains_are_flat() -> None:
    assert value(" or ".join(["event.nothing"] * 5000 + ["true"])) is True
    assert value(" ?? ".join(["event.nothing"] * 5000 + ["1"])) == 1


def test_response_rules_see_only_the_answer() -> None:
    names: dict[str, Any] = {"roots": frozenset(), "locals": frozenset({"status", "body", "batch"})}
    over = Scope(local={"status": 200, "body": {"events_received": 2}, "batch": {"count": 2}})
    text = "status == 200 and body.events_received == batch.count"
    assert value(text, over=over, **names) is True
    assert problem("event.a", **names).code == "unknown-name"


# GTM's habits


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Event Name", "event.event_name"),
        ("Client Name", "request.client_name"),
        ("Page URL", "event.page_location"),
        ("Page Hostname", "event.page_hostname"),
        ("Visitor Region", "request.geo.region"),
        ("Random Number", "random"),
        ("Container ID", "container.id"),
        ("market", "var.market"),
        ("Market", "var.market"),
        ("LT - My Market", "var.my-market"),
        ("page_location", "event.page_location"),
        ("gclid", "event.gclid"),
        ("ed - event_id", "event.event_id"),
        ("Event Data - Brand Name", "event.brand_name"),
    ],
)
def test_names_as_in_gtm(text: str, hint: str) -> None:
    found = problem(text, variables={"market", "my-market"})
    assert found.hint == f"write `{hint}`"


@pytest.mark.parametrize("text", ["Pixel ID", "Meta - Pixel ID", " Pixel  ID "])
def test_a_variable_of_gtm_that_is_not_defined_here(text: str) -> None:
    found = problem(text, variables={"market"})
    name = "meta_pixel_id" if "Meta" in text else "pixel_id"
    assert (found.code, f"is written `var.{name}` here" in found.hint) == ("bad-expression", True)
    assert f"`{name}: …` under `variables:` in container.yaml" in found.hint


@pytest.mark.parametrize("text", ["now plus", "event value", "not value x", "item size"])
def test_what_begins_as_an_expression_is_no_name_of_gtm(text: str) -> None:
    assert "GTM" not in problem(text, variables=set(), locals=frozenset({"item"})).hint


def test_a_variable_that_is_not_defined_says_where_to_write_it() -> None:
    assert "`pixel: …` under `variables:` in container.yaml" in problem("var.pixel", variables={"market"}).hint


def test_a_name_that_is_set_to_nothing_is_not_proposed_for_itself() -> None:
    for found in ("env.EMPTY", "secret.EMPTY"):
        assert problem(found, environment={"EMPTY": "", "OTHER": "x"}).hint.startswith("set EMPTY in the environment")


def test_gtm_names_only_where_they_may_stand() -> None:
    assert "event." not in problem("Event Name", roots=frozenset(), locals=frozenset({"status"})).hint


# names


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


def test_local_names_come_first() -> None:
    over = Scope(event={"a": 1}, local={"event": {"a": 2}, "match": ["x.de", "x"]})
    assert value("event.a", over=over, locals=frozenset({"event"})) == 2
    assert value("match[1]", over=over, locals=frozenset({"match"})) == "x"


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"1": " b "}, "b"),
        (MappingProxyType({"1": "b"}), "b"),
        (["a", "b"], "b"),
        ({"1": None}, None),
        ({"1": 0}, "0"),
        ({}, None),
        ("text", None),
        (None, None),
    ],
)
def test_a_piped_path_reads_what_the_path_alone_reads(item: Any, found: str | None) -> None:
    over = Scope(event={"1": item, "item": item}, local={"item": item})
    assert value('item["1"] | trim', over=over, locals=frozenset({"item"})) == found
    assert value("item.1 | trim", over=over, locals=frozenset({"item"})) == found
    assert value("event.item.1 | trim", over=over) == found
    assert value("event.1 | join(',') | trim", over=over) == value("event.item | join(',') | trim", over=over)


def test_with_local() -> None:
    over = scope(EVENT).with_local(a=1).with_local(b=2)
    names = frozenset({"a", "b"})
    assert value("[a, b, event.zero]", over=over, locals=names) == [1, 2, 0]


# what the names give


def test_request() -> None:
    request = Request(
        method="POST",
        path="/g/collect",
        query_string="a=1&a=2",
        headers={"x-shop": "no", "cookie": "_fbp=fb.1", "cf-ipcountry": "NO"},
        client="ga4",
        debug=True,
    )
    over = Scope(request=request)
    for text, found in {
        "request.client": "ga4",
        "request.method": "POST",
        "request.debug": True,
        'request.query["a"]': "1",
        "request.query.b": None,
        'request.headers["X-Shop"]': "no",
        "request.cookies._fbp": "fb.1",
        "request.geo.country": "NO",
        "request.geo.city": None,
    }.items():
        assert value(text, over=over) == found, text
    assert value("request.path") is None
    assert value("request.query.a") is None


def test_conversion() -> None:
    conversion = Conversion(
        id="01J",
        kind="purchase",
        data={},
        sources=frozenset({"server", "browser"}),
        timestamp=1795428000.5,
        event_id="e-1",
        copy=2,
    )
    over = Scope(conversion=conversion)
    assert value("conversion.id", over=over) == "01J"
    assert value("conversion.copy", over=over) == 2
    assert value("conversion.sources", over=over) == ["browser", "server"]
    assert value("'browser' in conversion.sources", over=over) is True
    assert value("conversion.timestamp", over=over) == Decimal("1795428000.5")
    assert value("conversion.event_id") is None
    assert value("conversion.timestamp") is None


def test_consent_container_and_time() -> None:
    over = Scope(consent={"ad_storage": False}, container={"id": "shop"}, now=1795428000.0)
    assert value("consent.ad_storage", over=over) is False
    assert value("consent.ad_user_data", over=over) is None
    assert value("container.id", over=over) == "shop"
    assert value("now", over=over) == 1795428000
    assert value("now", over=Scope(now=1.23456)) == Decimal("1.235")


def test_random_is_one_number_a_record() -> None:
    one = value("random", over=Scope(record="01J"))
    assert one == value("random", over=Scope(record="01J"))
    assert one != value("random", over=Scope(record="01K"))
    assert 0 <= one < 2**31


# secrets and the environment


def test_secrets_are_references() -> None:
    found = expression("secret.TOKEN", environment={"TOKEN": "very secret"})
    assert found.evaluate(Scope()) == Secret("TOKEN")
    assert found.secret
    assert found.constant
    assert "very secret" not in repr(found)


def test_the_first_of_two_secrets() -> None:
    known = {"A": "1", "B": "2"}
    assert value("event.token ?? secret.B", environment=known) == Secret("B")
    assert expression("secret.A ?? secret.B", environment=known).secret


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


def test_a_secret_that_arrives_later_has_no_text() -> None:
    over = Scope(local={"params": {"token": Secret("A")}})
    names = frozenset({"params"})
    assert value("params.token", over=over, locals=names) == Secret("A")
    for text in ("params.token | text", "params.token | sha256", "params.token == 'secret:A'", "params.token | json"):
        assert not value(text, over=over, locals=names)


def test_the_environment_is_folded() -> None:
    found = expression("env.PIXEL", environment={"PIXEL": "123"})
    assert found.tree == Literal("123")
    assert found.constant


def test_constants_are_evaluated_once() -> None:
    found = expression("'a,b' | split(',')")
    assert found.constant
    assert found.evaluate(Scope()) is found.evaluate(Scope())
    assert not expression("now | seconds").constant


# arguments


def test_an_argument_may_be_an_expression() -> None:
    assert value("event.amount | minor(event.currency)", {"amount": "1.5", "currency": "KWD"}) == 1500
    assert value("event.amount | minor(event.currency)", {"amount": "1.5"}) is None
    assert value("event.p | default_region(event.country)", {"p": "030 123456", "country": "de"}) == "+4930123456"
    assert value("event.p | default_region(event.country)", {"p": "030 123456"}) is None


def test_arguments_by_name() -> None:
    notes = {"notes": [{"name": "a", "value": 1}]}
    assert value("event.notes | find(key: name, value: 'a', take: value)", notes) == 1


# for proofs


def test_reads() -> None:
    found = expression("event.a.b ?? (var.c | lookup(t, else: same))", tables={"t": {}})
    assert [str(path) for path in found.reads()] == ["event.a.b", "var.c"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("event.a | hashed(email)", "email"),
        ("event.a | trim | hashed(email) | first", "email"),
        ("(event.a | hashed(email)) ?? (event.b | hashed(email))", "email"),
        ("(event.a | hashed(email)) ?? event.b", None),
        ("(event.a | hashed(email)) ?? (event.b | hashed(name))", None),
        ("event.a | hashed(email) | text", None),
        ("event.a", None),
    ],
)
def test_hash_rule(text: str, rule: str | None) -> None:
    assert hash_rule(expression(text).tree) == rule


def test_the_place_is_that_of_the_file() -> None:
    known = Context()
    assert parse("event.value | nmber", Place("tags/a.yaml", 7, 20), known) is None
    (found,) = known.problems
    assert (found.file, found.line, found.column, found.length) == ("tags/a.yaml", 7, 34, 5)


def test_an_expression_knows_its_text() -> None:
    found: Expression = expression("  event.a  ")
    assert found.text == "event.a"
