from __future__ import annotations

import pytest

from container.call import Secret
from container.masking import masked, masked_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("jane.roe@example.com", "j***@example.com"),
        ("https://shop.de/?mail=jane%40example.com&x=1", "https://shop.de/?mail=j***%40example.com&x=1"),
        ("jane%252540example.com", "j***%252540example.com"),
        ("jürgen@müller.de", "j***@müller.de"),
        ("a@b.de and c@d.de", "a***@b.de and c***@d.de"),
        ("Rock @ Ring", "Rock @ Ring"),
        ("@tagport", "@tagport"),
    ],
)
def test_addresses_in_a_text(text: str, shown: str) -> None:
    assert masked_text(text) == shown


def test_everything_under_a_personal_key() -> None:
    data = {
        "value": 10,
        "user_data": {"email_address": ["jane@example.com"], "phone_number": "+4930123456", "n": 5, "ok": True},
        "ip_override": "203.0.113.7",
        "items": [{"item_id": "SKU", "note": "for jane@example.com"}],
        "nothing": {"email": None},
    }
    assert masked(data) == {
        "value": 10,
        "user_data": {"email_address": ["j***@example.com"], "phone_number": "+***", "n": "***", "ok": True},
        "ip_override": "2***",
        "items": [{"item_id": "SKU", "note": "for j***@example.com"}],
        "nothing": {"email": None},
    }


def test_a_long_text_is_cut_and_no_address_with_it() -> None:
    assert masked("x" * 2000) == f"{'x' * 1000}… (2000 characters)"
    for blanks in (990, 985, 980):
        assert "jane" not in masked(f"{' ' * blanks}jane@example.com{'x' * 100}")


def test_what_a_check_saw_is_masked_by_the_expression_it_read() -> None:
    assert masked({"event.user_data.phone_number": "+4930123456"}) == {"event.user_data.phone_number": "+***"}
    assert masked({"var.phone": "+4930123456", "var.phones": "2"}) == {"var.phone": "+***", "var.phones": "2"}


def test_a_text_that_only_holds_an_address_is_no_less_personal() -> None:
    assert masked({"user_data": {"note": "Jane Roe jane@example.com"}}) == {"user_data": {"note": "J***"}}


def test_a_key_may_be_an_address_too() -> None:
    assert masked({"jane@example.com": 1}) == {"j***@example.com": 1}


def test_a_hash_is_told_by_its_beginning_and_a_secret_by_its_name() -> None:
    assert masked({"user_data": {"em": "ab" * 32}}) == {"user_data": {"em": "abab…"}}
    assert masked([Secret("META_ACCESS_TOKEN")]) == ["secret:META_ACCESS_TOKEN"]
