from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from days import let_meta_wait
from processes import ENVIRONMENT, hit

Tagport = Callable[..., Result]
HIT = f"GET {hit('1001')} HTTP/1.1\nHost: tags.shop.example\nUser-Agent: Mozilla/5.0 Chrome/142.0\n"


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    path = tmp_path / "hit.http"
    path.write_text(HIT)
    return path


def test_the_record_and_the_calls_are_shown(tagport: Tagport, shop: Path, request_file: Path) -> None:
    result = tagport("preview", request_file, shop, "--ip", "203.0.113.7", "--format", "json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["status"] in (200, 204)
    (record,) = told["records"]
    decided = {tag["tag"]: tag["decision"] for tag in record["tags"]}
    assert decided["meta_purchase"] == "fired"
    assert decided["meta_lead"] == "not_triggered"
    meta = next(call for call in told["calls"] if call["tag"] == "meta_purchase")
    assert set(meta) == {"tag", "destination", "target", "method", "url", "headers", "body"}
    assert meta["body"]["data"][0]["custom_data"]["order_id"] == "1001"
    assert meta["body"]["data"][0]["user_data"]["client_ip_address"] == "203.0.113.7"


def test_secrets_are_shown_as_names(tagport: Tagport, shop: Path, request_file: Path) -> None:
    for form in ("json", "text"):
        shown = tagport("preview", request_file, shop, "--format", form).output
        assert "secret:META_ACCESS_TOKEN" in shown
        assert not [value for value in ENVIRONMENT.values() if "-of-the-tests" in value and value in shown]


def test_people_get_text(tagport: Tagport, shop: Path, request_file: Path) -> None:
    lines = tagport("preview", request_file, shop).output.splitlines()
    assert lines[0] in ("200", "204")
    assert any("meta_purchase" in line and "fired" in line for line in lines)
    assert any(line.startswith("meta_purchase: POST https://graph.facebook.com/") for line in lines)


def test_where_a_tag_waits_it_says_how_to_see_what_is_sent(tagport: Tagport, shop: Path, request_file: Path) -> None:
    assert "tests/routes/" not in tagport("preview", request_file, shop).output
    let_meta_wait(shop)
    output = tagport("preview", request_file, shop).output
    assert "waits for the server copy, until " in output
    assert "What waits is sent with the other copy: a test in tests/routes/ plays both" in output


def test_nothing_is_stored_and_each_preview_begins_anew(tagport: Tagport, shop: Path, request_file: Path) -> None:
    shown = [json.loads(tagport("preview", request_file, shop, "--format", "json").stdout) for _ in range(2)]
    assert len(shown[0]["calls"]) == len(shown[1]["calls"]) == 3
    assert not (shop / "data").exists()


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("GET /nowhere\n", 404, "no client claims GET /nowhere"),
        ("POST /events\n\n{}\n", 401, "Authorization"),
        (f"POST /events\nAuthorization: Bearer {ENVIRONMENT['EVENTS_TOKEN']}\n\n[1\n", 400, "not JSON"),
    ],
)
def test_a_refusal_is_shown(
    tagport: Tagport, shop: Path, request_file: Path, text: str, status: int, reason: str
) -> None:
    request_file.write_text(text)
    result = tagport("preview", request_file, shop, "--format", "json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["status"], told["records"], told["calls"]) == (status, [], [])
    assert reason in told["reason"]


def test_a_file_that_holds_no_request_is_told(tagport: Tagport, shop: Path, request_file: Path) -> None:
    request_file.write_text("hello\n")
    result = tagport("preview", request_file, shop)
    assert result.exit_code == 2
    assert "line 1 is no request line" in result.output
    assert tagport("preview", request_file.with_name("none.http"), shop).exit_code == 2


def test_a_workspace_with_errors_cannot_be_previewed(tagport: Tagport, shop: Path, request_file: Path) -> None:
    (shop / "triggers" / "lead.yaml").write_text("evnt: x\n")
    result = tagport("preview", request_file, shop)
    assert result.exit_code == 2
    assert "triggers/lead.yaml:1:1" in result.output


def test_a_webhook_that_was_kept_is_signed_anew(tagport: Tagport, shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "paid.http"
    body = json.dumps({"id": 5, "total_price": "10.00", "currency": "EUR"})
    path.write_text(f"POST /webhooks/shopify\nX-Shopify-Topic: orders/paid\nX-Shopify-Hmac-Sha256: old\n\n{body}")
    assert json.loads(tagport("preview", path, shop, "--format", "json").stdout)["status"] == 401
    told = json.loads(tagport("preview", path, shop, "--sign", "--format", "json").stdout)
    assert (told["status"], told["records"][0]["event"]["name"]) == (200, "purchase")


def test_what_asks_for_no_signature_is_told(tagport: Tagport, shop: Path, request_file: Path) -> None:
    result = tagport("preview", request_file, shop, "--sign")
    assert result.exit_code == 2 and "no signature" in result.output
