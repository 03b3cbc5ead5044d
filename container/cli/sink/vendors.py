"""What Meta, TikTok and Google answer, and the mistakes they refuse as far as that is cheap to tell.

Codes and texts: Meta's Graph error reference and recorded answers, TikTok's recorded answers, Google's OAuth2,
Measurement Protocol and Data Manager pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import container.cli.sink.google as google
from container.cli.sink.messages import Call, Reply

DAY = 86400
META_MOST = TIKTOK_MOST = 1000
META_AGE = 7 * DAY
META_STORE_AGE = 62 * DAY  # events of a physical store


def vendor_of(host: str) -> str:
    """Whose host this is: meta | tiktok | ga4 | dm | ads | oauth, "" for an unknown one."""
    host = host.split(":")[0].lower()
    for vendor, suffixes in _HOSTS.items():
        if any(host == suffix or host.endswith("." + suffix) for suffix in suffixes):
            return vendor
    return ""


_HOSTS = {
    "meta": ("graph.facebook.com",),
    "tiktok": ("business-api.tiktok.com",),
    "oauth": ("oauth2.googleapis.com",),
    "dm": ("datamanager.googleapis.com",),
    "ads": ("googleads.googleapis.com",),
    "ga4": ("google-analytics.com", "analytics.google.com"),
}


def usual(vendor: str, call: Call) -> Reply:
    """The vendor's answer to this call."""
    return _ANSWERS.get(vendor, _anything)(call)


def by_code(vendor: str, code: str) -> Reply:
    """The vendor's answer with this error code of its own."""
    if vendor not in ("tiktok", "meta"):
        return google.row_refused(code) if vendor == "ads" else google.ingest_refuses(code)
    if not code.lstrip("-")[:1].isdigit():  # a name of Google's, from a rule for everybody
        return by_status(vendor, 400)
    if vendor == "tiktok":
        return _tiktok_says(int(code.split("/")[0]), "made to order")
    number, _, subcode = code.partition("/")
    return _meta_refuses(int(number), "made to order", int(subcode) if subcode else None)


def by_status(vendor: str, number: int) -> Reply:
    """The vendor's kind of body for an HTTP status alone."""
    if number in (204, 304) or number < 200:
        return Reply(number)
    if number >= 500 or vendor not in ("meta", "dm", "ads", "oauth"):
        return Reply(number, f"<html><title>{number}</title></html>")
    if vendor == "meta":
        code = {401: 190, 403: 200, 429: 4}.get(number, 100)
        return Reply(number, {"error": {"message": "made to order", "type": "OAuthException", "code": code}})
    if vendor == "oauth":
        return Reply(number, {"error": "invalid_grant" if number == 400 else "temporarily_unavailable"})
    return google.status(number)


# --- Meta -----------------------------------------------------------------------------------------------------------


def _meta(call: Call) -> Reply:
    body = call.body if isinstance(call.body, Mapping) else {}
    if not (call.query.get("access_token") or body.get("access_token") or call.headers.get("authorization")):
        return _meta_refuses(190, "Invalid OAuth access token - Cannot parse access token")
    events = body.get("data")
    if not isinstance(events, list) or not 1 <= len(events) <= META_MOST:
        return _meta_refuses(100, f"(#100) data must be a list of 1 to {META_MOST} events")
    for index, event in enumerate(events):
        refusal = _meta_event(event, index)
        if refusal is not None:
            return refusal
    return Reply(200, {"events_received": len(events), "messages": [], "fbtrace_id": "Asink"})


def _meta_event(event: Any, index: int) -> Reply | None:
    if not isinstance(event, Mapping) or not event.get("event_name"):
        return _meta_refuses(100, f"(#100) data[{index}]: event_name is missing")
    at = event.get("event_time")
    if not isinstance(at, int) or isinstance(at, bool):
        return _meta_refuses(100, f"(#100) data[{index}]: event_time must be an integer")
    oldest = META_STORE_AGE if event.get("action_source") == "physical_store" else META_AGE
    if time.time() - at > oldest:
        return _meta_refuses(100, "Invalid parameter", 2804003, "Event Timestamp Too Old")
    if not event.get("user_data"):
        return _meta_refuses(100, "Invalid parameter", 2804050, "Customer Information Missing")
    custom = event.get("custom_data")
    custom = custom if isinstance(custom, Mapping) else {}
    if event["event_name"] == "Purchase" and not (_is_number(custom.get("value")) and custom.get("currency")):
        return _meta_refuses(100, "Invalid parameter", 2804009, "Missing Value for Purchase Event")
    return None


def _meta_refuses(code: int, message: str, subcode: int | None = None, title: str = "") -> Reply:
    transient = code in (1, 2)
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "is_transient": transient}
    if subcode is not None:
        error["error_subcode"] = subcode
    if title:
        error["error_user_title"] = title
    return Reply(500 if transient else 400, {"error": {**error, "fbtrace_id": "Asink"}})


# --- TikTok: the truth is in `code`, the HTTP status is 200 ---------------------------------------------------------


def _tiktok(call: Call) -> Reply:
    body = call.body if isinstance(call.body, Mapping) else {}
    if not call.headers.get("access-token"):
        return _tiktok_says(40105, "Access token is incorrect or has been revoked.")
    for name in ("event_source", "event_source_id"):
        if not body.get(name):
            return _tiktok_says(40002, f"{name}: Missing data for required field.")
    events = body.get("data")
    if not isinstance(events, list) or not 1 <= len(events) <= TIKTOK_MOST:
        return _tiktok_says(40002, f"data: Length must be between 1 and {TIKTOK_MOST}.")
    for index, event in enumerate(events):
        problem = _tiktok_event(event)
        if problem:
            return _tiktok_says(40002, f"Batch.{index}.{problem}")
    return _tiktok_says(0, "OK")


def _tiktok_event(event: Any) -> str:
    if not isinstance(event, Mapping) or not event.get("event"):
        return "event: Missing data for required field."
    if not isinstance(event.get("event_time"), int):
        return "event_time: Not a valid integer."
    properties = event.get("properties")
    contents = properties.get("contents") if isinstance(properties, Mapping) else None
    for index, content in enumerate(contents if isinstance(contents, list) else ()):
        if isinstance(content, Mapping) and not isinstance(content.get("content_id", ""), str):
            return f"properties.contents.{index}.content_id: Not a valid string"
    return ""


def _tiktok_says(code: int, message: str) -> Reply:
    return Reply(200, {"code": code, "message": message, "request_id": "sink", "data": {}})


def _anything(call: Call) -> Reply:
    return Reply(200)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_ANSWERS: dict[str, Callable[[Call], Reply]] = {
    "meta": _meta,
    "tiktok": _tiktok,
    "ga4": google.ga4,
    "oauth": google.oauth,
    "dm": google.data_manager,
    "ads": google.ads,
}
