"""Google: GA4, Google Ads, the conversion linker, Floodlight; Stape's GA4 Advanced."""

from __future__ import annotations

from typing import Any

from container.migrate.export import Object
from container.migrate.result import UNSUPPORTED, Entry
from container.migrate.tags.made import EDITOR, LOGGING, Made, Tools

HITS = "ga4_collect"
ADS = "google_ads_conversions"
PIXEL = "options of Google's own pixel"
_PIXEL_OPTIONS = (
    "enable", "newCustomer", "productReporting", "rdp", "conversionCookiePrefix", "discount", "feed", "merchant",
    "customer", "customParams",
)  # fmt: skip
ACCOUNT = "the number of the Google Ads account (ten digits, at the top right in Google Ads)"
CREDENTIALS = (
    "the key of a service account that may upload conversions, as JSON (docs/vendors/google_ads_conversions.md)"
)
OWN_STREAM = "{{ event.x-ga-measurement_id }}"


def ga4(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`sgtmgaaw`: the page's hits are sent on."""
    params = tag.params
    made = _hits()
    own = params.text("measurementId")
    made.params["measurement_id"] = tools.value(own, entry) if own else OWN_STREAM
    if name := params.text("eventName"):
        made.params["event_name"] = tools.value(name, entry)
        made.event = name if "{{" not in name else ""
    if params.flag("redactVisitorIp"):
        made.params["redact_ip"] = True
    _parameters(made, params, "ep", "event_params", entry, tools)
    _parameters(made, params, "up", "user_properties", entry, tools)
    params.book(EDITOR, "isMeasurementIdMandatory")
    return made


def _hits() -> Made:
    """GTM's tag reads consent from the hit and sends it on: no consent of its own keeps it back."""
    return Made(HITS, consent=[])


def _parameters(made: Made, params: Any, prefix: str, name: str, entry: Entry, tools: Tools) -> None:
    kept = params.text(f"{prefix}ToIncludeDropdown")
    what = "event parameters" if prefix == "ep" else "user properties"
    if kept == "none":
        entry.note(f"GTM sends no {what} but those added in the tag; here they have to be dropped by a transformation")
    if kept not in ("", "all", "none"):
        entry.hand(f"which {what} are sent is decided by `{kept}`: keep the right ones by a transformation")
    added = params.table(f"{prefix}ToAdd") or params.table(f"{prefix}ToAdd", "fieldName")
    if added:
        made.params[name] = tools.table(added, entry)
    dropped = [next((cell for cell in row.values() if cell), "") for row in params.rows(f"{prefix}ToExclude")]
    if dropped:
        if prefix == "ep":
            made.sets |= {key: None for key in dropped if key}
        else:
            entry.hand(f"these {what} are left out in GTM: {', '.join(dropped)}")


def ga4_advanced(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`stape-io/ga4-advanced-tag`: a hit with parameters of one's own."""
    params = tag.params
    made = _hits()
    if params.text("adStorageConsent") == "required" or params.text("analyticsStorageConsent") == "required":
        made.consent = ["analytics_storage"]
    own = params.text("measurementId") or params.text("ga4MeasurementId")
    made.params["measurement_id"] = tools.value(own, entry) if own else OWN_STREAM
    for key in ("eventName", "eventNameCustom"):
        if (name := params.text(key)) and name not in ("inherit", "standard", "custom"):
            made.params["event_name"] = tools.value(name, entry)
    event = params.table("eventParametersList") or params.table("eventParams") or params.table("epToAdd")
    if event:
        made.params["event_params"] = tools.table(event, entry)
    user = params.table("userPropertiesList") or params.table("userProperties") or params.table("upToAdd")
    if user:
        made.params["user_properties"] = tools.table(user, entry)
    if params.flag("redactVisitorIp"):
        made.params["redact_ip"] = True
    params.book(LOGGING, "logType", "bigQuery*", "logBigQuery*")
    return made


def ads_conversion(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`sgtmadsct`: a conversion of Google Ads. Servers name the action by its number, which no export holds."""
    params = tag.params
    id, label = params.text("conversionId"), params.text("conversionLabel")
    _ads_id(id, entry)
    made = Made(ADS)
    made.params["account_id"] = _ask(tools, entry, f"google ads account of {id}", ACCOUNT)
    why = (
        f"the number of the conversion action with the label {label or id} (Google "
        "Ads: Goals, the action, `ctId` in its address)"
    )
    made.params["conversion_action"] = _ask(tools, entry, f"google ads action {label or id}", why)
    made.params["credentials"] = tools.ask_secret(entry, "google credentials", CREDENTIALS)
    _money(made, params, entry, tools)
    entry.note("needs ad_storage and ad_user_data; Google's tag in GTM sends pings without consent too")
    params.book(PIXEL, *(key for key in params if key.startswith(_PIXEL_OPTIONS)))
    return made


def _ask(tools: Tools, entry: Entry, name: str, why: str) -> str:
    return f"{{{{ {tools.job.fill_in(entry, name, why)} }}}}"


def _money(made: Made, params: Any, entry: Entry, tools: Tools) -> None:
    if value := params.text("conversionValue") or params.text("revenue"):
        made.params["value"] = tools.typed("value", value, entry)
    if currency := params.text("currencyCode"):
        tools.instead(made, "currency", currency, entry)
    if order := params.text("orderId") or params.text("transactionId"):
        made.order_id = order
        made.params["transaction_id"] = tools.typed("transaction_id", order, entry)


def floodlight(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`sgtmfls` and `sgtmflc`: an activity of Floodlight, by Google's Data Manager API."""
    params = tag.params
    made = Made(ADS)
    made.params["account_type"] = "FLOODLIGHT_CONFIG"
    made.params["account_id"] = tools.value(params.text("advertiserId"), entry)
    activity = f"{params.text('groupTag')} {params.text('activityTag')}".strip()
    why = f"the number of the Floodlight activity `{activity}` (Campaign Manager 360: Floodlight, Activities)"
    made.params["conversion_action"] = _ask(tools, entry, f"floodlight activity {activity}", why)
    made.params["credentials"] = tools.ask_secret(entry, "google credentials", CREDENTIALS)
    _money(made, params, entry, tools)
    params.book(
        PIXEL, *(key for key in params if key.startswith((*_PIXEL_OPTIONS, "uniqueParams", "ordinal", "custom")))
    )
    return made


def _ads_id(id: str, entry: Entry) -> None:
    if id.upper().startswith("AW-"):
        entry.note(f"the conversion id `{id}` has digits only in server containers, without `AW-`")


def conversion_linker(tag: Object, entry: Entry, tools: Tools) -> Made | None:
    """`sgtmadscl`: no tag here; the server sets Google's click cookies itself."""
    tag.params.book("options of the conversion linker", *tag.params)
    tools.cookies |= {"_gcl": None, "FPGCL": None}
    entry.note("no tag: `cookies:` in container.yaml sets Google's click cookies, where ad_storage is granted")
    entry.file = "container.yaml"
    return None


def unsupported(reason: str) -> Any:
    """A tag that cannot be here, with the reason."""

    def left(tag: Object, entry: Entry, tools: Tools) -> None:
        tag.item.book("tags that are named in the report with the reason why they are not here")
        entry.left(UNSUPPORTED, reason)

    return left


REMARKETING = unsupported(
    "Google Ads remarketing has no interface for servers: keep the Google tag in the page, or upload audiences"
)
