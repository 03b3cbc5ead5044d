"""The export: read, refused where it is none, its objects with names for everything that refers to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from container.encoding import decode
from container.errors import TagportError, Unreadable
from container.migrate.leaves import Item, Leaves
from container.migrate.parameters import Params, digits, listed

LARGEST = 50_000_000  # bytes
VERSION = 2
FIRST_BUILT_IN = 2147479553  # triggers from this id on are GTM's own and stand in no export
KINDS = ("client", "tag", "trigger", "variable", "transformation", "customTemplate", "folder")
IDS = {"customTemplate": "templateId"}
ACCOUNT = "account, container and version ids"
ACCOUNT_KEYS = ("accountId", "containerId", "workspaceId", "path", "fingerprint", "tagManagerUrl")
MONITORING = "monitoring metadata of GTM's own"
OTHER_CONTAINERS = {"AMP": "AMP", "ANDROID": "Android", "IOS": "iOS", "ANDROID_SDK_5": "Android", "IOS_SDK_5": "iOS"}


class NotAnExport(TagportError):
    """The file is no export of GTM that can become a workspace; the text says what it is and what to do."""


@dataclass(frozen=True)
class Object:
    """A tag, trigger, variable … of the export."""

    kind: str
    id: str
    name: str
    type: str
    item: Item
    params: Params

    @property
    def notes(self) -> str:
        """What its author noted."""
        return self.item.text("notes").strip()


@dataclass
class Export:
    """A container's export. `web`: it ran in browsers; else on a server."""

    leaves: Leaves
    container: Item
    web: bool
    objects: Mapping[str, list[Object]]
    built_in: Mapping[str, str]  # name → type, of the built-in variables that are switched on
    folders: Mapping[str, str]  # id → name
    by_name: Mapping[str, Mapping[str, Object]] = field(default_factory=dict)
    duplicates: list[Object] = field(default_factory=list)

    @property
    def name(self) -> str:
        """GTM-XXXXXXX, or what the container is called."""
        container = self.container.get("container")
        return container.text("publicId") or container.text("name") or "gtm"

    def of(self, kind: str) -> list[Object]:
        """The objects of a kind, oldest first."""
        return self.objects.get(kind, [])

    def named(self, kind: str, name: str) -> Object | None:
        """The object of this name: what text refers to."""
        return self.by_name.get(kind, {}).get(name)


def read(path: Path) -> Export:
    """The export in a file. Raises `NotAnExport`, `OSError`."""
    size = path.stat().st_size
    if size > LARGEST:
        raise NotAnExport(f"{path.name} has {size // 1_000_000} MB; an export has at most {LARGEST // 1_000_000}")
    return parse(path.read_bytes(), path.name)


def parse(content: bytes, name: str = "the file") -> Export:
    """The export in these bytes. Raises `NotAnExport`."""
    data = _json(content, name)
    version = _version(data, name)
    leaves = Leaves(data)
    container = leaves.root.get("containerVersion")
    _book_frame(leaves.root)
    usage = {str(one).upper() for one in listed(version.get("container", {}).get("usageContext"))}
    refused = [OTHER_CONTAINERS[one] for one in sorted(usage) if one in OTHER_CONTAINERS]
    if refused:
        raise NotAnExport(f"{name} is a container for {refused[0]}: only web and server containers can be migrated")
    objects = {kind: _objects(container, kind) for kind in KINDS}
    export = Export(
        leaves=leaves,
        container=container,
        web=_is_web(usage, objects),
        objects=objects,
        built_in=_built_in(container),
        folders={one.id: one.name for one in objects["folder"]},
    )
    export.by_name = {kind: _by_name(found, export.duplicates) for kind, found in objects.items()}
    return export


def _json(content: bytes, name: str) -> Any:
    text = content.removeprefix(b"\xef\xbb\xbf").strip()
    if text.startswith((b"___INFO___", b"___TERMS_OF_SERVICE___")):
        raise NotAnExport(
            f"{name} is a template (.tpl), not a container: in GTM choose Admin › Export "
            "Container and migrate that file"
        )
    if not text.startswith((b"{", b"[")) and b"{" in text[:4096] and b'"exportFormatVersion"' in text:
        text = text[text.index(b"{") :]  # one real file had stray text before it
    try:
        return decode(text)
    except Unreadable as error:
        cut = text.startswith(b"{") and not text.endswith(b"}")
        hint = "it ends in the middle: download it again" if cut else str(error)
        raise NotAnExport(f"{name} is no JSON: {hint}") from error


def _version(data: Any, name: str) -> dict[str, Any]:
    """`containerVersion`, or the reason why there is none."""
    if not isinstance(data, dict):
        raise NotAnExport(f"{name} is no export: it is a list or a single value, not GTM's export file")
    version = data.get("containerVersion")
    if not isinstance(version, dict):
        api = {"containerVersionId", "nextPageToken", "workspaceId", "tag", "error"} & data.keys()
        what = "an answer of the Tag Manager API, not an export" if api else "no export of Google Tag Manager"
        raise NotAnExport(f"{name} is {what}: in GTM choose Admin › Export Container and migrate that file")
    said = data.get("exportFormatVersion", VERSION)
    if str(said) != str(VERSION):
        raise NotAnExport(f"{name} has export format {said}; this tagport reads format {VERSION}")
    for kind in (*KINDS, "builtInVariable"):
        found = version.get(kind, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise NotAnExport(f"{name}: `containerVersion.{kind}` is no list of objects; the file was changed by hand")
    if not isinstance(version.get("container", {}), dict):
        raise NotAnExport(f"{name}: `containerVersion.container` is no object; the file was changed by hand")
    return version


def _book_frame(root: Item) -> None:
    root.book_all("when and in which format it was exported", "exportFormatVersion", "exportTime")
    version = root.get("containerVersion")
    version.book_all(ACCOUNT, *ACCOUNT_KEYS, "containerVersionId", "deleted")
    version.book_all("name and notes of the version", "name", "description", "notes")
    container = version.get("container")
    container.book_all(ACCOUNT, *ACCOUNT_KEYS, "name", "publicId", "tagIds")
    container.book_all("what kind of container it is and can do", "usageContext", "features")
    container.book_all(
        "addresses of the tagging server, told in the report", "taggingServerUrls", "domainName", "notes"
    )


def _objects(container: Item, kind: str) -> list[Object]:
    found = [_object(item, kind) for item in container.get(kind).elements()]
    return sorted(found, key=lambda one: (digits(one.id) is None, digits(one.id) or 0, one.id))


def _object(item: Item, kind: str) -> Object:
    item.book_all(ACCOUNT, *ACCOUNT_KEYS)
    item.book_all(MONITORING, "monitoringMetadata", "monitoringMetadataTagNameKey")
    id, name = item.text(IDS.get(kind, f"{kind}Id")), item.text("name")
    return Object(kind, id, name or f"{kind} {id}", item.text("type"), item, Params(item.get("parameter")))


def _by_name(objects: list[Object], duplicates: list[Object]) -> dict[str, Object]:
    found: dict[str, Object] = {}
    duplicates += [one for one in objects if found.setdefault(one.name, one) is not one]
    return found


def _built_in(container: Item) -> dict[str, str]:
    found = {}
    for item in container.get("builtInVariable").elements():
        item.book_all(ACCOUNT, *ACCOUNT_KEYS)
        found[item.text("name")] = upper_snake(item.text("type"))
    return found


def _is_web(usage: set[str], objects: Mapping[str, list[Object]]) -> bool:
    if usage & {"WEB", "SERVER"}:
        return "WEB" in usage
    return not objects["client"] and not any(tag.type.startswith("sgtm") for tag in objects["tag"])


def upper_snake(text: str) -> str:
    """`CUSTOM_EVENT`, for the API's `customEvent` too."""
    return text if text.isupper() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).upper()
