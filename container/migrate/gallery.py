"""Custom templates of an export: which one a `cvt_…` type means, and what is in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from container.migrate.export import Export, Object
from container.migrate.result import Entry

_SECTION = re.compile(r"^___([A-Z_]+)___[ \t]*$", re.MULTILINE)
_REQUIRE = re.compile(r"\brequire\(\s*['\"]([\w]+)['\"]\s*\)")
_TYPES = {"TAG": "tag", "MACRO": "variable", "CLIENT": "client"}
SHORT = {  # templates whose export does not say where they are from
    "5TP8W": "stape-io/facebook-tag",
    "K8M24": "stape-io/tiktok-tag",
    "NCN6S": "facebookincubator/conversionsapi-tag-for-googletagmanager",
    "T5657": "tiktok/gtm-template-eapi",
    "K8FK5": "stape-io/ga4-advanced-tag",
    "MQ7RL": "stape-io/klaviyo-tag",
    "MBTSV": "stape-io/data-tag",
    "5RM3Q": "facebookarchive/googletagmanager-webtemplate-for-facebookpixel",
    "MRQN8": "tiktok/gtm-template-pixel",
    "WF8HR": "stape-io/universal-conversions-variable",
    "M63B8": "stape-io/unique-event-id-variable",
    "NGWF9": "gtm-templates-knowit-experience/sgtm-ga4-ecom-item-list-promo-attribution",
}
DISPLAY = {  # and those that were pasted by hand: what they call themselves
    "data client": "stape-io/data-client",
    "stape store lookup": "stape-io/stape-store-lookup-variable",
    "stape store writer": "stape-io/stape-store-writer-tag",
    "facebook conversion api": "stape-io/facebook-tag",
    "facebook conversions api": "stape-io/facebook-tag",
    "tiktok events api": "stape-io/tiktok-tag",
    "tiktok events api (official)": "tiktok/gtm-template-eapi",
    "conversions api tag": "facebookincubator/conversionsapi-tag-for-googletagmanager",
    "advanced lookup table": "stape-io/advanced-lookup-table-variable",
    "url parser": "gtm-templates-simo-ahava/url-parser",
    "sha256 hasher": "gtm-templates-simo-ahava/sha256-hasher",
    "ga4 advanced": "stape-io/ga4-advanced-tag",
    "json http request": "stape-io/json-http-request-tag",
    "object builder": "stape-io/object-builder-variable",
    "object property extractor": "stape-io/object-property-extractor-variable",
    "duplicate transaction checker": "stape-io/duplicate-transaction-checker-variable",
    "firestore writer": "stape-io/firestore-writer-tag",
    "firestore writer with ttl": "knowit/sgtm-firestore-writer-with-ttl-tag",
    "file proxy": "stape-io/file-proxy-client",
}


@dataclass
class Template:
    """A custom template. `source`: `owner/repository` in lower case, or what it calls itself."""

    object: Object
    source: str
    kind: str  # tag, variable or client; empty where INFO does not say
    web: bool
    text: str
    sections: dict[str, str] = field(default_factory=dict)

    def apis(self) -> list[str]:
        """What its code asks for by `require`."""
        return sorted(set(_REQUIRE.findall(self.code)))

    @property
    def code(self) -> str:
        """Its sandboxed JavaScript."""
        return self.sections.get("SANDBOXED_JS_FOR_SERVER") or self.sections.get("SANDBOXED_JS_FOR_WEB_TEMPLATE", "")

    def permissions(self) -> list[str]:
        """The permissions it holds."""
        text = self.sections.get("SERVER_PERMISSIONS") or self.sections.get("WEB_PERMISSIONS", "")
        return sorted({str(one) for one in _public_ids(_json(text))})


class Gallery:
    """The custom templates of an export by the types that use them."""

    def __init__(self, export: Export) -> None:
        self.templates = [_template(one) for one in export.of("customTemplate")]
        self._by_type: dict[str, Template] = {}
        self._ambiguous: set[str] = set()
        for template in self.templates:
            one = template.object
            container = one.item.get("containerId").value
            self._by_type[f"cvt_{container}_{one.id}"] = template
            self._by_type.setdefault(f"cvt_{one.id}", template)
        for template in sorted(self.templates, key=_modified):
            short = _reference(template.object).get("galleryTemplateId")
            if short:
                known = self._by_type.get(f"cvt_{short}")
                if known is not None and known is not template:
                    self._ambiguous.add(f"cvt_{short}")
                self._by_type.setdefault(f"cvt_{short}", template)

    def of(self, type: str, entry: Entry) -> Template | None:
        """The template of a type `cvt_…`; None where the export has none."""
        found = self._by_type.get(type)
        if found is None and type.count("_") == 2:  # the container's id was taken out of the file
            id = type.rpartition("_")[2]
            found = next((one for one in self.templates if one.object.id == id), None)
        if type in self._ambiguous:
            entry.note(f"two templates of the export are `{type}`: the one nobody changed is meant")
        return found

    def source(self, type: str, entry: Entry) -> str:
        """`owner/repository` of a type; the short id's where the export has no such template."""
        found = self.of(type, entry)
        return found.source if found is not None else SHORT.get(type.removeprefix("cvt_"), "")


def _template(one: Object) -> Template:
    text = one.item.text("templateData").lstrip("\ufeff").replace("\r\n", "\n")
    reference = _reference(one)
    one.item.get("galleryReference").book("where a template of the gallery comes from")
    _, *parts = _SECTION.split(text)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    info = _json(sections.get("INFO", ""))
    info = info if isinstance(info, dict) else {}
    source = f"{reference.get('owner', '')}/{reference.get('repository', '')}".lower().strip("/")
    if "/" not in source:
        short = str(info.get("id", "")).removeprefix("cvt_")
        named = str(info.get("displayName") or one.name).strip().lower()
        source = SHORT.get(short) or DISPLAY.get(named) or DISPLAY.get(one.name.strip().lower()) or named
    web = "SANDBOXED_JS_FOR_WEB_TEMPLATE" in sections or info.get("containerContexts") == ["WEB"]
    return Template(one, source, _TYPES.get(str(info.get("type", "")), ""), web, text, sections)


def _reference(one: Object) -> dict[str, Any]:
    found = one.item.get("galleryReference").value
    return found if isinstance(found, dict) else {}


def _modified(template: Template) -> bool:
    return bool(_reference(template.object).get("isModified"))


def _json(text: str) -> Any:
    """JSON as templates have it: control characters in texts, commas too many."""
    for attempt in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except ValueError:
            continue
    return None


def _public_ids(value: Any) -> Iterator[Any]:
    for one in value if isinstance(value, list) else ():
        try:
            yield one["instance"]["key"]["publicId"]
        except (KeyError, TypeError):
            continue
