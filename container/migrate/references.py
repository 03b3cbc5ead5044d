"""GTM's texts with `{{Names}}` as texts with expressions."""

from __future__ import annotations

import re

from container.language.expression import Context
from container.language.expression.names import meant
from container.migrate.job import Job
from container.migrate.result import Entry
from container.migrate.secrets import is_placeholder

REFERENCE = re.compile(r"\{\{([^{}]+)\}\}")
SERVER_BUILT_IN = {
    "CLIENT_NAME": "request.client_name",
    "EVENT_NAME": "event.event_name",
    "DEBUG_MODE": "request.debug",
    "REQUEST_PATH": "request.path",
    "REQUEST_METHOD": "request.method",
    "QUERY_STRING": "request.query_string",
    "CONTAINER_ID": "container.id",
    "CONTAINER_VERSION": "container.version",
    "RANDOM_NUMBER": "random",
    "VISITOR_REGION": "request.geo.region",
    "SERVER_PAGE_LOCATION_URL": "event.page_location",
    "SERVER_PAGE_LOCATION_PATH": "event.page_path",
    "SERVER_PAGE_LOCATION_HOSTNAME": "event.page_hostname",
    "ENVIRONMENT_NAME": "container.id",
    "PAGE_URL": "event.page_location",
    "PAGE_HOSTNAME": "event.page_hostname",
    "PAGE_PATH": "event.page_path",
    "REFERRER": "event.page_referrer",
    "EVENT": "event.event_name",
    "FIRST_PARTY_SERVING_URL": "event.page_hostname",
    "ANALYTICS_CLIENT_ID": "event.client_id",
    "ANALYTICS_SESSION_ID": "event.ga_session_id",
    "ANALYTICS_SESSION_NUMBER": "event.ga_session_number",
}
NAMES = {
    "Client Name": "CLIENT_NAME",
    "Event Name": "EVENT_NAME",
    "Debug Mode": "DEBUG_MODE",
    "Request Path": "REQUEST_PATH",
    "Request Method": "REQUEST_METHOD",
    "Query String": "QUERY_STRING",
    "Container ID": "CONTAINER_ID",
    "Container Version": "CONTAINER_VERSION",
    "Random Number": "RANDOM_NUMBER",
    "Visitor Region": "VISITOR_REGION",
    "Page URL": "PAGE_URL",
    "Page Hostname": "PAGE_HOSTNAME",
    "Page Path": "PAGE_PATH",
    "Referrer": "REFERRER",
    "Event": "EVENT",
    "Environment Name": "ENVIRONMENT_NAME",
}
_DIFFERS = {
    "ENVIRONMENT_NAME": "tagport has no name for GTM's environments: `container.id` stands in its place, and "
    "environments/NAME.yaml can change it",
    "CONTAINER_VERSION": "`container.version` is a short hash of the workspace, not GTM's running number",
    "VISITOR_REGION": "the region as the file under `geo:` says, else your CDN in its headers",
    "RANDOM_NUMBER": "one number for each event; in GTM every read gives another",
    "DEBUG_MODE": "always false: nothing is previewed in a running container; environments have test codes",
}
OF_EVERY_HIT = {  # JavaScript variables of a page
    "document.title": "event.page_title",
    "document.referrer": "event.page_referrer",
    "document.location.href": "event.page_location",
    "window.location.href": "event.page_location",
    "location.href": "event.page_location",
    "document.URL": "event.page_location",
}
_KEY = re.compile(r"[\w$-]+", re.ASCII)


def path(root: str, keys: list[str]) -> str:
    """`event.user_data["e mail"]`."""
    return root + "".join(f".{key}" if _KEY.fullmatch(key) else f"[{quoted(key)}]" for key in keys)


def quoted(text: str) -> str:
    """A text inside an expression; one with both kinds of quotes loses the double ones."""
    return f"'{text}'" if "'" not in text else '"' + text.replace('"', "'") + '"'


class References:
    """What the names of this export mean."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def name(self, name: str, entry: Entry) -> str:
        """The expression for `{{name}}`."""
        export = self._job.export
        if name == "_event":
            return "event.event_name"
        variable = export.named("variable", name)
        if variable is not None:
            if export.web and (sent := self._of_the_page(name, entry)):
                return sent
            return f"var.{self._job.id_of(variable)}"
        kind = export.built_in.get(name)
        if kind is None and name in NAMES:
            kind = NAMES[name]
            entry.note(f"`{name}` is used and not switched on in the export; read as GTM's built-in variable")
        found = SERVER_BUILT_IN.get(kind or "")
        if found is None:
            return self._unknown(name, kind)
        if kind in _DIFFERS:
            entry.note(f"`{name}`: {_DIFFERS[kind]}")
        return found

    def _of_the_page(self, name: str, entry: Entry) -> str:
        """A variable that only a page knows: the event parameter that carries it."""
        if name in self._job.sent_as:
            return path("event", [self._job.sent_as[name]])
        if name not in self._job.page_only:
            return ""
        variable = self._job.export.named("variable", name)
        known = OF_EVERY_HIT.get(variable.params.text("name")) if variable and variable.type == "j" else None
        if known:
            entry.note(f"`{name}` is what GA4 sends with every hit: `{known}`")
            return known
        why = f"`{name}` is known in the page only: send it as an event parameter, and read that here"
        return self._job.fill_in(entry, f"variable {name}", why)

    def _unknown(self, name: str, kind: str | None) -> str:
        missing = self._job.extra("variable", name)
        if kind is not None:
            why = f"the built-in variable `{name}` is known in browsers only: send it as an event parameter"
        else:
            found = meant(name, Context())
            why = "the export uses this variable and does not contain it: write what it is where `check` points"
            why += f", most likely `{{{{ {found} }}}}`" if found else ""
        return self._job.fill_in(missing, f"variable {name}", why)

    def value(self, text: str, entry: Entry) -> str:
        """The text as YAML has it: expressions in braces, literal braces kept."""
        parts = self.parts(text, entry)
        if len(parts) == 1 and not parts[0][0]:
            return _literal(parts[0][1])
        return "".join(f"{{{{ {part} }}}}" if is_expression else _literal(part) for is_expression, part in parts)

    def parts(self, text: str, entry: Entry) -> list[tuple[bool, str]]:
        """The text cut at its references: (True, expression) or (False, literal)."""
        if is_placeholder(text):
            return [
                (True, self._job.fill_in(entry, entry.name, f"`{text.strip()}` is a placeholder: fill in the value"))
            ]
        found: list[tuple[bool, str]] = []
        last = 0
        for reference in REFERENCE.finditer(text):
            if not self._known(reference[1]) and not reference[1].strip():
                continue
            if reference.start() > last:
                found.append((False, text[last : reference.start()]))
            found.append((True, self.name(reference[1], entry)))
            last = reference.end()
        if last < len(text) or not found:
            found.append((False, text[last:]))
        return found

    def _known(self, name: str) -> bool:
        export = self._job.export
        return export.named("variable", name) is not None or name in export.built_in or name in NAMES

    def inner(self, text: str, entry: Entry) -> str:
        """The text as one expression without braces: `var.x`, `'text'`, or parts joined."""
        parts = self.parts(text, entry)
        shown = [part if is_expression else quoted(part) for is_expression, part in parts]
        return shown[0] if len(shown) == 1 else f"([{', '.join(shown)}] | join(''))"

    def constant(self, text: str) -> str | None:
        """The text with its constants put in; None where something in it is only known with the event."""
        whole = True

        def put(found: re.Match[str]) -> str:
            nonlocal whole
            variable = self._job.export.named("variable", found[1])
            if variable is None or variable.type != "c" or variable.name in self._job.secret_names:
                whole = False
                return found[0]
            return variable.params.text("value")

        result = REFERENCE.sub(put, text)
        return result if whole else None

    def with_constants(self, text: str) -> str:
        """The text with what is constant in it put in: a URL's host has to be known."""

        def put(found: re.Match[str]) -> str:
            known = self.constant(found[0])
            return found[0] if known is None else known

        return REFERENCE.sub(put, text)

    def single(self, text: str) -> str | None:
        """The name, where the text is one reference and nothing else."""
        found = REFERENCE.fullmatch(text.strip())
        return found[1] if found else None


def _literal(text: str) -> str:
    return re.sub(r"\{\{|\}\}", lambda found: f"{{{{ {quoted(found[0])} }}}}", text)
