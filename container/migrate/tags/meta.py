"""Meta: Stape's `facebook-tag` and `facebookincubator`'s Conversions API tag."""

from __future__ import annotations

from typing import Any

from container.migrate.export import Object
from container.migrate.result import Document, Entry
from container.migrate.tags.made import ANSWERED, COOKIES, LOGGING, Made, Tools, address

TEMPLATE = "meta_conversions_api"
EVENTS = {
    "page_view": "PageView",
    "gtm.dom": "PageView",
    "add_payment_info": "AddPaymentInfo",
    "add_to_cart": "AddToCart",
    "add_to_wishlist": "AddToWishlist",
    "sign_up": "CompleteRegistration",
    "begin_checkout": "InitiateCheckout",
    "generate_lead": "Lead",
    "purchase": "Purchase",
    "search": "Search",
    "view_item": "ViewContent",
}
MORE = {
    "contact": "Contact",
    "customize_product": "CustomizeProduct",
    "donate": "Donate",
    "find_location": "FindLocation",
    "schedule": "Schedule",
    "start_trial": "StartTrial",
    "submit_application": "SubmitApplication",
    "subscribe": "Subscribe",
    "gtm4wp.addProductToCartEEC": "AddToCart",
    "gtm4wp.productClickEEC": "ViewContent",
    "gtm4wp.checkoutOptionEEC": "InitiateCheckout",
    "gtm4wp.checkoutStepEEC": "AddPaymentInfo",
    "gtm4wp.orderCompletedEEC": "Purchase",
}
_USER = {"em": "email_address", "ph": "phone_number", "ge": "gender", "db": "birthday", "external_id": "external_id"}
_ADDRESS = {
    "fn": "first_name",
    "ln": "last_name",
    "ct": "city",
    "st": "region",
    "zp": "postal_code",
    "country": "country",
}
_EVENT = {
    "client_ip_address": "ip_override", "client_user_agent": "user_agent", "fbc": "fbc", "fbp": "fbp",
    **{name: name for name in (
        "subscription_id", "lead_id", "fb_login_id", "anon_id", "madid", "page_id", "page_scoped_user_id", "ctwa_clid",
        "ig_account_id", "ig_sid",
    )},
}  # fmt: skip
_CLICK = ("event.fbclid", "event.page_location | query_param('fbclid')")
CUSTOMER = "stape_user_data"
CUSTOMER_DATA: dict[str, Any] = {  # where Stape's tags look for customer data, besides the event's `user_data`
    "email_address": "{{ event.email ?? event.user_data.email_address ?? event.user_data.email }}",
    "phone_number": "{{ event.phone ?? event.user_data.phone_number ?? event.user_data.phone }}",
    "gender": "{{ event.gender ?? event.user_data.gender }}",
    "birthday": "{{ event.db ?? event.user_data.birthday }}",
    "external_id": "{{ event.external_id ?? event.user_id ?? event.userId ?? event.user_data.external_id }}",
    "address": {
        "$base": "{{ event.user_data.address | first }}",
        "first_name": "{{ event.firstName ?? event.FirstName ?? event.nameFirst ?? event.first_name"
        " ?? event.user_data.first_name }}",
        "last_name": "{{ event.lastName ?? event.LastName ?? event.nameLast ?? event.last_name"
        " ?? event.user_data.last_name }}",
        "city": "{{ event.city }}",
        "region": "{{ event.state ?? event.region ?? event.user_data.region }}",
        "postal_code": "{{ event.zip ?? event.postal_code ?? event.user_data.postal_code }}",
        "country": "{{ event.countryCode ?? event.country ?? event.user_data.country }}",
    },
}


def stape(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`stape-io/facebook-tag`."""
    params = tag.params
    made = Made(TEMPLATE, consent=["ad_storage"] if params.text("adStorageConsent") == "required" else [])
    made.params["pixel_id"] = tools.value(params.text("pixelId"), entry)
    made.params["access_token"] = tools.secret(params.text("accessToken"), "access token", entry)
    _name(made, params, entry, tools)
    source = params.text("actionSource")
    if source and source != "website":
        made.params["action_source"] = tools.value(source, entry)
    if test := params.text("testId"):
        made.params["test_event_code"] = tools.value(test, entry)
    _server_data(made, params.table("serverEventDataList"), entry, tools)
    _user_data(made, params, entry, tools)
    _custom_data(made, params, entry, tools)
    _other(made, params, entry, tools)
    return made


def _name(made: Made, params: Any, entry: Entry, tools: Tools) -> None:
    if params.text("inheritEventName") != "override":
        params.book("a name that is not in force", "eventName", "eventNameStandard", "eventNameCustom")
        made.params["event_name"] = tools.event_table("meta_event_name", {**EVENTS, **MORE})
        return
    standard = params.text("eventName") != "custom"
    text = params.text("eventNameStandard" if standard else "eventNameCustom")
    params.book("a name that is not in force", "eventNameStandard", "eventNameCustom")
    made.event = text if "{{" not in text else ""
    if text:
        made.params["event_name"] = tools.value(text, entry)


def _server_data(made: Made, rows: list[tuple[str, str]], entry: Entry, tools: Tools) -> None:
    for name, text in rows:
        if name == "event_id":
            made.sets["event_id"] = text
        elif name == "event_source_url":
            tools.instead(made, "page_location", text, entry)
        elif name == "referrer_url":
            tools.instead(made, "page_referrer", text, entry)
        elif name == "opt_out":
            made.params["opt_out"] = text == "true" if "{{" not in text else tools.value(text, entry)
        elif name == "data_processing_options":
            made.params["limited_data_use"] = (
                True if "{{" not in text else f"{{{{ 'LDU' in [{tools.inner(text, entry)}] }}}}"
            )
        elif name in ("data_processing_options_country", "data_processing_options_state"):
            made.params[name.replace("_options", "")] = tools.typed("value", text, entry)
        elif name == "event_time":
            entry.note("`event_time` is the time the event happened, as its first copy tells it")
        else:
            made.params[name] = tools.value(text, entry)
            entry.hand(f"server event data `{name}`: tagport's template has no place for it")


def _user_data(made: Made, params: Any, entry: Entry, tools: Tools) -> None:
    base = tools.value(params.text("userDataObject"), entry) if params.text("userDataObject") else _customer(tools)
    user: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for name, text in params.table("userDataList"):
        if not text:
            continue
        if name in _USER:
            user[_USER[name]] = tools.value(text, entry)
        elif name in _ADDRESS:
            parts[_ADDRESS[name]] = tools.value(text, entry)
        elif name == "fbc" and _is_click(tools, text, entry):
            entry.note(
                "`fbc` is made of the page's `fbclid` in Meta's form; GTM sent the bare "
                "click id, which Meta cannot read"
            )
        elif name in _EVENT:
            tools.instead(made, _EVENT[name], text, entry)
        else:
            entry.note(f"user data `{name}` is not sent: tagport's template has no place for it")
    address(
        user,
        parts,
        f"{base[:-3]}.address }}}}" if base.startswith("{{ var.") else "{{ event.user_data.address | first }}",
    )
    made.params["user_data"] = {"$base": base, **user} if user else base


def _customer(tools: Tools) -> str:
    path = f"variables/{CUSTOMER}.yaml"
    if path not in tools.job.result.files:
        why = "Where Stape's tags look for customer data, besides the event's own user_data."
        tools.job.put(path, Document({"first": [{"then": CUSTOMER_DATA}]}, why))
    return f"{{{{ var.{CUSTOMER} }}}}"


def _is_click(tools: Tools, text: str, entry: Entry) -> bool:
    if tools.means(text) in _CLICK:
        return True
    single = tools.references.single(text)
    variable = tools.job.export.named("variable", single) if single else None
    return variable is not None and dict(variable.params.all()).get("queryKey") == "fbclid"


def _custom_data(made: Made, params: Any, entry: Entry, tools: Tools) -> None:
    custom: dict[str, Any] = {}
    if source := params.text("customDataObject"):
        custom["$base"] = tools.value(source, entry)
    rows = params.table("customDataList")
    custom |= tools.table(rows, entry)
    order = dict(rows).get("order_id", "")
    made.order_id = "" if tools.means(order) in ("", "event.transaction_id") and "{{" not in order else order
    if custom:
        made.params["custom_data"] = custom
    key = params.text("itemIdKey")
    if key and key != "item_id":
        entry.note(f"items are known by their `{key}` here too")
        made.sets["items"] = {
            "$each": "{{ event.items }}",
            "$value": {"$base": "{{ item }}", "item_id": f"{{{{ item.{key} }}}}"},
        }


def _other(made: Made, params: Any, entry: Entry, tools: Tools) -> None:
    if params.flag("generateFbp", default=True):
        tools.cookies |= {"_fbp": None, "_fbc": None}
    if params.flag("enableEventEnhancement"):
        entry.note(
            "`_gtmeec`: hashed customer data is not kept in a cookie; a conversion's "
            "copies lend each other what they know"
        )
    if params.flag("enableMultipixelSetup"):
        made.destinations["own"] = {}
        for index, row in enumerate(params.rows("pixelIdAndAccessTokenTable"), 2):
            made.destinations[f"pixel_{index}"] = {
                "pixel_id": tools.value(row.get("pixelId", ""), entry),
                "access_token": tools.secret(row.get("accessToken", ""), f"access token {index}", entry),
            }
    if params.flag("useAppSecretProof"):
        made.params["appsecret_proof"] = tools.secret(params.text("appSecretProof"), "app secret proof", entry)
    if data := params.table("appDataList"):
        made.params["app_data"] = tools.table(data, entry)
    elif text := params.text("appDataObject"):
        made.params["app_data"] = tools.value(text, entry)
    if data := params.table("originalEventDataList"):
        made.params["original_event_data"] = tools.table(data, entry)
    if params.text("messaging_channel"):
        tools.instead(made, "messaging_channel", params.text("messaging_channel"), entry)
    params.book(LOGGING, "logType", "bigQuery*", "logBigQuery*")
    params.book(ANSWERED, "useOptimisticScenario")
    params.book(COOKIES, "overrideCookieDomain", "overridenCookieDomain", "useHttpOnlyCookie")
    params.book(
        "a part that is switched off",
        "appDataObject",
        "pixelIdAndAccessTokenTable",
        "appSecretProof",
        "messaging_channel",
    )


def official(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`facebookincubator/ConversionsAPI-Tag-for-GoogleTagManager`: everything but the account is event data."""
    params = tag.params
    made = Made(TEMPLATE, consent=[])
    made.params["pixel_id"] = tools.value(params.text("pixelId"), entry)
    made.params["access_token"] = tools.secret(params.text("apiAccessToken"), "access token", entry)
    made.params["event_name"] = tools.event_table("meta_event_name", {**EVENTS, **MORE})
    if (source := params.text("actionSource")) and source != "website":
        made.params["action_source"] = tools.value(source, entry)
    if test := params.text("testEventCode"):
        made.params["test_event_code"] = tools.value(test, entry)
    made.params["user_data"] = {
        "email_address": "{{ event.x-fb-ud-em ?? event.user_data.email_address }}",
        "phone_number": "{{ event.x-fb-ud-ph ?? event.user_data.phone_number }}",
        "gender": "{{ event.x-fb-ud-ge }}",
        "birthday": "{{ event.x-fb-ud-db }}",
        "external_id": "{{ event.x-fb-ud-external_id ?? event.user_id }}",
        "address": {
            "$base": "{{ event.user_data.address | first }}",
            **{here: f"{{{{ event.x-fb-ud-{there} }}}}" for there, here in _ADDRESS.items()},
        },
    }
    names = (
        "content_ids",
        "contents",
        "content_type",
        "content_name",
        "content_category",
        "num_items",
        "predicted_ltv",
        "status",
    )
    made.params["custom_data"] = {name: f"{{{{ event.x-fb-cd-{name} }}}}" for name in names}
    for key in ("fbc", "fbp"):
        made.sets[key] = f"{{{{ event.x-fb-ck-{key} ?? event.{key} }}}}"
    if params.flag("extendCookies"):
        tools.cookies |= {"_fbp": None, "_fbc": None}
    if params.flag("enableEventEnhancement"):
        entry.note("`_gtmeec`: hashed customer data is not kept in a cookie")
    params.book(LOGGING, "logType", "bigQuery*")
    return made
