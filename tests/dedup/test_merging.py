from __future__ import annotations

from copies import Shop

from container.dedup.merging import lay_down, merge, pick_up


def test_each_field_comes_from_the_copy_that_knows_best() -> None:
    shop = Shop()
    browser = shop.browser(
        value=99, currency="EUR", page_location="https://shop.de/danke", client_id="1.2", fbp="fb.1.1.2",
        user_agent="Firefox", coupon="PAGE", ip_override="203.0.113.7", items=[{"item_id": "1"}], theme="dark",
    )  # fmt: skip
    webhook = shop.webhook(
        value=100, user_data={"email_address": "j@example.com"}, user_agent="Shopify", client_id="9.9", after=20,
        ip_override="198.51.100.1", items=[{"item_id": "1", "price": 100}], theme="", note="gift",
    )  # fmt: skip
    for copies in ([browser, webhook], [webhook, browser]):
        data, origins = merge(copies)
        assert data["value"] == 100 and origins["value"] == "server"
        assert data["items"] == [{"item_id": "1", "price": 100}]
        assert data["user_data"] == {"email_address": "j@example.com"}
        assert data["client_id"] == "1.2" and origins["client_id"] == "browser"
        assert (data["user_agent"], data["ip_override"], data["fbp"]) == ("Firefox", "203.0.113.7", "fb.1.1.2")
        assert data["page_location"] == "https://shop.de/danke"
        assert data["currency"] == "EUR", "what only one knows comes from that one"
        assert data["note"] == "gift"
        assert data["theme"] == "dark", "an empty value is no better word"
        assert data["timestamp"] == browser.data["timestamp"], "the earliest that any states"


def test_customer_data_is_merged_member_by_member() -> None:
    shop = Shop()
    browser = shop.browser(user_data={"email_address": "page@example.com", "phone_number": "+49301"})
    webhook = shop.webhook(user_data={"email_address": "shop@example.com", "address": {"city": "Bonn"}})
    expected = {"email_address": "shop@example.com", "phone_number": "+49301", "address": {"city": "Bonn"}}
    assert merge([browser, webhook])[0]["user_data"] == expected
    assert merge([webhook, browser])[0]["user_data"] == expected


def test_what_no_source_knows_better_is_the_newest_copys() -> None:
    shop = Shop()
    assert merge([shop.browser(plan="a"), shop.webhook(plan="b")])[0]["plan"] == "b"
    assert merge([shop.webhook("order_created"), shop.browser("purchase")])[0]["event_name"] == "purchase"


def test_one_copy_is_seen_as_it_is() -> None:
    event = Shop().browser(value=1)
    assert merge([event]) == (event.data, {})


def test_a_copy_survives_being_laid_down() -> None:
    shop = Shop()
    event = shop.browser(value=10, user_data={"email_address": "j@example.com"}, consent={"ad_storage": True})
    again = pick_up(lay_down(event))
    assert (again.id, dict(again.consent), again.request.source) == (event.id, {"ad_storage": True}, "browser")
    assert again.data["user_data"] == {"email_address": "j@example.com"}
    assert again.timestamp == event.timestamp


async def test_a_later_decision_sees_all_copies() -> None:
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001", client_id="1.2", page_title="Danke"))
    await shop.tell(shop.webhook(transaction_id="1001", user_data={"email_address": "j@example.com"}))
    assert shop.conversion is not None
    data = shop.conversion.data
    assert (data["client_id"], data["user_data"]) == ("1.2", {"email_address": "j@example.com"})
    assert shop.conversion.origins["client_id"] == "browser"
    assert shop.conversion.sources == {"browser", "server"}
