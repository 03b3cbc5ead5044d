"""Rendering without a container: a template's own tests, and one template for one event (`tagport render`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from container.call import Reveal, Secret, fill
from container.conversion import Conversion
from container.encoding import decode, encode, load
from container.errors import Invalid, Unreadable
from container.event import Request
from container.language.expression import Context, Scope
from container.language.normalisers.times import unix_seconds
from container.node import Node, Scalar
from container.problems import Place, Problems
from container.templates.binding import Binding, bind_values
from container.templates.comparing import difference, unequal
from container.templates.rendering import Rendered
from container.templates.template import Template
from container.workspace.conform import plain

Complete = Callable[[dict[str, Any], Mapping[str, str]], None]  # what a client adds to an event: event data, cookies

_REQUEST = ("method", "path", "ip", "client", "client_name", "source")
_CONVERSION = ("kind", "key", "copy", "matched_by", "event_id", "transaction_id", "timestamp", "of")


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of a template. `message` says what is different; empty where it passed."""

    __test__ = False  # pytest

    name: str
    passed: bool
    message: str
    place: Place


def _nothing(event: dict[str, Any], cookies: Mapping[str, str]) -> None:
    """Events are taken as they are."""


def render(
    template: Template,
    params: Mapping[str, Any],
    event: Mapping[str, Any],
    now: float | None = None,
    complete: Complete = _nothing,
) -> dict[str, Any]:
    """One event as the vendor gets it: `{"requests": [{method, url, headers, body}], "problems": [{path, message}]}`.

    Secret parameters are given literally and shown. `now` is Unix seconds.
    """
    now = time.time() if now is None else now
    data = dict(event)
    complete(data, {})
    secrets = {name: str(params[name]) for name in template.secrets if name in params}
    values = {**params, **{name: Secret(name) for name in secrets}}
    consent = {name: state for name, state in _mapping(event.get("consent_state")).items() if isinstance(state, bool)}
    scope = _scope(data, Request(), consent, None, now)
    try:
        rendered = _rendered(template, values, scope)
    except Invalid as error:
        return {"requests": [], "problems": [{"path": error.path, "message": error.rule}]}
    return {"requests": [_shown(rendered, secrets.__getitem__)], "problems": []}


def run_tests(template: Template, complete: Complete = _nothing) -> list[TestResult]:
    """The template's own tests, each with what is different from what it says."""
    return [_run(template, case, complete) for case in template.cases]


def _run(template: Template, case: Mapping[str, Any], complete: Complete) -> TestResult:
    messages = []
    if "answers" in case or "outcome" in case:
        messages.append(_answer(template, case))
    if any(key in case for key in ("sends", "sends_exactly", "invalid", "event")):
        messages.append(_sending(template, case, complete))
    message = "; ".join(text for text in messages if text)
    if not messages:
        message = "this test says neither what is sent nor what an answer means"
    return TestResult(str(case["name"]), not message, message, case["name"].place)


def example(template: Template, complete: Complete = _nothing) -> tuple[dict[str, Any], Scope]:
    """Parameters and scope of the template's first test that sends something. Raises `LookupError`: it has none."""
    for case in template.cases:
        if "event" in case and "invalid" not in case:
            return _params(template, case), _case_scope(case, complete)
    raise LookupError(f"{template.id} has no test that sends something")


# --- what is sent


def _sending(template: Template, case: Mapping[str, Any], complete: Complete) -> str:
    wanted = case.get("sends")
    nothing = isinstance(wanted, Scalar) and wanted.text == "nothing"
    try:
        rendered = _rendered(template, _params(template, case), _case_scope(case, complete))
    except Invalid as error:
        return _refused(error, case, nothing)
    if nothing or "invalid" in case:
        return "something is sent, and nothing should be"
    sent = _sent(rendered)
    if wanted is not None:
        return difference(sent, _value(wanted), "")
    if "sends_exactly" in case:
        exactly = _value(case["sends_exactly"])
        return "; ".join(filter(None, (unequal(sent.get(key), value, key) for key, value in exactly.items())))
    return ""


def _refused(error: Invalid, case: Mapping[str, Any], nothing: bool) -> str:
    if "invalid" in case:
        told = case["invalid"] in str(error)
        return "" if told else f"the problem is `{error}`, and should say `{case['invalid']}`"
    return "" if nothing else f"nothing is sent: {error}"


def _rendered(template: Template, values: Mapping[str, Any], scope: Scope) -> Rendered:
    problems = Problems()
    binding: Binding | None = bind_values(template, values, Context(problems))
    if binding is None:
        raise Invalid("url", "; ".join(problem.message for problem in problems) or "the host is not known")
    return binding.aim(scope).render()[0]


def _params(template: Template, case: Mapping[str, Any]) -> dict[str, Any]:
    """The test's parameters; secrets it does not give are references to themselves."""
    values = _value(case.get("params")) or {}
    stand_ins = {name: Secret(name) for name in template.secrets}
    return {**values, **stand_ins}


def _case_scope(case: Mapping[str, Any], complete: Complete) -> Scope:
    event = _plain(case.get("event")) or {}
    told = _mapping(_plain(case.get("request")))
    now = _instant(str(case["now"])) if "now" in case else float(event.get("timestamp") or time.time())
    request = _request(told, now)
    complete(event, request.cookies)
    event.setdefault("timestamp", now)
    consent = {name: state in (True, "granted") for name, state in _mapping(_plain(case.get("consent"))).items()}
    told = _mapping(_plain(case.get("conversion")))
    known = {name: told[name] for name in _CONVERSION if name in told}
    conversion = Conversion(**{"id": "test", "kind": "event", "data": event, **known}) if known else None
    return _scope(event, request, consent, conversion, now)


def _scope(
    event: dict[str, Any], request: Request, consent: Mapping[str, bool], conversion: Conversion | None, now: float
) -> Scope:
    told = unix_seconds(event.get("timestamp"))  # as the clients have it: seconds, and now where it is no time
    event["timestamp"] = now if told is None else told
    return Scope(
        event=event,
        request=request,
        conversion=conversion,
        consent=consent,
        container={"id": "test", "version": "test"},
        now=now,
        record="test",
    )


def _request(told: Mapping[str, Any], now: float) -> Request:
    cookies = "; ".join(f"{name}={value}" for name, value in _mapping(told.get("cookies")).items())
    headers = {str(name).lower(): str(value) for name, value in _mapping(told.get("headers")).items()}
    if cookies:
        headers["cookie"] = cookies
    query = urlencode({name: str(value) for name, value in _mapping(told.get("query")).items()})
    return Request(
        query_string=str(told.get("query_string", query)),
        headers=headers,
        received=now,
        **{name: str(told[name]) for name in _REQUEST if name in told},  # type: ignore[arg-type]
    )


def _instant(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _plain(node: Node | None) -> Any:
    return plain(node) if node is not None else None


def _value(node: Node | None) -> Any:
    """The node's value as it comes back from the wire."""
    return load(encode(_plain(node)))


# --- a request as people read it


def _shown(rendered: Rendered, reveal: Reveal) -> dict[str, Any]:
    envelope = rendered.envelope
    return {
        "method": envelope.method,
        "url": fill(envelope.url, reveal),
        "headers": {name: fill(value, reveal) for name, value in envelope.headers},
        "body": _body(envelope.body([rendered.item] if rendered.item else [], reveal)),
    }


def _sent(rendered: Rendered) -> dict[str, Any]:
    """What `sends` is compared with: secrets as `secret:NAME`, the body under `json`, `form` or `text`."""
    shown = _shown(rendered, lambda name: f"secret:{name}")
    url, _, query = shown["url"].partition("?")
    body = shown.pop("body")
    sent = {**shown, "url": url, "query": dict(parse_qsl(query, keep_blank_values=True))}
    if rendered.part == "form":
        body = dict(parse_qsl(str(body), keep_blank_values=True))
    return load(encode(sent if rendered.part == "query" else {**sent, rendered.part: body})) or {}


def _body(data: bytes) -> Any:
    if not data:
        return None
    try:
        return decode(data)
    except Unreadable:
        return data.decode()


# --- what an answer means


def _answer(template: Template, case: Mapping[str, Any]) -> str:
    if "answers" not in case or "outcome" not in case:
        return "`answers` and `outcome` belong together"
    told = _mapping(_plain(case["answers"]))
    body = told.get("body", told.get("json", told.get("text", "")))
    text = body if isinstance(body, str) else encode(body).decode()
    headers = {str(name).lower(): str(value) for name, value in _mapping(told.get("headers")).items()}
    outcome, reason = template.rules.judge(int(told.get("status", 200)), headers, text, int(told.get("count", 1)))
    wanted = str(case["outcome"])
    return "" if outcome == wanted else f"this answer counts as `{outcome}` ({reason}), and should as `{wanted}`"
