from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Tagport = Callable[..., Result]
EVENTS = ("add_to_cart", "lead", "page_view", "purchase")


def test_every_problem_is_told_with_its_line_and_what_to_write(tagport: Tagport, shop: Path) -> None:
    tag = shop / "tags" / "meta_purchase.yaml"
    tag.write_text(tag.read_text().replace("[purchase]", "[purchse]"))
    (shop / "triggers" / "lead.yaml").write_text("evnt: generate_lead\n")
    result = tagport("check", shop)
    assert result.exit_code == 1
    assert "triggers: [purchse]" in result.output
    assert "^^^^^^^ did you mean `purchase`?" in result.output
    assert "--> triggers/lead.yaml:1:1" in result.output
    assert result.output.rstrip().splitlines()[-1] == "2 errors"


def test_machines_get_rows(tagport: Tagport, shop: Path) -> None:
    (shop / "triggers" / "lead.yaml").write_text("evnt: generate_lead\n")
    result = tagport("check", shop, "--format", "json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["problems"]
    assert set(problem) == {"file", "line", "column", "severity", "code", "message", "hint"}
    assert (problem["file"], problem["line"], problem["column"]) == ("triggers/lead.yaml", 1, 1)


def test_a_missing_secret_is_named(tagport: Tagport, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTS_TOKEN")
    result = tagport("check", shop)
    assert result.exit_code == 1
    assert "EVENTS_TOKEN" in result.output
    (shop / ".env").write_text("EVENTS_TOKEN=something\n")
    assert tagport("check", shop).exit_code == 0


def test_a_missing_value_is_told_once_with_every_place_that_needs_it(
    tagport: Tagport, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("META_PIXEL_ID")
    output = tagport("check", shop).output
    assert output.count("the environment variable `META_PIXEL_ID` has no value") == 1
    assert "also at tags/meta_lead.yaml:7, tags/meta_page_view.yaml:6, tags/meta_purchase.yaml:" in output
    assert output.rstrip().splitlines()[-1] == "1 error"
    rows = json.loads(tagport("check", shop, "--format", "json").stdout)["problems"]
    assert [row["file"] for row in rows] == [f"tags/meta_{event}.yaml" for event in EVENTS]


def test_an_odd_value_is_told_once_too(tagport: Tagport, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_PIXEL_ID", "12a3")
    output = tagport("check", shop).output
    assert output.count("`pixel_id` looks wrong") == 1
    assert output.rstrip().splitlines()[-1] == "1 warning"


def test_warnings_alone_are_fine(tagport: Tagport, shop: Path) -> None:
    (shop / "tag").mkdir()
    (shop / "tag" / "x.yaml").write_text("a: 1\n")
    result = tagport("check", shop)
    assert (result.exit_code, result.output.rstrip().splitlines()[-1]) == (0, "1 warning")


def test_a_folder_without_a_workspace_is_told(tagport: Tagport, tmp_path: Path) -> None:
    result = tagport("check", tmp_path)
    assert result.exit_code == 1
    assert "tagport init" in result.output


def test_a_workspace_below_is_told(tagport: Tagport, shop: Path) -> None:
    result = tagport("check", shop.parent)
    assert result.exit_code == 1
    assert f"is the one in `{shop.name}` meant? Name its folder behind the command" in result.output


def test_an_environment_is_laid_over(tagport: Tagport, shop: Path) -> None:
    (shop / "environments").mkdir()
    (shop / "environments" / "staging.yaml").write_text("consent: {unknown: maybe}\n")
    assert tagport("check", shop).exit_code == 0
    result = tagport("check", shop, "--env", "staging")
    assert result.exit_code == 1
    assert "environments/staging.yaml:1" in result.output


def test_nothing_is_stored(tagport: Tagport, shop: Path) -> None:
    tagport("check", shop)
    assert not (shop / "data").exists()


OWN = """\
target: a b
request: {url: https://crm.example.com/, json: {value: "{{ event.value }}"}}
contract: {properties: {value: {type: number}}}
tests:
  - {name: a number, event: {value: 5}, sends: {json: {value: 5}}}
  - {name: a text, event: {value: five}, sends: {json: {value: five}}}
"""


def test_the_tests_of_a_template_are_held_against_its_contract(tagport: Tagport, shop: Path) -> None:
    (shop / "templates").mkdir()
    (shop / "templates" / "crm.yaml").write_text(OWN)
    result = tagport("check", shop, "--format", "json")
    (problem,) = json.loads(result.stdout)["problems"]
    assert (result.exit_code, problem["code"], problem["line"]) == (1, "template-test", 6)
    assert "json.value" in problem["message"] and "`a text`" in problem["message"]


def test_an_env_file_that_cannot_be_read_is_told(tagport: Tagport, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTS_TOKEN")
    (shop / ".env").write_bytes("EVENTS_TOKEN=a\n".encode("utf-16"))
    result = tagport("check", shop, "--format", "json")
    assert result.exit_code == 1
    [row] = json.loads(result.stdout)["problems"]
    assert (row["file"], row["code"], row["message"]) == (".env", "not-utf8", "this file is not UTF-8")


def test_a_line_of_the_env_file_that_says_nothing_is_told(tagport: Tagport, shop: Path) -> None:
    (shop / ".env").write_text("EVENTS_TOKEN: hush\n")
    result = tagport("check", shop)
    assert (result.exit_code, "warning[env-line]" in result.output, "hush" in result.output) == (0, True, False)
