"""The client `measurement_protocol`: what senders of GA4's Measurement Protocol post to `/mp/collect`.

One event for each element of `events`. Body and precedence of times: Google's Measurement Protocol reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from container.clients.bots import is_bot as is_crawler
from container.clients.checks import STATEMENTS, check_event, check_name, check_values, consent_stated
from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_address, add_page, add_time
from container.clients.numbers import as_number
from container.clients.options import OPEN, entrance, path_option, schema, settings
from container.clients.signatures import bearer, same
from container.encoding import decode
from container.errors import BadSignature, TooLarge, Unreadable
from container.event import Event, Request, new_id
from container.language.expression import Context
from container.language.values import as_text, present

PATH = "/mp/collect"
MOST_EVENTS = 100  # of one request; Google takes 25
TAKEN = Answer(204, {"cache-control": "no-store"})
OTHER = "x-ga-mp2-"  # before what has no name of its own in event data

QUERY = {"measurement_id": "x-ga-measurement_id", "firebase_app_id": "x-ga-mp2-firebase_app_id"}
TEXTS = ("client_id", "user_id", "app_instance_id", "ip_override", "user_agent")  # as they are, a number as its digits
PARAMS = {"session_id": "ga_session_id", "session_number": "ga_session_number"}  # all others as they are
DEVICE = ("language", "screen_resolution")  # of `device`; all of it is kept as well
STORAGE = ("ad_storage", "analytics_storage")
LOCATION = {"country_id": "country", "region_id": "region", "city": "city"}  # → event_location
READ = frozenset((*TEXTS, "events", "user_properties", "user_data", "consent", "non_personalized_ads", "user_location"))

SCHEMA = schema(
    "measurement_protocol",
    api_secret={"x-node": True, "description": "what senders put into `api_secret=`; or a list of them"},
    open=OPEN,
)


def compile(id: str, values: dict[str, Any], context: Context) -> MeasurementProtocolClient:
    """The client of these options; a problem unless exactly one of `api_secret` and `open: true` is there."""
    return MeasurementProtocolClient(
        path=path_option(values["path"], context) if "path" in values else PATH,
        secrets=entrance(id, values, "api_secret", "MP_API_SECRET", context),
        open=values.get("open") is True,
        **settings(id, values, "server", context),
    )


@dataclass(frozen=True, kw_only=True)
class MeasurementProtocolClient(Settings):
    """Takes what Google's Measurement Protocol takes; a request without its secret is refused before it is read."""

    kind: ClassVar[str] = "measurement_protocol"

    path: str = PATH
    secrets: tuple[str, ...] = ()
    open: bool = False

    @property
    def cors(self) -> bool:
        """Pages may send only where everybody may: a secret in a page is none."""
        return self.open

    def claims(self, method: str, path: str) -> bool:
        """POST to the path."""
        return method == "POST" and path == self.path

    def signature(self, body: bytes, now: float) -> Mapping[str, str]:
        """The header that takes the place of `api_secret=`."""
        return {"authorization": f"Bearer {self.secrets[0]}"} if self.secrets else {}

    def events(self, request: Request) -> list[Event]:
        """One event for each of the body's. Raises `BadSignature`, `TooLarge` and `Unreadable`."""
        self._check_secret(request)
        body = decode(request.body)
        if not isinstance(body, dict):
            raise Unreadable("the body is not a JSON object")
        told = body.get("events")
        if not isinstance(told, list) or not told:
            raise Unreadable('`events` must be a list of at least one event: [{"name": "purchase", "params": {…}}]')
        if len(told) > MOST_EVENTS:
            raise TooLarge(f"{len(told)} events in one request; {MOST_EVENTS} is the most, Google takes 25")
        check_values({key: value for key, value in body.items() if key != "events"}, "")
        notes = Notes()
        shared = _shared(body, request, notes)
        consent = self._consent(body, notes)
        mine = self.mine(request)
        return [
            self._event(mine, one, shared, consent, Notes(notes()), f"event {at}: ") for at, one in enumerate(told, 1)
        ]

    def _check_secret(self, request: Request) -> None:
        if self.open:
            return
        secret = request.query.get("api_secret") or bearer(request.headers.get("authorization", ""))
        if not secret:
            raise BadSignature("the parameter `api_secret` is missing")
        if not any(same(secret, known) for known in self.secrets if known):
            raise BadSignature("the `api_secret` is not the one of this client")

    def _event(
        self,
        request: Request,
        told: Any,
        shared: Mapping[str, Any],
        consent: Mapping[str, bool],
        notes: Notes,
        where: str,
    ) -> Event:
        if not isinstance(told, dict):
            raise Unreadable(f'{where}an event is an object: {{"name": "purchase", "params": {{…}}}}')
        params = told.get("params")
        if not isinstance(params, dict | None):
            raise Unreadable(f"{where}`params` must be an object")
        check_event(params or {}, where, notes)
        data = {**_params(params or {}, notes), **shared, "event_name": check_name(told.get("name"), "name", where)}
        times = (told.get("timestamp_micros"), shared.get(f"{OTHER}timestamp_micros"))
        add_time(data, next((time for time in times if time), None), request.received, notes)
        if self.source == "browser":
            data["ip_override"] = request.ip
            data["user_agent"] = request.headers.get("user-agent", "")
        add_address(data, request.ip if self.source == "browser" else "", notes)
        add_page(data, request.cookies if self.source == "browser" else {})
        is_bot = self.source == "browser" and is_crawler(data["user_agent"])
        return Event(new_id(request.received), data, request, consent=consent, bot=is_bot, notes=notes())

    def _consent(self, body: Mapping[str, Any], notes: Notes) -> dict[str, bool]:
        """What the body states: `consent`, and the older `non_personalized_ads`, which can only refuse.

        The protocol has no word for storage: where something is stated the client's default speaks for that.
        """
        found = consent_stated(body.get("consent"), "consent", "", notes)
        if body.get("non_personalized_ads") is True:
            found["ad_personalization"] = False
        default = self.default_consent
        for name in STORAGE if found else ():
            said = default.get(name) if isinstance(default, Mapping) else default
            if said in STATEMENTS:
                found.setdefault(name, STATEMENTS[said])
        return found

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """204, as Google."""
        return TAKEN


def _params(params: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """An event's parameters. The session's are named as in a hit; an id is a text there, whatever it is here."""
    found = {PARAMS.get(name, name): value for name, value in params.items()}
    for name in ("ga_session_id", "transaction_id"):
        if isinstance(found.get(name), int) and not isinstance(found[name], bool):
            found[name] = str(found[name])
    if "engagement_time_msec" in found:
        _as_number(found, "engagement_time_msec", notes)
    return found


def _as_number(data: dict[str, Any], name: str, notes: Notes) -> None:
    amount = as_number(data[name])
    if amount is None:
        notes.left_out(name, "not a number")
        del data[name]
    else:
        data[name] = amount


def _shared(body: Mapping[str, Any], request: Request, notes: Notes) -> dict[str, Any]:
    """What the body says of all its events."""
    found: dict[str, Any] = {key: request.query[name] for name, key in QUERY.items() if request.query.get(name)}
    found |= _texts(body, notes)
    found |= {f"{OTHER}{name}": value for name, value in body.items() if name not in READ and present(value)}
    found |= _object(body, "device", DEVICE, notes)
    if properties := _properties(_object(body, "user_properties", None, notes)):
        found["x-ga-mp2-user_properties"] = properties
    if location := _object(body, "user_location", LOCATION, notes):
        found["event_location"] = {LOCATION[name]: _without_country(name, value) for name, value in location.items()}
    if user := _object(body, "user_data", None, notes):
        found["user_data"] = user
    return found


def _texts(body: Mapping[str, Any], notes: Notes) -> dict[str, str]:
    said = {name: body[name] for name in TEXTS if present(body.get(name))}
    found = {name: as_text(value) for name, value in said.items() if not isinstance(value, bool | list | dict)}
    for name in said.keys() - found.keys():
        notes.left_out(name, "not a text")
    return {name: text for name, text in found.items() if text is not None}


def _object(body: Mapping[str, Any], key: str, names: Iterable[str] | None, notes: Notes) -> dict[str, Any]:
    """The members of one of the body's objects that have these names, None for all of them."""
    said = body.get(key)
    if not present(said):
        return {}
    if not isinstance(said, dict):
        notes.left_out(key, "not an object")
        return {}
    return {name: said[name] for name in (said if names is None else names) if present(said.get(name))}


def _without_country(name: str, value: Any) -> Any:
    """`US-CA` is region CA, as hits have it."""
    return value.partition("-")[2] or value if name == "region_id" and isinstance(value, str) else value


def _properties(said: Mapping[str, Any]) -> dict[str, Any]:
    """`{tier: {value: gold}}` as `{tier: gold}`."""
    values = {name: one.get("value") if isinstance(one, dict) else one for name, one in said.items()}
    return {name: value for name, value in values.items() if value is not None}

