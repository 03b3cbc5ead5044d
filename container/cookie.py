"""Cookies the container sets: what they hold, how long, for which domain, and the consent they need.

A client puts them into its events (`Event.cookies`); the public port sends those whose consent was given. Names,
lifetimes and attributes: docs/cookies.md.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

DAY = 86400
LONGEST_LIFE = 400 * DAY  # no browser keeps a cookie longer
LONGEST = 4000  # characters of name and value, which browsers take
REMEMBERED = 1024  # hosts

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]*")  # RFC 6265's cookie-octet: no blank, quote, comma, semicolon, backslash


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie the visitor's browser is to keep.

    `lifetime` in seconds, 0 takes the cookie away; `needs`: the consent types that must be granted;
    `http_only`: no script of the page may read it.
    """

    name: str
    value: str
    lifetime: int
    needs: tuple[str, ...] = ()
    http_only: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether it can be sent: a value that was read from a request may hold anything."""
        fits = len(self.name) + len(self.value) <= LONGEST
        return bool(fits and _NAME.fullmatch(self.name) and _VALUE.fullmatch(self.value))

    def header(self, domain: str, same_site: str = "Lax") -> str:
        """The value of `Set-Cookie`. `domain` empty: for the very host that was asked."""
        parts = [f"{self.name}={self.value}", f"Max-Age={min(self.lifetime, LONGEST_LIFE)}", "Path=/"]
        if domain:
            parts.append(f"Domain={domain}")
        parts += ["Secure", f"SameSite={same_site}"]
        return "; ".join([*parts, "HttpOnly"] if self.http_only else parts)


@lru_cache(REMEMBERED)
def site_of(host: str) -> str:
    """The domain all hosts of the site share, by the public suffix list; "" for addresses and single names."""
    name = host_name(host)
    if "." not in name or _is_address(name):
        return ""
    return str(_suffixes().privatesuffix(name) or "")


@lru_cache(REMEMBERED)
def host_name(host: str) -> str:
    """The name in a `Host` header: lower case, without port and last dot; "" where it is none."""
    name = host.strip().lower()
    name = name if name.startswith("[") else name.partition(":")[0]
    return name.rstrip(".") if len(name) <= 253 else ""


def depth(domain: str) -> int:
    """How deep Meta counts a cookie's domain: `com` 0, `example.com` 1, `example.co.uk` 2; 1 where none is known."""
    return domain.count(".") if domain else 1


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
