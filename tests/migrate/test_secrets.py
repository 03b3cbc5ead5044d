"""Tokens and passwords, lifted out of what is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from container.migrate.export import parse
from container.migrate.result import Result
from container.migrate.secrets import Secrets, is_placeholder, looks_secret, references, secret_variables

TOKEN = "EAA" + "x1Y2" * 8


def secrets() -> tuple[Secrets, Result]:
    result = Result("shop", web=False)
    return Secrets(result), result


def test_equal_values_have_one_name_and_equal_names_two_values() -> None:
    found, result = secrets()
    told = (("one", "Token"), ("one", "Other"), ("two", "token"))
    lifted = [found.lift(value, name, "tag A") for value, name in told]
    assert lifted == ["secret.TOKEN", "secret.TOKEN", "secret.TOKEN_2"]
    assert result.env == {"TOKEN": "one", "TOKEN_2": "two"}
    assert result.env_why["TOKEN"] == result.secrets["TOKEN"] == "tag A"
    assert [found.lift("three", "🎉", ""), found.lift("four", "2nd key", "")] == ["secret.SECRET", "secret.V_2ND_KEY"]


@pytest.mark.parametrize(
    ("text", "literal", "value"),
    [
        ("https://a.b/?x=1&access_token=abcdef123&y=2", "https://a.b/?x=1&access_token=&y=2", "abcdef123"),
        ("Bearer abcdefgh12345", "Bearer ", "abcdefgh12345"),
        ('{"api_key": "k1234567", "a": 1}', '{"api_key": "", "a": 1}', "k1234567"),
        (f"token {TOKEN} here", "token  here", TOKEN),
        ("?token=short", "?token=short", None),
        ("?api_key=YOUR_API_KEY", "?api_key=YOUR_API_KEY", None),
        ("tokens=abcdefgh", "tokens=abcdefgh", None),
    ],
)
def test_a_secret_within_a_text_is_cut_out(text: str, literal: str, value: str | None) -> None:
    found, result = secrets()
    parts = list(found.split(text, "Tag", "tag Tag"))
    assert "".join(part for is_secret, part in parts if not is_secret) == literal
    assert list(result.env.values()) == ([value] if value else [])


def test_comments_and_code_are_kept_without_any_secret() -> None:
    found, _ = secrets()
    found.lift("hunter22", "Password", "")
    found.lift("hunter22-longer", "Password", "")
    found.lift("abc", "Short", "")
    cleaned = found.clean("a hunter22-longer, a hunter22, abc, ?api_secret=other123 Basic dXNlcjpwdw==")
    assert cleaned == "a (secret), a (secret), abc, ?api_secret=(secret) Basic (secret)"
    assert found.clean(f"it was {TOKEN}!") == "it was (secret)!"


@pytest.mark.parametrize("text", ["VALUE_HERE", "your token", "G-XXX", "<token>", "...", "Add your id", " TODO "])
def test_what_only_says_that_a_value_belongs_there(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["value", "G-ABC123", "yours", "https://shop.de/<id>/x", ""])
def test_what_is_a_value(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("name", "value", "looks"),
    [
        ("Pixel", TOKEN, True),
        ("Meta Access Token", "abc", True),
        ("Token active", "true", False),
        ("API-Key", "{{Other}}", False),
        ("password", " ", False),
        ("Pixel ID", "1234567890", False),
        ("jwt", "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2ln", True),
    ],
)
def test_a_constant_that_is_one_by_its_look_or_its_name(name: str, value: str, looks: bool) -> None:
    assert looks_secret(name, value) is looks


def test_references_are_found_wherever_they_stand() -> None:
    told = {"a": ["{{One}} and {{Two - x}}", 5], "b": {"c": "{{ Three }}"}}
    assert list(references(told)) == ["One", "Two - x", " Three "]


def text(key: str, value: str) -> dict[str, Any]:
    return {"type": "TEMPLATE", "key": key, "value": value}


def table(key: str, *rows: dict[str, str]) -> dict[str, Any]:
    listed = [{"type": "MAP", "map": [text(name, value) for name, value in row.items()]} for row in rows]
    return {"type": "LIST", "key": key, "list": listed}


def secret_ones(*parameters: dict[str, Any]) -> set[str]:
    """Of some variables those that a tag with these parameters makes secrets."""
    chosen = [text("input", "{{Which}}"), text("defaultValue", "{{Default}}")]
    chosen.append(table("map", {"key": "{{Shop}}", "value": "{{First}}"}, {"key": "b", "value": "plain"}))
    variables = {
        "Table": ("smm", chosen),
        **{name: ("c", [text("value", "abc")]) for name in ("One", "Which", "Shop", "First", "Default")},
    }
    version = {
        "container": {"publicId": "GTM-TEST", "usageContext": ["SERVER"]},
        "tag": [{"tagId": "1", "name": "A", "type": "html", "parameter": list(parameters)}],
        "variable": [
            {"variableId": str(number), "name": name, "type": type, "parameter": told}
            for number, (name, (type, told)) in enumerate(variables.items())
        ],
    }
    return secret_variables(parse(json.dumps({"exportFormatVersion": 2, "containerVersion": version}).encode()))


@pytest.mark.parametrize(
    ("parameter", "found"),
    [
        (text("accessToken", "{{One}}"), {"One"}),
        (text("accessToken", "{{Nobody}}"), set()),
        (text("url", "{{One}}"), set()),
        (text("accessToken", "{{Table}}"), {"Table", "First", "Default"}),
        (table("headers", {"key": "Authorization", "value": "Bearer {{One}}"}), {"One"}),
        (table("headers", {"name": "authorization", "value": "{{One}}"}), {"One"}),
        (table("headers", {"key": "accept", "value": "{{One}}"}), set()),
        (table("pixels", {"accessToken": "{{One}}", "pixelId": "{{Shop}}"}), {"One"}),
    ],
)
def test_what_a_secret_parameter_reads_is_a_secret_directly_or_through_a_table(
    parameter: dict[str, Any], found: set[str]
) -> None:
    assert secret_ones(parameter) == found


def test_a_constant_that_looks_like_one_is_a_secret_whoever_reads_it() -> None:
    version = {
        "container": {"publicId": "GTM-TEST", "usageContext": ["SERVER"]},
        "variable": [
            {"variableId": "1", "name": "A", "type": "c", "parameter": [text("value", TOKEN)]},
            {"variableId": "2", "name": "API key", "type": "v", "parameter": [text("name", "key")]},
        ],
    }
    export = parse(json.dumps({"exportFormatVersion": 2, "containerVersion": version}).encode())
    assert secret_variables(export) == {"A"}
