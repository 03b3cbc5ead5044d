"""Variables of a server container (and those of a web one that mean something on a server)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from container.migrate.conditions import Conditions
from container.migrate.export import Object
from container.migrate.gallery import Gallery
from container.migrate.job import STORE, Job
from container.migrate.leaves import Item
from container.migrate.references import References, path, quoted
from container.migrate.result import BROWSER, Document, Entry
from container.migrate.secrets import is_placeholder
from container.migrate.tables import Tables
from container.migrate.variable_templates import DEDUP, INSTEAD_OF_STORE, TemplateVariables

Value = Any  # an expression's text, or the mapping of a table
FIRESTORE = f"{STORE} (Firestore)"
_VISITOR = {"x-real-ip", "x-forwarded-for", "x-client-ip", "cf-connecting-ip", "true-client-ip"}
_BROWSER_ONLY = {
    "aev": "what was clicked or seen", "d": "an element of the page", "vis": "whether an element is visible",
    "j": "a JavaScript variable of the page", "hid": "an id for custom HTML",
    "gas": "settings of Universal Analytics, which has ended", "gtcs": "settings of the Google tag",
    "gtes": "settings of GA4 event tags",
}  # fmt: skip


class Variables:
    """Every user-defined variable in its file."""

    def __init__(self, job: Job, references: References, conditions: Conditions, gallery: Gallery) -> None:
        self._job = job
        self._references = references
        self._tables = Tables(job, references)
        self._templates = TemplateVariables(job, references, conditions, gallery)
        self._by_type: dict[str, Callable[[Object, Entry], Value]] = {
            "ed": self._event_data,
            "v": self._event_data,
            "c": self._constant,
            "rh": self._header,
            "k": self._cookie,
            "sgtmk": self._cookie,
            "qp": self._query,
            "smm": self._tables.lookup,
            "remm": self._tables.patterns,
            "u": self._url,
            "f": self._referrer,
            "awec": self._user_data,
            "fs": self._store,
            "r": lambda one, entry: self._plain(
                "random", entry, "one number for each event; GTM gives another at every read"
            ),
            "ctv": lambda one, entry: self._plain("container.version", entry),
            "cid": lambda one, entry: self._plain("container.id", entry),
            "dbg": lambda one, entry: self._plain("request.debug", entry),
            "e": lambda one, entry: self._plain("event.event_name", entry),
            "vr": self._region,
            "uv": lambda one, entry: self._plain("null", entry),
            "t": lambda one, entry: self._plain("container.id", entry, "tagport has no name for GTM's environments"),
        }

    def convert(self) -> None:
        """All of them; in a web container those that only a page can know stay there."""
        circles = self._job.circular()
        for variable in self._job.export.of("variable"):
            entry = self._job.entry(variable)
            if self._job.export.web and self._stays(variable, entry):
                continue
            if variable.name in circles:
                for key in variable.params:
                    variable.params.value(key)
                why = f"variables that read each other: {' → '.join(circles[variable.name])}"
                value = f"{{{{ {self._job.fill_in(entry, f'variable {variable.name}', why)} }}}}"
            elif variable.type.startswith("cvt_"):
                value = self._templates.value(variable, entry)
            elif variable.type in self._by_type:
                value = self._by_type[variable.type](variable, entry)
            else:
                why = f"tagport does not know variables of type `{variable.type}`: write what it is"
                value = f"{{{{ {self._job.fill_in(entry, f'variable {variable.name}', why)} }}}}"
            if value is not None:
                value = self._formatted(variable, value, entry)
                self._job.write(variable, value)
        for one in self._job.export.of("variable"):
            one.item.book_all("when a variable is on (mobile containers)", "enablingTriggerId", "disablingTriggerId")

    def page_only(self) -> frozenset[str]:
        """The names of those that only a page can know."""
        found = (one for one in self._job.export.of("variable") if _page_reason(one))
        return frozenset(one.name for one in found)

    def _stays(self, variable: Object, entry: Entry) -> bool:
        reason = _page_reason(variable)
        if not reason:
            return False
        variable.item.book("variables that only a page can know")
        entry.left(BROWSER, reason)
        return True

    def _region(self, one: Object, entry: Entry) -> Value:
        one.params.book("where GTM has the region from", "resolutionOptions")
        return self._plain("request.geo.region", entry, "as the file under `geo:` says, else your CDN in its headers")

    def _plain(self, expression: str, entry: Entry, note: str = "") -> Value:
        if note:
            entry.note(note)
        return f"{{{{ {expression} }}}}"

    # --- where a value comes from

    def _event_data(self, one: Object, entry: Entry) -> Value:
        key = one.params.text("keyPath") or one.params.text("name")
        one.params.book("which data layer it is", "dataLayerVersion")
        if "{{" in key or not key:
            why = f"the path `{key}` is only known with the event: write the key of the event data"
            return f"{{{{ {self._job.fill_in(entry, f'variable {one.name}', why)} }}}}"
        if one.type == "v":
            key = key.removeprefix("ecommerce.") if key.startswith("ecommerce.") else key
            key = key.removeprefix("eventModel.")
            entry.note(f"a value of the data layer is read from the event: send `{key}` as an event parameter")
        return self._default(one, path("event", [part for part in key.split(".") if part]), entry)

    def _constant(self, one: Object, entry: Entry) -> Value:
        value = one.params.text("value")
        if is_placeholder(value):
            kind = "secret" if one.name in self._job.secret_names else "env"
            found = self._job.fill_in(entry, one.name, f"`{value}` is a placeholder: fill in the value")
            return f"{{{{ {kind}.{found.partition('.')[2]} }}}}"
        if one.name in self._job.secret_names and value:
            return f"{{{{ {self._job.secrets.lift(value, one.name, f'variable {one.name}')} }}}}"
        return self._references.value(value, entry) if value else "{{ null }}"

    def _header(self, one: Object, entry: Entry) -> Value:
        name = one.params.text("headerName")
        found = name.lower()
        if found in _VISITOR:
            entry.note("tagport knows the visitor's address behind trusted proxies: `event.ip_override`")
            return "{{ event.ip_override }}"
        if found == "x-stape-user-id":
            entry.note(
                "Stape's hosting adds this header; without Stape it is absent: `event.client_id` is the stable id here"
            )
        elif found.startswith(("x-geo-", "x-gclb-", "x-appengine-", "cf-ip")):
            entry.note("your proxy or CDN has to send this header, as the old host did")
        return self._default(one, path("request.headers", []) + f"[{quoted(found)}]", entry)

    def _cookie(self, one: Object, entry: Entry) -> Value:
        if one.params.text("decodeCookie") == "false":
            entry.note("cookies are read decoded")
        return self._default(one, f"request.cookies[{quoted(one.params.text('name'))}]", entry)

    def _query(self, one: Object, entry: Entry) -> Value:
        return self._default(one, f"request.query[{quoted(one.params.text('queryParamName'))}]", entry)

    def _part(self, url: str, one: Object, entry: Entry) -> Value:
        component, key, strip = one.params.text("component"), one.params.text("queryKey"), one.params.flag("stripWww")
        return self._templates.url_part(url, component, key, strip, entry)

    def _url(self, one: Object, entry: Entry) -> Value:
        source = one.params.text("customUrlSource")
        url = self._references.inner(source, entry) if source else "event.page_location"
        one.params.book("options of URL variables without meaning here", "fragmentQueryKey", "defaultPages")
        return self._part(url, one, entry)

    def _referrer(self, one: Object, entry: Entry) -> Value:
        return self._part("event.page_referrer", one, entry)

    def _user_data(self, one: Object, entry: Entry) -> Value:
        params = one.params
        if params.text("mode") not in ("MANUAL", ""):
            source = params.text("dataSource")
            if source:
                return self._references.value(source, entry)
            entry.note("collected by the page: the event's own `user_data` is read")
            return "{{ event.user_data }}"
        flat = {"email_address": "email", "phone_number": "phone_number"}
        parts = ("first_name", "last_name", "street", "city", "region", "postal_code", "country")
        data: dict[str, Any] = {
            here: self._references.value(params.text(there), entry)
            for here, there in flat.items()
            if params.text(there)
        }
        address = {key: self._references.value(params.text(key), entry) for key in parts if params.text(key)}
        if address:
            data["address"] = address
        return {"first": [{"then": data}]} if data else "{{ event.user_data }}"

    def _store(self, one: Object, entry: Entry) -> Value:
        if self._templates.checks_duplicates(one):
            entry.note(DEDUP)
            return "{{ null }}"
        found = self._job.fill_in(
            entry, f"variable {one.name}", f"{FIRESTORE}. {INSTEAD_OF_STORE}: `{{{{ event.… }}}}`"
        )
        return f"{{{{ {found} }}}}"

    def _default(self, one: Object, expression: str, entry: Entry) -> Value:
        if one.params.flag("setDefaultValue") and (default := one.params.text("defaultValue")):
            return f"{{{{ {expression} ?? {self._references.inner(default, entry)} }}}}"
        one.params.book("a default that is switched off", "setDefaultValue", "defaultValue")
        return f"{{{{ {expression} }}}}"

    # --- Format Value

    def _formatted(self, one: Object, value: Value, entry: Entry) -> Value:
        """`formatValue`: case, numbers, and what replaces null, undefined, true and false."""
        options = one.item.get("formatValue")
        steps = ""
        case = options.text("caseConversionType").upper()
        number = options.text("convertToNumber").upper()
        if options.text("convertToBoolean") == "true":
            steps += " | boolean"
        if number:
            steps += " | number(comma)" if number == "COMMA" else " | number"
            if number == "AUTOMATIC":
                entry.note("`number` reads a decimal point; for decimal commas write `number(comma)`")
        steps += {"LOWERCASE": " | lower", "UPPERCASE": " | upper"}.get(case, "")
        swaps = {
            text: self._references.value(self._option(options, key), entry)
            for text, key in (("true", "convertTrueToValue"), ("false", "convertFalseToValue"))
            if options.has(key)
        }
        missing = [
            self._references.inner(self._option(options, key), entry)
            for key in ("convertUndefinedToValue", "convertNullToValue")
            if options.has(key)
        ]
        options.book("format options that say nothing")
        if not steps and not swaps and not missing:
            return value
        inner = self._inner(one, value)
        if steps:
            inner = f"{inner}{steps}"
        if swaps:
            rows = [
                {"when": [{"value": f"{{{{ {inner} }}}}", "equals": text}], "then": to} for text, to in swaps.items()
            ]
            default = f"{{{{ {self._or(inner, missing, steps)} }}}}"
            return {"first": rows, "default": default}
        return f"{{{{ {self._or(inner, missing, steps)} }}}}"

    def _or(self, inner: str, missing: list[str], steps: str) -> str:
        if not missing:
            return inner
        if len(set(missing)) > 1:
            missing = missing[:1]
        return f"{f'({inner})' if steps else inner} ?? {missing[0]}"

    def _option(self, options: Item, key: str) -> str:
        item = options.get(key).use()
        return str((item.value.get("value") if isinstance(item.value, dict) else item.value) or "")

    def _inner(self, one: Object, value: Value) -> str:
        """The value as one expression; a table gets a variable of its own."""
        if isinstance(value, str) and value.startswith("{{ ") and value.endswith(" }}") and value.count("{{") == 1:
            return value[3:-3]
        raw = self._job.new_id("variable", f"{self._job.id_of(one)}_as_found")
        self._job.put(f"variables/{raw}.yaml", Document(value, f"{one.name}, before its format is applied"))
        return f"var.{raw}"


def _page_reason(variable: Object) -> str:
    """Why a variable of a web container stays in the page; empty where a server knows it too."""
    if variable.type == "jsm":
        return "JavaScript of the page: run it there and send the result as an event parameter"
    if variable.type.startswith("cvt_"):
        return "a template that runs in the page"
    return _BROWSER_ONLY.get(variable.type, "")
