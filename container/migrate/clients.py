"""Clients: who sends events, in the order in which GTM asks them."""

from __future__ import annotations

import json
import re
from typing import Any

from container.clients.ga4.fpid import LIFE
from container.clients.ga4.fpid import NAME as FPID
from container.migrate.export import Object
from container.migrate.gallery import Gallery
from container.migrate.job import Job
from container.migrate.parameters import Params, digits
from container.migrate.references import References
from container.migrate.result import UNSUPPORTED, Entry
from container.workspace.writer import Commented

SERVING = "serving of Google's scripts, which pages load from Google or from a proxy in front"
_SWITCHES = (  # GTM's name, ours, what it is where nothing is said
    ("generateClientId", "generate_client_id", True),
    ("httpOnlyCookie", "http_only_cookie", False),
    ("prolongCookies", "prolong_cookies", True),
    ("exposeFPIDCookie", "expose_fpid_cookie", False),
    ("responseBodyGet", "response_body_get", False),
)
_BODIES = {"eventData": "event_data", "empty": "empty"}
_TEXTS = (
    ("redirectTo", "redirect_to"),
    ("redirectToQueryParamName", "redirect_to_query_param"),
    ("clientErrorResponseMessage", "client_error_response_message"),
)
COOKIE = "options of the FPID cookie"
GA4 = "gaaw_client"
MP = "/mp/collect"


class Clients:
    """The section `clients:` of container.yaml."""

    def __init__(self, job: Job, references: References, gallery: Gallery) -> None:
        self._job = job
        self._references = references
        self._gallery = gallery
        self.section: dict[str, Any] = {}

    def convert(self) -> None:
        """All of them; a container without any (a partial export) gets the GA4 client."""
        for client in sorted(self._job.export.of("client"), key=_first_asked):
            self._one(client, self._job.entry(client))
            client.item.book_all("order of clients", "priority")
            client.item.book_all("folders of clients", "parentFolderId")
        if not self.section:
            self._missing()

    def _missing(self) -> None:
        """A partial export: the clients its triggers ask for by name, or the usual one."""
        why = "The export has no client; this is one that its triggers name, or the usual one."
        text = json.dumps([one.item.get("filter").value for one in self._job.export.of("trigger")])
        if "Data Client" in text:
            self.section["data_client"] = Commented({"kind": "data_tag", "name": "Data Client"}, why)
        if not self.section or "GA4" in text:
            self.section["ga4"] = Commented({"kind": "ga4", "name": "GA4"}, why)

    def _one(self, client: Object, entry: Entry) -> None:
        said = self._said(client, entry)
        if said is None:
            return
        entry.file = "container.yaml"
        value = {"kind": said.pop("kind"), "name": client.name, **said}
        comment = self._job.comment(client).removeprefix(client.name).strip()
        self.section[self._job.id_of(client)] = Commented(value, comment) if comment else value

    def _said(self, client: Object, entry: Entry) -> dict[str, Any] | None:
        params = client.params
        if client.type == GA4:
            return self._ga4(client, entry)
        if client.type == "ua_client":
            params.book("options of a client that has ended", *params)
            return {"kind": "universal_analytics"}
        if client.type == "mpaw_client":
            path = params.text("activationPath")
            params.book(SERVING, *params)
            entry.note("anybody may send to it, as in GTM; `api_secret` instead of `open` lets only your servers")
            return {"kind": "measurement_protocol", "open": True, **({"path": path} if path not in ("", MP) else {})}
        if client.type == "gtm_client":
            params.book(SERVING, *params)
            entry.left(UNSUPPORTED, "tagport does not serve gtm.js: load it from Google, or by a proxy in front")
            return None
        return self._template(client, entry)

    def _ga4(self, client: Object, entry: Entry) -> dict[str, Any]:
        params = client.params
        cookie = self._server_cookie(params, entry) if params.text("cookieManagement") == "server" else {}
        params.book(COOKIE, "cookie*", "migrateFromJsClientId")
        params.book(SERVING, "activateGtagSupport", "gtagMeasurementIds", "activateResponseCompression",
                    "activateDependencyServing", "activateGeoResolution", "region")  # fmt: skip
        if params.text("activateDefaultPaths") == "false":
            entry.note("all paths that end in /g/collect are claimed, the default ones too")
        params.book("the default paths, which are always claimed", "activateDefaultPaths")
        path = params.text("activationPath")
        return {"kind": "ga4", **({"path": path} if path.startswith("/") else {}), **cookie}

    def _server_cookie(self, params: Params, entry: Entry) -> dict[str, Any]:
        """The server's own client id. A name that is empty, or decided at run time, names no cookie here."""
        name, lifetime = params.text("cookieName"), params.text("cookieMaxAgeInSec")
        if not re.fullmatch(r"[\w-]+", name, re.ASCII):
            entry.note(f"the cookie `{name}` of the server's client id has no fixed name: the page's client id counts")
            return {}
        entry.note("visitors keep the client id of their cookie; new ones are made otherwise than by Google")
        said: dict[str, Any] = {"cookie_management": "server"}
        if name != FPID:
            said["cookie_name"] = name
        if digits(lifetime) not in (None, 0, LIFE):
            said["cookie_max_age"] = int(lifetime)
        if params.flag("migrateFromJsClientId"):
            said["migrate_from_js_client_id"] = True
        return said

    def _template(self, client: Object, entry: Entry) -> dict[str, Any] | None:
        source = self._gallery.source(client.type, entry) if client.type.startswith("cvt_") else ""
        if "data-client" in source:
            return self._data_client(client, entry)
        if source:
            reason = (
                f"the client's template `{source}` is JavaScript, kept in templates/gtm/: tagport has no such client"
            )
        else:
            reason = f"clients of type `{client.type}` are not known"
        entry.left(UNSUPPORTED, reason)
        return None

    def _data_client(self, client: Object, entry: Entry) -> dict[str, Any]:
        params = client.params
        paths = [row["path"] for row in params.rows("path") if row.get("path")]
        said: dict[str, Any] = {"kind": "data_tag"}
        if paths:
            said["path"] = paths if len(paths) > 1 else paths[0]
        for there, here, usual in _SWITCHES:
            if there in params and params.flag(there) != usual:
                said[here] = not usual
        if (status := params.text("responseStatusCode")) not in ("", "200"):
            said["response_status_code"] = digits(status) or status
        if body := _BODIES.get(params.text("responseBody"), ""):
            said["response_body"] = body
        for there, here in _TEXTS:
            if text := params.text(there):
                said[here] = self._references.value(text, entry)
        params.book("several events in a request, which are always taken", "acceptMultipleEvents")
        params.book("logging, which is the container's own here", "logType")
        params.book("a part that is switched off", "lookupForRedirectToParam")
        return said


def _first_asked(client: Object) -> tuple[int, str]:
    """Higher priority first, then by name."""
    found = client.item.get("priority").value
    return -(found if isinstance(found, int) else 0), client.name
