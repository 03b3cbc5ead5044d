"""Tokens and passwords: lifted out of the export into `.env`, known by what reads them, by name, or by look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from container.migrate.export import Export, Object
from container.migrate.names import slug
from container.migrate.result import Result

PARAMETERS = frozenset(
    (
        "accessToken", "apiAccessToken", "access_token", "appSecretProof", "apiKey", "api_key", "apiSecret",
        "api_secret", "token", "secret", "password", "privateKey", "private_key", "clientSecret", "refreshToken",
        "authToken", "bearerToken", "apiToken", "api_token", "developerToken", "webhookSecret",
    )
)  # fmt: skip
_NAMED = re.compile(
    r"(?i)(?:token|secret|passw(?:or)?d|api[ _-]?key|access[ _-]?key|private[ _-]?key|credential|authorization)"
)
_LOOKS = re.compile(
    r"^(?:EAA[A-Za-z0-9]{20,}|AIza[\w-]{30,}|sk_(?:live|test)_\w{10,}|shp(?:at|ss|ca|pa)_\w{20,}|ya29\.[\w.-]{20,}"
    r"|gh[pousr]_\w{20,}|xox[abprs]-[\w-]{10,}|pk_[0-9a-f]{30,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|GOCSPX-[\w-]{10,}"
    r"|1//[\w-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*)$"
)
_INSIDE = re.compile(
    r"""(?P<before>(?:[?&]|\b|["'])(?:access_token|api_secret|api_key|apikey|client_secret|password|secret|token)"""
    r"""(?:=|["']\s*:\s*["']|["']?\s*:\s*["']))(?P<value>[^&\s"'{}<>]{6,})"""
    r"|(?P<scheme>\b(?:Bearer|Basic)\s+)(?P<bearer>[\w.~+/=-]{8,})"
    r"|(?P<bare>\bEAA[A-Za-z0-9]{20,}\b)",
    re.IGNORECASE,
)
HEADERS = frozenset(
    ("authorization", "access-token", "x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token", "x-token")
)
SHORTEST = 6  # characters of a value that is searched for in what is written


class Secrets:
    """The secrets of an export by name; equal values have one name."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._by_value: dict[str, str] = {}

    def lift(self, value: str, name: str, where: str) -> str:
        """The reference to put in the value's place: `secret.NAME`. The value goes to `.env`."""
        known = self._by_value.get(value)
        if known is None:
            known = self.free(slug(name).upper() or "SECRET")
            self._by_value[value] = known
            self._result.env[known] = value
            self._result.env_why[known] = where
            self._result.secrets[known] = where
        return f"secret.{known}"

    def free(self, wanted: str) -> str:
        """A name in `.env` nobody has."""
        wanted = f"V_{wanted}" if wanted[:1].isdigit() else wanted
        found, number = wanted, 2
        while found in self._result.env:
            found, number = f"{wanted}_{number}", number + 1
        return found

    def clean(self, text: str) -> str:
        """A text without any secret: for comments, notes and code that is kept."""
        for value in sorted(self._by_value, key=len, reverse=True):
            if len(value) >= SHORTEST:
                text = text.replace(value, "(secret)")
        return _INSIDE.sub(lambda found: f"{found['before'] or found['scheme'] or ''}(secret)", text)

    def split(self, text: str, name: str, where: str) -> Iterator[tuple[bool, str]]:
        """A literal text cut at the secrets in it: (False, text) or (True, reference)."""
        last = 0
        for found in _INSIDE.finditer(text):
            group = next(key for key in ("value", "bearer", "bare") if found[key] is not None)
            start, end = found.span(group)
            if is_placeholder(found[group]):
                continue
            yield False, text[last:start]
            yield True, self.lift(found[group], name, where)
            last = end
        yield False, text[last:]


_PLACEHOLDER = re.compile(
    r"(?i)(?:value[ _-]?here|your[ _-].{1,40}|x{4,}|todo|change[ _-]?me|edit|edit[ _-]me|tbd|placeholder"
    r"|(?:g|gtm|aw|dc)-x{3,}|add your .{1,60}|insert .{1,40}|enter .{1,40}|<[^<>]{1,60}>|\.{3}|…|replace[ _-]?me.{0,20}"
    r"|\*{2} ?edit ?\*{2}.{0,40}|g-123456789|dummy|fill[ _-]?in)"
)


def is_placeholder(text: str) -> bool:
    """Whether a value only says that a value belongs here (`VALUE_HERE`)."""
    return bool(_PLACEHOLDER.fullmatch(text.strip()))


def looks_secret(name: str, value: str) -> bool:
    """Whether a constant is a secret, by its look or its name."""
    if not value.strip() or "{{" in value:
        return False
    return bool(_LOOKS.match(value.strip())) or (bool(_NAMED.search(name)) and value.lower() not in ("true", "false"))


_REFERENCE = re.compile(r"\{\{([^{}]+)\}\}")


def references(value: object) -> Iterator[str]:
    """The names in `{{ }}` anywhere in a decoded value."""
    if isinstance(value, str):
        yield from _REFERENCE.findall(value)
    elif isinstance(value, list):
        for element in value:
            yield from references(element)
    elif isinstance(value, dict):
        for element in value.values():
            yield from references(element)


def secret_variables(export: Export) -> set[str]:
    """The names of variables that are secrets: read by a secret parameter, directly or through a table, or by look."""
    found: set[str] = set()
    todo = [name for tag in export.of("tag") for name in _asked_secretly(tag)]
    while todo:
        name = todo.pop()
        variable = export.named("variable", name)
        if variable is None or name in found:
            continue
        found.add(name)
        if variable.type not in ("c", "v"):
            todo += _outputs(variable)
    for variable in export.of("variable"):
        constant = dict(variable.params.all()).get("value") if variable.type == "c" else None
        if isinstance(constant, str) and looks_secret(variable.name, constant):
            found.add(variable.name)
    return found


def _asked_secretly(tag: Object) -> Iterator[str]:
    for key, value in tag.params.all():
        if key in PARAMETERS:
            yield from references(value)
        for row in value if isinstance(value, list) else ():
            if isinstance(row, dict):
                yield from _in_row(row)


def _in_row(row: dict[str, object]) -> Iterator[str]:
    named = str(row.get("key") or row.get("name") or "").lower()
    for key, value in row.items():
        if key in PARAMETERS or (named in HEADERS and key == "value"):
            yield from references(value)


def _outputs(variable: Object) -> Iterable[str]:
    """What a table's rows may give."""
    for key, value in variable.params.all():
        if key == "defaultValue":
            yield from references(value)
        for row in value if isinstance(value, list) else ():
            if isinstance(row, dict):
                yield from references([row.get("value"), row.get("output")])
