"""Variables made with a custom template: the gallery's own become expressions, those that ask a store are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from container.migrate.conditions import Conditions
from container.migrate.export import Object
from container.migrate.gallery import Gallery
from container.migrate.job import STORE, Job
from container.migrate.references import References, path, quoted
from container.migrate.result import Entry
from container.migrate.secrets import references

_RULES = {
    "equals": ("equals", False, False),
    "contains": ("contains", False, False),
    "startsWith": ("starts_with", False, False),
    "endsWith": ("ends_with", False, False),
    "matchesRegEx": ("matches_regex", False, False),
    "matchesRegExIgnoreCase": ("matches_regex", False, True),
    "doesNotEqual": ("equals", True, False),
    "doesNotContain": ("contains", True, False),
    "doesNotStartWith": ("starts_with", True, False),
    "doesNotEndWith": ("ends_with", True, False),
    "doesNotMatchRegEx": ("matches_regex", True, False),
    "doesNotMatchRegExIgnoreCase": ("matches_regex", True, True),
    "lessThan": ("less_than", False, False),
    "lessThanOrEqualTo": ("at_most", False, False),
    "greaterThan": ("greater_than", False, False),
    "greaterThanOrEqualTo": ("at_least", False, False),
}
_PARTS = {
    "query": "query", "path": "path", "hostname": "host", "host": "host", "fullurl": "", "url": "",
    "protocol": "protocol", "port": "port", "fragment": "fragment", "filenameextension": "extension",
    "extension": "extension",
}  # fmt: skip
DEDUP = (
    "tagport recognises copies of one conversion by itself and sends each once: this variable is not asked any more. "
    "Take it out of the conditions that read it"
)
INSTEAD_OF_STORE = "What one copy of a conversion knows all have here, so write the event's own key"
_COOKIES = {"_fbp": "event.fbp", "_fbc": "event.fbc", "_ttp": "event.ttp", "gclid": "event.gclid"}
CHECKERS = ("duplicate-transaction-checker", "block-duplicate-transactions", "duplicate transaction")
ORDER_KEYS = ("transaction_id", "order_id", "event_id")
STORES = ("store-lookup", "stape store", "firestore", "http-lookup", "redis", "bigquery", "spreadsheet")


class TemplateVariables:
    """What a `cvt_…` variable becomes."""

    def __init__(self, job: Job, references: References, conditions: Conditions, gallery: Gallery) -> None:
        self._job = job
        self._references = references
        self._conditions = conditions
        self._gallery = gallery
        self._known: dict[str, Callable[[Object, Entry], Any]] = {
            "stape-io/advanced-lookup-table-variable": self._rules,
            "gtm-templates-simo-ahava/url-parser": self._url_parser,
            "gtm-templates-simo-ahava/sha256-hasher": self._hash,
            "stape-io/object-builder-variable": self._object,
            "stape-io/object-property-extractor-variable": self._property,
        }

    def value(self, one: Object, entry: Entry) -> Any:
        """Its YAML."""
        source = self._gallery.source(one.type, entry)
        if source in self._known:
            return self._known[source](one, entry)
        if any(part in source for part in CHECKERS):
            entry.note(DEDUP)
            for key in one.params:
                one.params.value(key)
            return "{{ false }}"
        asks_store = any(part in source for part in STORES)
        if asks_store:
            if self.checks_duplicates(one):
                entry.note(DEDUP)
                return "{{ null }}"
            why = f"{STORE} ({source}). {INSTEAD_OF_STORE}: {_instead(one.params.text('documentPath'))}"
        elif source:
            why = f"the variable's template `{source}` is JavaScript (kept in templates/gtm/): write what it gives"
        else:
            why = f"the export has no template `{one.type}`: write what it gives"
        return f"{{{{ {self._job.fill_in(entry, f'variable {one.name}', why)} }}}}"

    def checks_duplicates(self, one: Object) -> bool:
        """Whether a store is asked by the order's or event's number: has this one been sent before? All is read."""
        asked = [one.params.value(key) for key in one.params]
        for name in references(asked):
            variable = self._job.export.named("variable", name)
            known = dict(variable.params.all()) if variable is not None else {}
            if str(known.get("keyPath")) in ORDER_KEYS:
                return True
        return False

    def _rules(self, one: Object, entry: Entry) -> Any:
        rows = []
        for row in one.params.rows("table"):
            operator, negate, ignore_case = _RULES.get(row.get("rule", ""), ("equals", False, False))
            left, right = row.get("inputOne", ""), row.get("inputTwo", "")
            condition = self._conditions.compare(left, operator, right, entry, negate=negate, ignore_case=ignore_case)
            then = self._references.value(row.get("output", ""), entry)
            rows.append({"when": [condition], "then": then} if condition else {"then": then})
        default = one.params.text("defaultValue") if one.params.flag("setDefaultValue") else ""
        one.params.book("a default that is switched off", "setDefaultValue", "defaultValue")
        said = {"default": self._references.value(default, entry)} if default else {}
        return {"first": rows, **said} if rows else said.get("default", "{{ null }}")

    def _url_parser(self, one: Object, entry: Entry) -> Any:
        source = one.params.text("urlSource")
        here = source in ("", "default_page_location")
        url = "event.page_location" if here else self._references.inner(source, entry)
        params = one.params
        return self.url_part(url, params.text("componentType"), params.text("queryKey"), params.flag("stripWww"), entry)

    def url_part(self, url: str, component: str, key: str, strip_www: bool, entry: Entry) -> str:
        """A part of a URL."""
        part = _PARTS.get(component.lower().replace("_", ""), "" if not component else "unknown")
        if part == "query" and key:
            return f"{{{{ {url} | query_param({quoted(key)}) }}}}"
        if part == "host":
            return f"{{{{ {url} | host{' | strip_prefix(' + quoted('www.') + ')' if strip_www else ''} }}}}"
        if part == "path" and url == "event.page_location":
            return "{{ event.page_path }}"
        if part == "":
            return f"{{{{ {url} }}}}"
        if part in ("path", "query", "protocol", "port", "fragment", "extension"):
            return f"{{{{ {url} | url_part({part}) }}}}"
        return f"{{{{ {self._job.fill_in(entry, entry.name, f'the part `{component}` of a URL is not known')} }}}}"

    def _hash(self, one: Object, entry: Entry) -> Any:
        if one.params.text("encoding") not in ("hex", ""):
            entry.note("the hash was wanted as Base64; `sha256` gives hex, as vendors want it")
        return f"{{{{ {self._references.inner(one.params.text('input'), entry)} | sha256 }}}}"

    def _object(self, one: Object, entry: Entry) -> Any:
        rows = one.params.table("object_data", "key") or one.params.table("object_data")
        data = {name: self._references.value(value, entry) for name, value in rows}
        return {"first": [{"then": [data] if one.params.flag("inside_array") else data}]} if data else "{{ null }}"

    def _property(self, one: Object, entry: Entry) -> Any:
        found = self._references.inner(one.params.text("object_var"), entry)
        keys = [key for key in one.params.text("object_property").split(".") if key]
        return f"{{{{ {path(found, keys)} }}}}"


def _instead(document_path: str) -> str:
    """The event's key that most likely holds what the store was asked for."""
    root, _, rest = document_path.partition(".")
    if root in ("common_cookie", "cookies") and rest:
        return f"`{{{{ {_COOKIES.get(rest) or f'request.cookies[{quoted(rest)}]'} }}}}`"
    keys = [key for key in document_path.split(".") if key]
    return f"`{{{{ {path('event', keys)} }}}}`" if keys else "`{{ event.… }}`"
