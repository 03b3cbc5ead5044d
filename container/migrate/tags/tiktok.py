"""TikTok: Stape's `tiktok-tag` and TikTok's own `gtm-template-eapi`."""

from __future__ import annotations

from typing import Any

from container.migrate.export import Object
from container.migrate.result import Entry
from container.migrate.tags.made import ANSWERED, COOKIES, LOGGING, Made, Tools, address
from container.migrate.tags.meta import EVENTS as META

TEMPLATE = "tiktok_events_api"
_RENAMED = {"PageView": "Pageview", "Purchase": "CompletePayment", "Lead": "SubmitForm"}
STAPE = {
    **{name: _RENAMED.get(event, event) for name, event in META.items()},
    "contact": "Contact",
    "subscribe": "Subscribe",
    "submit_application": "Subscribe",
    "find_location": "Search",
    "complete_registration": "CompleteRegistration",
}
OFFICIAL = {
    "add_payment_info": "AddPaymentInfo",
    "add_to_cart": "AddToCart",
    "add_to_wishlist": "AddToWishlist",
    "begin_checkout": "InitiateCheckout",
    "page_view": "Pageview",
    "purchase": "CompletePayment",
    "search": "Search",
    "sign_up": "CompleteRegistration",
    "view_item": "ViewContent",
}
_USER = {"email": "email_address", "phone": "phone_number", "external_id": "external_id"}
_ADDRESS = {
    "first_name": "first_name", "last_name": "last_name", "city": "city", "state": "region", "country": "country",
    "zip_code": "postal_code",
}  # fmt: skip
_EVENT = {"ip": "ip_override", "user_agent": "user_agent", "ttclid": "ttclid", "ttp": "ttp", "locale": "language"}
_DEVICE = ("idfa", "idfv", "gaid", "att_status")
OLD_NAMES = (
    "TikTok calls `CompletePayment` Purchase and `SubmitForm` Lead now; the old names stay, as the pixel sends them"
)
_RENEWED = ("CompletePayment", "SubmitForm", "PlaceAnOrder")


def stape(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`stape-io/tiktok-tag`."""
    params = tag.params
    made = Made(TEMPLATE, consent=["ad_storage"] if params.text("adStorageConsent") == "required" else [])
    made.params["pixel_code"] = tools.value(params.text("pixelId"), entry)
    made.params["access_token"] = tools.secret(params.text("accessToken"), "access token", entry)
    _stape_name(made, params, entry, tools)
    source = params.text("eventSource")
    if source and source != "web":
        made.params["event_source"] = tools.value(source, entry)
    if test := params.text("testEventCode"):
        made.params["test_event_code"] = tools.value(test, entry)
    if params.flag("limitedDataUse"):
        made.params["limited_data_use"] = True
    if event_id := params.text("eventId"):
        made.sets["event_id"] = event_id
    _pages(made, params.text("pageLocation"), params.text("pageReferrer"), entry, tools)
    if params.text("eventTime"):
        entry.note("`event_time` is the time the event happened, as its first copy tells it")
    _user(made, params.table("userDataList"), source == "app", entry, tools)
    rows = params.table("customDataList")
    if properties := tools.table(rows, entry):
        made.params["properties"] = properties
    made.order_id = dict(rows).get("order_id", "")
    if params.flag("generateTtp"):
        tools.cookies |= {"_ttp": None, "ttclid": None}
    params.book(LOGGING, "logType", "bigQuery*", "logBigQuery*")
    params.book(ANSWERED, "useOptimisticScenario")
    params.book(COOKIES, "overrideCookieDomain", "overridenCookieDomain", "useHttpOnlyCookie")
    app = [
        (name, params.text(key))
        for name, key in (("app_id", "appId"), ("app_name", "appName"), ("app_version", "appVersion"))
    ]
    if source == "app" and (data := tools.table(app, entry)):
        made.params["app"] = data
    if source == "app" and (data := tools.table(params.table("adDataList"), entry)):
        made.params["ad"] = data
    params.book("data of apps", "appId", "appName", "appVersion", "adDataList")
    return made


def _stape_name(made: Made, params: Any, entry: Entry, tools: Tools) -> None:
    kind = params.text("eventType")
    if kind in ("standard", "custom"):
        text = params.text("eventName" if kind == "standard" else "eventNameCustom")
        made.event = text if "{{" not in text else ""
        made.params["event_name"] = tools.value(text, entry)
        if text in _RENEWED:
            entry.note(OLD_NAMES)
    else:
        made.params["event_name"] = tools.event_table("tiktok_event_name", STAPE)
        entry.note(OLD_NAMES)
    params.book("a name that is not in force", "eventName", "eventNameCustom")


def _pages(made: Made, location: str, referrer: str, entry: Entry, tools: Tools) -> None:
    if location:
        tools.instead(made, "page_location", location, entry)
    if referrer:
        tools.instead(made, "page_referrer", referrer, entry)


def _user(made: Made, rows: list[tuple[str, str]], app: bool, entry: Entry, tools: Tools) -> None:
    user: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for name, text in rows:
        if not text:
            continue
        if name in _USER:
            user[_USER[name]] = tools.value(text, entry)
        elif name in _ADDRESS:
            parts[_ADDRESS[name]] = tools.value(text, entry)
        elif name in _EVENT:
            tools.instead(made, _EVENT[name], text, entry)
        elif app and name in _DEVICE:
            tools.instead(made, name, text, entry)
        else:
            entry.note(f"user data `{name}` is not sent: TikTok takes it for apps only")
    address(user, parts, "{{ event.user_data.address | first }}")
    if user:
        made.params["user_data"] = user


def official(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`tiktok/gtm-template-eapi`."""
    params = tag.params
    made = Made(TEMPLATE, consent=[])
    made.params["pixel_code"] = tools.value(params.text("pixel_code"), entry)
    made.params["access_token"] = tools.secret(params.text("access_token"), "access token", entry)
    _official_name(made, params.text("event"), entry, tools)
    if test := params.text("test_event_code"):
        made.params["test_event_code"] = tools.value(test, entry)
    if event_id := params.text("event_id"):
        made.sets["event_id"] = event_id
    _pages(made, params.text("url"), params.text("referrer"), entry, tools)
    hashed = "sha256_" if params.text("hash") == "hashed" else ""
    fields = ("email", "phone", "external_id")
    rows = [(name, params.text(f"{hashed}{name}")) for name in fields]
    _user(made, [*rows, ("ip", params.text("ip")), ("user_agent", params.text("user_agent"))], False, entry, tools)
    _properties(made, params, entry, tools)
    params.book("fields that are not in force", *fields, *(f"sha256_{name}" for name in fields))
    params.book(LOGGING, "logType")
    tools.cookies |= {"ttclid": None}
    return made


def _official_name(made: Made, text: str, entry: Entry, tools: Tools) -> None:
    name = tools.references.single(text)
    if not text or (name and name == "Event Name") or tools.means(text) == "event.event_name":
        if name:
            tools.value(text, entry)
        made.params["event_name"] = tools.event_table("tiktok_event_name_official", OFFICIAL)
        entry.note(OLD_NAMES)
        return
    made.event = OFFICIAL.get(text, text) if "{{" not in text else ""
    made.params["event_name"] = made.event or tools.value(text, entry)
    if made.event in _RENEWED:
        entry.note(OLD_NAMES)


def _properties(made: Made, params: Any, entry: Entry, tools: Tools) -> None:
    names = ("value", "currency", "description", "query")
    custom: dict[str, Any] = {}
    if params.text("object_property_source") == "custom":
        custom = tools.table([(name, params.text(name)) for name in names], entry)
        if contents := params.text("contents"):
            custom["contents"] = tools.value(contents, entry)
            entry.note("`contents` has to be a list; a variable that gives JSON text is refused by TikTok")
        fields = ("content_id", "content_type", "content_name", "content_category", "price", "quantity", "brand")
        if content := tools.table([(name, params.text(name)) for name in fields], entry):
            custom["contents"] = [content]
    custom |= tools.table(params.table("custom_properties", "key"), entry)
    params.book(
        "fields that are not in force", *names, "contents", "content_*", "price", "quantity", "brand",
        "object_property_source", "single_multi_product",
    )  # fmt: skip
    if custom:
        made.params["properties"] = custom
