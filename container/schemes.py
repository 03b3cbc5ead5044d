"""The auth schemes that a template's `auth:` may name, and the values of each. What they do is in delivery/auth.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"


@dataclass(frozen=True, slots=True)
class Scheme:
    """What one scheme is told."""

    required: tuple[str, ...]
    optional: Mapping[str, str] = field(default_factory=dict)  # name → default
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name → the words it may be


SCHEMES: dict[str, Scheme] = {
    "bearer": Scheme(("token",)),
    "basic": Scheme(("username", "password")),
    "hmac": Scheme(
        ("secret", "header"),
        {"algorithm": "sha256", "encoding": "hex", "prefix": ""},
        {"algorithm": ("sha256", "sha1", "sha512"), "encoding": ("hex", "base64")},
    ),
    "oauth_refresh": Scheme(("client_id", "client_secret", "refresh_token"), {"token_url": GOOGLE_TOKENS}),
    "google_service_account": Scheme(("credentials", "scopes")),
    "google_credentials": Scheme(("credentials", "scopes")),
}
