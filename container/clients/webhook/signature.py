"""`signature:` and `secret:`: what the YAML may say, and the scheme they make."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from container.clients.options import place, secrets_option
from container.clients.webhook.schemes import (
    ALGORITHMS,
    ENCODINGS,
    Hmac,
    Scheme,
    Shared,
    StandardWebhooks,
    Stripe,
    Unsigned,
)
from container.language.expression import Context
from container.node import Node
from container.problems import Place

_HEADER = {"type": "string"}
_HEADERS = {"anyOf": [_HEADER, {"type": "array", "items": _HEADER, "minItems": 1}]}
_TIMED = ("tolerance", "secret_is")
OPTIONS: Mapping[str, tuple[str, ...]] = {  # of each scheme
    "hmac": ("header", "algorithm", "encoding", "prefix", "over", "timestamp", *_TIMED),
    "stripe": ("header", *_TIMED),
    "standard_webhooks": _TIMED,
    "bearer": (),
    "basic": (),
    "header": ("header", "prefix"),
    "none": (),
}
SECRET_FORMS = ("text", "base64", "hex", "html")
SCHEMA: dict[str, Any] = {
    "title": "A signature",
    "type": "object",
    "description": "How a request proves who sent it.",
    "required": ["scheme"],
    "properties": {
        "scheme": {
            "enum": list(OPTIONS),
            "description": "hmac, stripe, standard_webhooks; bearer, basic, header: the secret itself; none: anybody",
        },
        "header": {**_HEADERS, "description": "the header that holds it; several names: the first that comes"},
        "algorithm": {"enum": list(ALGORITHMS), "default": "sha256", "description": "what the HMAC is made with"},
        "encoding": {"enum": list(ENCODINGS), "default": "hex", "description": "how the HMAC is written"},
        "prefix": {"type": "string", "description": "what stands before it in the header: sha256="},
        "over": {
            "type": "string",
            "default": "{body}",
            "description": "what is signed: {body}, or {timestamp}.{body}; other text counts as it is",
        },
        "timestamp": {**_HEADERS, "description": "the header with the time that `over` names as {timestamp}"},
        "tolerance": {
            "type": "string",
            "format": "duration",
            "default": "5m",
            "description": "how far a signed time may be from this server's: an older request is a replay",
        },
        "secret_is": {
            "enum": list(SECRET_FORMS),
            "description": "how the secret is written: text; base64 or hex of its bytes; html: text with &amp; for &",
        },
    },
}
SECRET = {"x-node": True, "description": "what requests are signed with, or the token; while it is renewed a list"}

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PARTS = re.compile(r"(\{body\}|\{timestamp\})")


def compile_signature(said: Mapping[str, Any], secret: Node | None, context: Context) -> Scheme:
    """The scheme that `signature:` and `secret:` make; problems go to the context."""
    if "scheme" not in said:
        return Unsigned()  # which has been told
    scheme = str(said["scheme"])
    _check_options(said, scheme, context)
    if scheme == "none":
        if secret is not None:
            message, hint = "a `secret` that nothing checks", "name a `scheme` other than `none`, or leave it out"
            context.problems.error("not-allowed", message, place(secret), hint)
        return Unsigned()
    form = str(said.get("secret_is", "base64" if scheme == "standard_webhooks" else "text"))
    if secret is None:
        hint = 'write `secret: "{{ secret.NAME }}"`, or `scheme: none` where anybody may send'
        message = "there is no `secret` to check the signature with"
        context.problems.error("missing-key", message, place(said["scheme"]), hint)
    texts = secrets_option(secret, context, "secret")
    secrets = [_bytes(text, form, place(secret), context) for text in texts if text]
    options = {key: said[key] for key in ("algorithm", "encoding", "prefix", "tolerance") if key in said}
    for key in ("header", "timestamp"):
        if key in said:
            options[key] = _names(said[key], context)
    return _scheme(scheme, said, [one for one in secrets if one], options, context)


def _scheme(
    scheme: str, said: Mapping[str, Any], secrets: Sequence[bytes], options: dict[str, Any], context: Context
) -> Scheme:
    options = {key: value for key, value in options.items() if key in OPTIONS[scheme]}
    if scheme in ("hmac", "header") and "header" not in options:
        hint = "write the header's name: X-Signature"
        context.problems.error("missing-key", f"the scheme `{scheme}` needs `header`", place(said["scheme"]), hint)
        options["header"] = ("",)
    if scheme == "hmac":
        return Hmac(secrets=secrets, over=_over(said, context), **options)
    if scheme == "stripe":
        return Stripe(secrets=secrets, **options)
    if scheme == "standard_webhooks":
        return StandardWebhooks(secrets=secrets, **options)
    return Shared(secrets=secrets, scheme=scheme, **options)


def _check_options(said: Mapping[str, Any], scheme: str, context: Context) -> None:
    for key in said:
        if key != "scheme" and key not in OPTIONS.get(scheme, ()):
            hint = f"it takes: {', '.join(OPTIONS.get(scheme, ())) or 'nothing else'}"
            context.problems.error("not-allowed", f"`{key}` means nothing with the scheme `{scheme}`", place(key), hint)


def _names(said: Any, context: Context) -> tuple[str, ...]:
    names = said if isinstance(said, list) else [said]
    for name in names:
        if not _HEADER_NAME.fullmatch(name):
            hint = "write only its name: X-Signature"
            context.problems.error("bad-header", f"`{name}` is no header's name", place(name), hint)
    return tuple(map(str, names))


def _over(said: Mapping[str, Any], context: Context) -> tuple[str, ...]:
    """`v0:{timestamp}:{body}` in its parts; the time is there exactly where a header for it is named."""
    over = said.get("over")
    parts = tuple(part for part in _PARTS.split(str(over or "{body}")) if part)
    at = place(over if over is not None else said.get("timestamp"))
    if "{body}" not in parts:
        context.problems.error("bad-signature", "`over` does not name {body}, so the body could be another", at)
    if "tolerance" in said and "timestamp" not in said and "{timestamp}" not in parts:
        hint = "leave it out, or sign the time too: over, timestamp"
        where = _place_of(said, "tolerance")
        context.problems.error("not-allowed", "`tolerance` of what? No time is signed", where, hint)
    if ("{timestamp}" in parts) != ("timestamp" in said):
        unsigned = "timestamp" in said
        message = "a `timestamp` that is not signed proves nothing" if unsigned else "{timestamp} of which header?"
        hint = 'write both: over: "{timestamp}.{body}" and timestamp: X-Timestamp'
        context.problems.error("bad-signature", message, at, hint)
    return parts


def _place_of(said: Mapping[str, Any], key: str) -> Place:
    """Where the key itself stands."""
    return place(next((written for written in said if written == key), None))


def _bytes(text: str, form: str, at: Place, context: Context) -> bytes:
    """The secret's bytes; b"" and a problem where it is not written as it should be."""
    try:
        if form == "hex":
            return bytes.fromhex(text)
        if form == "base64":
            return base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        _bad_secret(form, at, context)
        return b""
    return (html.unescape(text) if form == "html" else text).encode()


def _bad_secret(form: str, at: Place, context: Context) -> None:
    hint = "copy it once more, whole; or say with `secret_is` how it is written"
    context.problems.error("bad-signature", f"the secret is not written in {form}", at, hint)
