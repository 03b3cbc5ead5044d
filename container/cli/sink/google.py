"""Google's part of the vendor double: GA4, the Data Manager API, the Google Ads API and their tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from container.cli.sink.messages import Call, Reply

MOST_EVENTS = 2000
MOST_MP_EVENTS = 25
NAMES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED"}
RESERVED = frozenset(
    ("session_start", "first_visit", "first_open", "user_engagement", "error", "ad_click", "app_remove")
)

_HASH = re.compile(r"[0-9a-f]{64}")
_EVENT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


def status(number: int) -> Reply:
    """A google.rpc.Status with nothing but its name."""
    return Reply(number, {"error": {"code": number, "status": NAMES.get(number, "UNKNOWN")}})


def ingest_refuses(reason: str, field: str = "events.events[0]", description: str = "made to order") -> Reply:
    """The Data Manager API's answer to a request that is not right: nothing of it is kept."""
    violation = {"field": field, "description": description, "reason": reason}
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "INVALID_ARGUMENT"}
    request = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    message = "There was a problem with the request."
    error = {"code": 400, "status": "INVALID_ARGUMENT", "message": message, "details": [info, request]}
    return Reply(400, {"error": error})


def row_refused(name: str) -> Reply:
    """The Google Ads API's answer of 200 in which the one row failed."""
    error = {
        "errorCode": {"conversionUploadError": name},
        "message": "made to order",
        "location": {"fieldPathElements": [{"fieldName": "conversions", "index": 0}]},
    }
    failure = {"@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure", "errors": [error]}
    told = {"code": 3, "message": "Multiple errors", "details": [failure]}
    return Reply(200, {"partialFailureError": told, "results": [{}]})


def ga4(call: Call) -> Reply:
    """204 for everything; the validation server tells what is wrong, and of `/g/collect` nothing."""
    if not call.path.startswith("/debug/"):
        return Reply(204)
    body = call.body if isinstance(call.body, Mapping) else {}
    found = [
        {"fieldPath": path, "description": words, "validationCode": code} for path, words, code in _validated(body)
    ]
    return Reply(200, {"validationMessages": found})


def _validated(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if not (body.get("client_id") or body.get("app_instance_id")):
        yield "client_id", "Measurement requires a client_id.", "VALUE_REQUIRED"
    events = body.get("events")
    events = events if isinstance(events, list) else []
    if len(events) > MOST_MP_EVENTS:
        yield "events", f"More than {MOST_MP_EVENTS} events.", "EXCEEDED_MAX_ENTITIES"
    for index, event in enumerate(events):
        name = str(event.get("name", "")) if isinstance(event, Mapping) else ""
        if name in RESERVED:
            yield "events", f"Event at index: [{index}] has name [{name}] which is reserved.", "NAME_RESERVED"
        elif not _EVENT_NAME.fullmatch(name):
            yield "events", f"Event at index: [{index}] has invalid name [{name}].", "NAME_INVALID"


def oauth(call: Call) -> Reply:
    """A token for every assertion and refresh token."""
    return Reply(200, {"access_token": "sink-token", "expires_in": 3600, "token_type": "Bearer"})


def data_manager(call: Call) -> Reply:
    """Takes events whose identifiers are hashed; tells the status of any request."""
    if not call.headers.get("authorization"):
        return status(401)
    if call.path.endswith("requestStatus:retrieve"):
        return Reply(200, {"requestStatusPerDestination": [{"requestStatus": "SUCCESS"}]})
    body = call.body if isinstance(call.body, Mapping) else {}
    events = body.get("events")
    if not body.get("destinations"):
        return ingest_refuses("REQUIRED_FIELD_MISSING", "destinations", "A destination is required.")
    if not isinstance(events, list) or not 1 <= len(events) <= MOST_EVENTS:
        return ingest_refuses("TOO_MANY_EVENTS", "events", f"Between 1 and {MOST_EVENTS} events.")
    for index, event in enumerate(events):
        for field, reason, words in _ingested(event if isinstance(event, Mapping) else {}):
            return ingest_refuses(reason, f"events.events[{index}]{field}", words)
    return Reply(200, {"requestId": "sink", "fieldWarnings": []})


def _ingested(event: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if not event.get("eventTimestamp"):
        yield ".event_timestamp", "REQUIRED_FIELD_MISSING", "The event's time is required."
    if not any(event.get(name) for name in ("userData", "adIdentifiers", "clientId", "appInstanceId")):
        yield "", "NO_IDENTIFIERS_PROVIDED", "No identifiers."
    user = event.get("userData")
    for identifier in (user.get("userIdentifiers") or ()) if isinstance(user, Mapping) else ():
        for name in ("emailAddress", "phoneNumber"):
            if name in identifier and not _HASH.fullmatch(str(identifier[name])):
                yield ".user_data.user_identifiers", "INVALID_HEX_ENCODING", f"{name} is not hashed."


def ads(call: Call) -> Reply:
    """Takes every row."""
    if not call.headers.get("authorization"):
        return status(401)
    body = call.body if isinstance(call.body, Mapping) else {}
    rows = body.get("conversions") or body.get("conversionAdjustments") or []
    results = [{"orderId": row.get("orderId")} for row in rows if isinstance(row, Mapping)]
    return Reply(200, {"results": results, "jobId": "1"})
