"""Self-describing JSON: `{schema: "iglu:com.acme/foo/jsonschema/1-0-2", data: {…}}`, plain or in base64url."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from container.clients.checks import check_values
from container.clients.common import Notes
from container.encoding import decode
from container.errors import Unreadable

MOST_ENTITIES = 500

_URI = re.compile(r"iglu:([\w.\-]{1,200})/([\w.\-]{1,200})/jsonschema/(\d{1,4})-(\d{1,4})-(\d{1,4})", re.ASCII)
_NOT_WORD = re.compile(r"\W", re.ASCII)


@dataclass(frozen=True, slots=True)
class Described:
    """A JSON and what it is."""

    vendor: str
    name: str
    version: str  # the first of three
    data: Mapping[str, Any]

    @property
    def key(self) -> str:
        """As Snowplow's tables have it: `com_acme_foo_1`."""
        return _NOT_WORD.sub("_", f"{self.vendor}_{self.name}_{self.version}")


def event_of(fields: Mapping[str, Any], notes: Notes) -> Described | None:
    """The self-describing event of a payload (`ue_px`, `ue_pr`)."""
    envelope = _value(fields, "ue_px", "ue_pr", notes)
    inner = envelope.get("data") if isinstance(envelope, dict) else None
    found = _described(inner)
    if found is None and envelope is not None:
        notes.left_out("ue_px" if "ue_px" in fields else "ue_pr", "not a self-describing event")
    return found


def entities_of(fields: Mapping[str, Any], notes: Notes) -> list[Described]:
    """The entities attached to it (`cx`, `co`)."""
    envelope = _value(fields, "cx", "co", notes)
    told = envelope.get("data") if isinstance(envelope, dict) else None
    if envelope is not None and not isinstance(told, list):
        notes.left_out("cx" if "cx" in fields else "co", "not a list of entities")
    return list(_all(told[:MOST_ENTITIES], notes)) if isinstance(told, list) else []


def _all(told: list[Any], notes: Notes) -> Iterator[Described]:
    for one in told:
        found = _described(one)
        if found is None:
            notes.add("an entity without a schema and an object was left out")
        else:
            yield found


def _described(said: Any) -> Described | None:
    if not isinstance(said, dict) or not isinstance(said.get("data"), dict) or not isinstance(said.get("schema"), str):
        return None
    found = _URI.fullmatch(said["schema"])
    return Described(found[1], found[2], found[3], said["data"]) if found else None


def _value(fields: Mapping[str, Any], packed: str, plain: str, notes: Notes) -> Any:
    """The JSON of the one or the other field; None where there is none, or none that can be read."""
    name = packed if fields.get(packed) else plain
    text = fields.get(name)
    if not isinstance(text, str) or not text:
        return text if isinstance(text, dict) else None
    try:
        found = decode(_unpacked(text) if name == packed else text)
        check_values([found], "")
    except Unreadable as refusal:
        notes.left_out(name, str(refusal))
        return None
    return found


def _unpacked(text: str) -> str:
    """base64url, with or without padding; a `+` that came through a query has become a blank."""
    plain = text.strip().replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Unreadable("not base64 of UTF-8 text") from error
