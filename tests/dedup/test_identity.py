"""What a copy is known by: the forms in which names, links and hints meet, and what is none of them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from copies import KEYS, Shop

from container.dedup.identity import MOST, NAMELESS, Identifier, Identity, click_ids, normal, tellable


def identity(shop: Shop, **data: Any) -> Identity:
    """Of a purchase that the shop's webhook tells of."""
    return shop.dedup.recognise(shop.webhook(**data)).identity


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("1001", "1001"),
        (1001, "1001"),
        (1001.0, "1001"),
        (" #1001 ", "1001"),
        ("# 1001", "1001"),
        ("gid://shopify/Order/577?key=abc", "577"),
        ("Aa", "Aa"),
        ("x" * 512, "x" * 512),
        ("x" * 513, None),
        ("{{ order.id }}", None),
        ("#", None),
        (None, None),
        (["1001"], None),
        ({"id": "1001"}, None),
    ],
)
def test_the_normal_form_of_a_name(told: Any, name: str | None) -> None:
    assert normal(told) == name


@pytest.mark.parametrize(
    ("told", "heard"),
    [("1001", "1001"), (1001, "1001"), ("jane@example.com", ""), ("x" * 513, ""), (["1"], ""), (None, "")],
)
def test_what_vendors_are_told_is_short_and_no_address(told: Any, heard: str) -> None:
    assert tellable(told) == heard


def test_click_ids_are_told_each_with_its_sort() -> None:
    data = {"gclid": " G1 ", "ttclid": "undefined", "fbc": "fb.1.1795427400000.IwAR2", "wbraid": ["W"]}
    assert click_ids(data) == [("gclid", "G1"), ("fbclid", "IwAR2")]
    assert click_ids({"fbc": "no cookie of theirs"}) == []


def test_a_key_that_the_client_also_names_with_its_sort_is_one_name() -> None:
    shop = Shop()
    names = identity(shop, transaction_id="#577", names={"shopify_id": "577", "shopify_number": "1001"}).names
    assert [mark.sort for mark in names] == ["shopify_id", "shopify_number"]
    names = identity(shop, transaction_id="A-1", names={"shopify_id": "577"}).names
    assert [mark.sort for mark in names] == ["shopify_id", "~shopify"], "any other has the client for its sort"


def test_names_links_and_hints_of_equal_text_are_never_taken_for_each_other() -> None:
    shop = Shop()
    found = identity(shop, transaction_id="7", event_id="7", client_id="7", delivery_id="7")
    assert len(set(found.hashes)) == len(found.hashes) == 4
    assert found.known_by_something and not NAMELESS.known_by_something
    assert [hash for hash in found.hashes if hash not in found.lasting] == [found.hints[0].hash]


def test_what_must_agree_is_compared_as_amounts_and_codes_and_keeps_no_address() -> None:
    shop = Shop()
    same = [identity(shop, value=value, currency=code).agree for value, code in ((149.9, "EUR"), ("149.90", " eur "))]
    assert same[0] == same[1] == {"value": "149.9", "currency": "eur"}
    assert identity(shop, value="", currency=None).agree == {}
    assert "jane" not in str(identity(shop, currency="jane@example.com").agree)


def test_a_list_of_very_many_addresses_gives_no_more_hints_than_are_compared() -> None:
    shop = Shop()
    addresses = [f"person{n}@example.com" for n in range(500)]
    assert len(identity(shop, user_data={"email_address": addresses}).hints) == MOST


def test_a_person_is_found_under_every_form_of_their_address_and_by_no_placeholder() -> None:
    identifier = Identifier(KEYS)
    forms = set(identifier.person_marks("email", "J.Roe@gmail.com"))
    assert forms & set(identifier.person_marks("email", "jroe@gmail.com"))
    assert forms & set(identifier.person_marks("email", hashlib.sha256(b"j.roe@gmail.com").hexdigest()))
    assert not forms & set(identifier.person_marks("email", "other@gmail.com"))
    assert identifier.person_marks("user_id", "77") != identifier.person_marks("user_id", "78")
    assert identifier.person_marks("user_id", "(not set)") == []


async def test_hashed_and_raw_forms_of_one_address_meet() -> None:
    hashed = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"  # sha256 of test@example.com
    shop = Shop()
    assert await shop.verdict(shop.browser(user_data={"sha256_email_address": hashed})) == "fired"
    webhook = shop.webhook(transaction_id="577", user_data={"email_address": "Test@Example.com"}, after=60)
    assert await shop.verdict(webhook) == "suppressed"


async def test_an_fbclid_and_the_cookie_made_of_it_are_one_click() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(fbclid="IwAR2")) == "fired"
    webhook = shop.webhook(transaction_id="577", fbc="fb.1.1795427400000.IwAR2", after=9)
    assert await shop.verdict(webhook) == "suppressed"


async def test_click_ids_of_different_sorts_never_meet() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(gclid="SAME")) == "fired"
    assert await shop.verdict(shop.webhook(transaction_id="577", ttclid="SAME", after=9)) == "fired"


async def test_every_identifier_may_be_a_hint() -> None:
    hints = "[user_id, fbp, ttp, cart_id, checkout_token, fingerprint, {all: [client_id, session_id]}]"
    conversions = f"purchase: {{events: [purchase], key: transaction_id, hints: {{any: {hints}, within: 1h}}}}"
    for hint in (
        {"user_id": "77"},
        {"fbp": "fb.1.1795400000000.1111111111"},
        {"ttp": "01KB"},
        {"cart_id": "c"},
        {"checkout_token": "t"},
        {"ip_override": "203.0.113.7", "user_agent": "Mozilla/5.0"},
        {"ip_override": "2001:db8:1:2::5", "user_agent": "Mozilla/5.0"},
        {"client_id": "1.2", "ga_session_id": "1795427000"},
    ):
        shop = Shop(conversions)
        assert await shop.verdict(shop.browser(**hint)) == "fired"
        assert await shop.verdict(shop.webhook(transaction_id="577", after=9, **hint)) == "suppressed", hint
    shop = Shop(conversions)
    await shop.tell(shop.browser(client_id="1.2", ga_session_id="1795427000"))
    other = shop.webhook(transaction_id="577", client_id="3.4", ga_session_id="1795427000")
    assert await shop.verdict(other) == "fired", "all of them, not any"
    await shop.tell(shop.browser(ip_override="2001:db8:1:2::5", user_agent="Mozilla/5.0"))
    near = {"ip_override": "2001:db8:1:ffff::9", "user_agent": "Mozilla/5.0"}
    assert await shop.verdict(shop.webhook(transaction_id="578", **near)) == "suppressed", "of an address the network"


async def test_every_sort_of_click_id_joins_with_its_own() -> None:
    for sort in ("gclid", "gbraid", "wbraid", "dclid", "fbclid", "ttclid", "msclkid"):
        shop = Shop()
        assert await shop.verdict(shop.browser(**{sort: "SAME"})) == "fired"
        assert await shop.verdict(shop.webhook(transaction_id="577", after=9, **{sort: "SAME"})) == "suppressed"
        other = "gclid" if sort != "gclid" else "wbraid"
        assert await shop.verdict(shop.webhook(transaction_id="578", **{other: "SAME"})) == "fired", sort


async def test_the_mark_that_metas_builder_adds_to_a_cookie_is_no_part_of_the_click() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(fbclid="IwAR2")) == "fired"
    webhook = shop.webhook(transaction_id="577", fbc="fb.1.1795427400000.IwAR2.AQEBAQIB", after=9)
    assert await shop.verdict(webhook) == "suppressed"


async def test_the_forms_of_one_address_meet() -> None:
    forms = [
        {"email_address": " John.Smith@Gmail.com "},
        {"email_address": "johnsmith@gmail.com"},
        {"sha256_email_address": hashlib.sha256(b"johnsmith@gmail.com").hexdigest()},
        {"email_address": hashlib.sha256(b"john.smith@gmail.com").hexdigest().upper()},
    ]
    for page in forms:
        shop = Shop()
        await shop.tell(shop.browser(user_data=page))
        webhook = shop.webhook(transaction_id="577", user_data=forms[0], after=9)
        assert await shop.verdict(webhook) == "suppressed", page
    digits = "4930123456"
    for phone in (
        {"phone_number": "+49 (0)30 12 34 56"},
        {"sha256_phone_number": hashlib.sha256(b"+" + digits.encode()).hexdigest()},
        {"phone_number": hashlib.sha256(digits.encode()).hexdigest()},
    ):
        shop = Shop()
        await shop.tell(shop.browser(user_data=phone))
        webhook = shop.webhook(transaction_id="577", user_data={"phone_number": "+4930123456"}, after=9)
        assert await shop.verdict(webhook) == "suppressed", phone


async def test_placeholders_are_no_names() -> None:
    words = ("undefined", "null", "(not set)", "[object Object]", "(none)", "nil", "0", "NaN")
    for nothing in ("", *words, "{{Transaction ID}}", "#", 0, None):
        shop = Shop()
        assert await shop.verdict(shop.browser(transaction_id=nothing, client_id="1.1")) == "fired"
        assert await shop.verdict(shop.browser(transaction_id=nothing, client_id="2.2")) == "fired", nothing


async def test_scope_keeps_equal_numbers_of_two_shops_apart() -> None:
    conversions = 'purchase: {events: [purchase], key: transaction_id, scope: "{{ event.page_hostname }}"}'
    shop = Shop(conversions)
    assert await shop.verdict(shop.browser(transaction_id="1001", page_hostname="shop.de")) == "fired"
    assert await shop.verdict(shop.browser(transaction_id="1001", page_hostname="shop.no")) == "fired"
    assert await shop.verdict(shop.browser(transaction_id="1001", page_hostname="shop.de")) == "suppressed"


async def test_names_of_one_kind_say_nothing_about_another() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser("generate_lead", event_id="E")) == "fired"
    assert await shop.verdict(shop.browser("purchase", event_id="E")) == "fired"


async def test_a_link_of_several_parts_needs_all_of_them() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser("add_to_cart", cart_id="c", item_id="1")) == "fired"
    assert await shop.verdict(shop.webhook("add_to_cart", cart_id="c", item_id="2")) == "fired"
    assert await shop.verdict(shop.webhook("add_to_cart", cart_id="c", item_id="1")) == "suppressed"
    assert await shop.verdict(shop.webhook("add_to_cart", cart_id="c")) == "fired"


async def test_an_address_as_order_name_is_recognised_and_told_to_nobody() -> None:
    shop = Shop()
    data = {"transaction_id": "jane@example.com", "event_id": "jane@example.com", "currency": "jane@example.com"}
    assert await shop.verdict(shop.browser(**data)) == "fired"
    assert await shop.verdict(shop.webhook(transaction_id="Jane@example.com", after=5)) == "fired"
    assert await shop.verdict(shop.webhook(transaction_id="jane@example.com", after=5)) == "suppressed"
    found = shop.conversion
    assert found is not None
    assert (found.transaction_id, found.key) == ("", "")
    assert found.event_id == found.id
    assert not [state for state in shop.ledger.conversions([1]).values() if "jane@" in str(state.state)]


async def test_a_list_or_an_object_is_no_name_of_its_own() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(transaction_id={"a": 1}, event_id=["E"])) == "fired"
    assert await shop.verdict(shop.browser(transaction_id={"a": 1}, event_id=["E"], after=5)) == "fired"
    assert shop.conversion is not None and shop.conversion.transaction_id == ""
    assert await shop.verdict(shop.browser(transaction_id=[f"{n}" for n in range(90_000)], after=5)) == "fired"
    assert await shop.verdict(shop.browser(transaction_id="7", after=5)) == "suppressed"

