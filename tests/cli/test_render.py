from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Tagport = Callable[..., Result]
TEMPLATE = """
title: Our CRM
params: {required: [key], properties: {key: {type: string, format: secret}, shop: {type: string}}}
target: "{{ params.shop }}"
request:
  url: https://crm.example/v1/orders
  headers: {X-Key: "{{ params.key }}"}
  json:
    at: "{{ now | rfc3339 }}"
    shop: "{{ params.shop }}"
    order: "{{ event.transaction_id }}"
    value: "{{ event.value | number }}"
    click: "{{ event.fbclid }}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "crm.yaml").write_text(TEMPLATE)
    (tmp_path / "params.yaml").write_text("key: abc\nshop: NO\n")
    (tmp_path / "event.yaml").write_text(
        "event_name: purchase\ntransaction_id: '1001'\nvalue: 149.90\npage_location: https://shop.de/?fbclid=xyz\n"
    )
    return tmp_path


def render(tagport: Tagport, folder: Path, template: str | Path = "crm", **changed: str) -> Result:
    options = {"--params": folder / "params.yaml", "--event": folder / "event.yaml", "--now": "2026-11-23T10:00:00Z"}
    options |= {f"--{name}": value for name, value in changed.items()}
    return tagport("render", template, folder, *(part for option in options.items() for part in option))


SENT: dict[str, Any] = {
    "requests": [
        {
            "method": "POST",
            "url": "https://crm.example/v1/orders",
            "headers": {"X-Key": "abc", "Content-Type": "application/json"},
            "body": {
                "at": "2026-11-23T10:00:00Z",
                "shop": "NO",
                "order": "1001",
                "value": 149.9,
                "click": "xyz",
            },
        }
    ],
    "problems": [],
}


def test_the_requests_are_printed(tagport: Tagport, folder: Path) -> None:
    result = render(tagport, folder)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == SENT


def test_a_file_is_a_template_too(tagport: Tagport, folder: Path) -> None:
    assert json.loads(render(tagport, folder, folder / "templates" / "crm.yaml").stdout) == SENT


def test_unix_seconds_are_a_time_too(tagport: Tagport, folder: Path) -> None:
    assert json.loads(render(tagport, folder, now="1795428000").stdout) == SENT


def test_json_files_are_taken_with_all_their_escapes(tagport: Tagport, folder: Path) -> None:
    event = {"event_name": "purchase", "transaction_id": "😀\x00/"}
    for name in ("event.json", "event.txt"):
        (folder / name).write_text(json.dumps(event))
        told = json.loads(render(tagport, folder, event=str(folder / name)).stdout)
        assert told["requests"][0]["body"]["order"] == "😀\x00/"


def test_a_parameter_that_is_missing_is_a_problem(tagport: Tagport, folder: Path) -> None:
    (folder / "params.yaml").write_text("key: abc\n")
    result = render(tagport, folder)
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["requests"] == []
    assert told["problems"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"now": "yesterday"}, "--now: `yesterday` is no time"),
        ({"params": "nowhere.yaml"}, "nowhere.yaml cannot be read: No such file"),
    ],
)
def test_what_is_wrong_with_an_option_is_told(
    tagport: Tagport, folder: Path, changed: dict[str, str], says: str
) -> None:
    result = render(tagport, folder, **changed)
    assert result.exit_code == 2
    assert says in result.output


@pytest.mark.parametrize(("text", "says"), [("- a\n", "must be a mapping"), ("a: [\n", "cannot be read")])
def test_what_is_wrong_with_a_file_is_told(tagport: Tagport, folder: Path, text: str, says: str) -> None:
    (folder / "event.yaml").write_text(text)
    result = render(tagport, folder)
    assert result.exit_code == 2
    assert says in result.output


def test_json_that_is_none_is_told(tagport: Tagport, folder: Path) -> None:
    (folder / "event.json").write_text('{"a": }')
    result = render(tagport, folder, event=str(folder / "event.json"))
    assert result.exit_code == 2
    assert "the body is not JSON" in result.output or "not JSON" in result.output


def test_an_unknown_template_is_answered_with_the_one_that_was_meant(tagport: Tagport, folder: Path) -> None:
    result = render(tagport, folder, "meta_conversion_api")
    assert result.exit_code == 2
    assert "did you mean `meta_conversions_api`?" in result.output
    assert render(tagport, folder, "nowhere.yaml").exit_code == 2


def test_a_template_with_errors_is_told(tagport: Tagport, folder: Path) -> None:
    (folder / "templates" / "crm.yaml").write_text(TEMPLATE.replace("event.value | number", "event.value | numbr"))
    result = render(tagport, folder)
    assert result.exit_code == 2
    assert "did you mean `number`?" in result.output
    assert "the template `crm` has errors" in result.output


def test_the_gallery_needs_no_workspace(tagport: Tagport, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("pixel_id: '123'\naccess_token: tok\n")
    (tmp_path / "event.yaml").write_text(
        "event_name: purchase\nevent_id: e1\nvalue: 1\ncurrency: EUR\npage_location: https://shop.de/\n"
        "user_agent: Mozilla\nip_override: 203.0.113.1\nuser_data: {email_address: ' Jane@Example.com '}\n"
    )
    result = render(tagport, tmp_path, "meta_conversions_api")
    assert result.exit_code == 0, result.output
    sent = json.loads(result.stdout)["requests"][0]
    digest = "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d"  # jane@example.com
    assert sent["body"]["data"][0]["user_data"]["em"] == [digest]
