"""One event of a tracker as event data: GTM's names, and beside them all that Snowplow's own client gives.

Fields by their names in Snowplow's tables are under `x-sp-` (`x-sp-app_id`), as are the self-describing event
(`x-sp-self_describing_event_com_acme_foo_1`) and the entities (`x-sp-contexts_com_acme_foo_1`, a list).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from container.clients.common import Notes
from container.clients.numbers import as_number, number
from container.clients.snowplow.ecommerce import ecommerce_name, from_ecommerce
from container.clients.snowplow.schemas import Described, entities_of, event_of
from container.language.values import as_text, present

SP = "x-sp-"
TEXTS = {  # GTM's names
    "duid": "client_id",
    "uid": "user_id",
    "eid": "event_id",
    "sid": "session_id",
    "url": "page_location",
    "page": "page_title",
    "refr": "page_referrer",
    "cs": "page_encoding",
    "lang": "language",
    "res": "screen_resolution",
    "vp": "viewport_size",
    "ua": "user_agent",
    "ip": "ip_override",
    "se_ca": "event_category",
    "se_ac": "event_action",
    "se_la": "event_label",
    "se_pr": "event_property",
    "tr_id": "transaction_id",
    "tr_af": "affiliation",
    "tr_cu": "currency",
    "ti_id": "transaction_id",
    "ti_cu": "currency",
}
NUMBERS = {"se_va": "value", "tr_tt": "value", "tr_tx": "tax", "tr_sh": "shipping", "vid": "session_number"}
OWN = {  # Snowplow's names, under `x-sp-`
    "aid": "app_id",
    "p": "platform",
    "tna": "name_tracker",
    "tv": "v_tracker",
    "eid": "event_id",
    "duid": "domain_userid",
    "sid": "domain_sessionid",
    "vid": "domain_sessionidx",
    "nuid": "network_userid",
    "tnuid": "network_userid",
    "fp": "user_fingerprint",
    "tz": "os_timezone",
    "dtm": "dvce_created_tstamp",
    "stm": "dvce_sent_tstamp",
    "ttm": "true_tstamp",
    "cd": "br_colordepth",
    "cookie": "br_cookies",
    "ds": "doc_size",
}
ITEM_TEXTS = {"ti_sk": "item_id", "ti_nm": "item_name", "ti_ca": "item_category"}
ITEM_NUMBERS = {"ti_pr": "price", "ti_qu": "quantity"}
NAMES = {"pv": "page_view", "pp": "page_ping", "tr": "purchase", "ti": "transaction_item"}
PACKED = ("ue_px", "ue_pr", "cx", "co")
READ = frozenset((*TEXTS, *NUMBERS, *OWN, *ITEM_TEXTS, *ITEM_NUMBERS, *PACKED, "e"))

USER_DATA = ("com.google.tag-manager.server-side", "user_data")
SESSION = ("com.snowplowanalytics.snowplow", "client_session")
HINTS = ("org.ietf", "http_client_hints")


def read(fields: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """The event data of one payload. Without a name of its own (`e`) it is no event: KeyError."""
    event, entities = event_of(fields, notes), entities_of(fields, notes)
    data: dict[str, Any] = {}
    if event is not None:
        data |= event.data
        data |= from_ecommerce(event, entities)
        data[f"{SP}self_describing_event_{event.key}"] = event.data
    for entity in entities:
        data.setdefault(f"{SP}contexts_{entity.key}", []).append(entity.data)
    for name, value in fields.items():
        _put(data, name, value, notes)
    _from_entities(data, entities)
    if fields["e"] == "ti":
        data["items"] = [_item(fields, notes)]
    data["event_name"] = _name(fields, event)
    return data


def _name(fields: Mapping[str, Any], event: Described | None) -> Any:
    kind = fields["e"]
    if kind == "ue" and event is not None:
        return ecommerce_name(event) or event.name
    return (fields.get("se_ac") or kind) if kind == "se" else NAMES.get(kind, kind)


def _put(data: dict[str, Any], name: str, value: Any, notes: Notes) -> None:
    """One field: trackers send texts and numbers."""
    if not present(value) or name in PACKED:
        return
    if isinstance(value, bool | list | dict):
        notes.left_out(name, "not a text")
        return
    text = as_text(value) or ""
    if name in TEXTS:
        data[TEXTS[name]] = text
    if name in NUMBERS:
        _put_number(data, NUMBERS[name], name, text, notes)
    if name in OWN:
        data[f"{SP}{OWN[name]}"] = text
    elif name not in READ:
        data[f"{SP}{name}"] = text


def _put_number(data: dict[str, Any], key: str, name: str, text: str, notes: Notes) -> None:
    found = number(text)
    if found is None:
        notes.left_out(name, "not a number")
    else:
        data[key] = found


def _item(fields: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """The item of an old `ti` event."""
    item: dict[str, Any] = {key: as_text(fields[name]) for name, key in ITEM_TEXTS.items() if present(fields.get(name))}
    for name, key in ITEM_NUMBERS.items():
        if present(fields.get(name)):
            found = as_number(fields[name])
            if found is None:
                notes.left_out(name, "not a number")
            else:
                item[key] = found
    return item


def _from_entities(data: dict[str, Any], entities: list[Described]) -> None:
    """What some entities say of the visitor, in GTM's names."""
    for entity in entities:
        said, kind = entity.data, (entity.vendor, entity.name)
        if kind == USER_DATA:
            data["user_data"] = dict(said)
        elif kind == SESSION and isinstance(said.get("userId"), str):
            data["client_id"] = said["userId"]
            data |= {key: said[name] for name, key in (("sessionId", "session_id"),) if isinstance(said.get(name), str)}
        elif kind == HINTS:
            data["client_hints"] = _hints(said)


def _hints(said: Mapping[str, Any]) -> dict[str, Any]:
    """GTM's names for client hints."""
    names = {"isMobile": "mobile", "platformVersion": "platform_version"}
    return {names.get(name, name): value for name, value in said.items() if value is not None}
