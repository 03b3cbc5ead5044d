"""What of a request's headers tells the visitor's whole address."""

from __future__ import annotations

from collections.abc import Mapping

TELLING = frozenset(
    (
        *("x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "x-cluster-client-ip"),
        *("cf-connecting-ip", "cf-connecting-ipv6", "cf-pseudo-ipv4", "fastly-client-ip", "x-appengine-user-ip"),
        *("cloudfront-viewer-address", "x-vercel-forwarded-for", "x-azure-clientip", "x-azure-socketip"),
        "fly-client-ip",
    )
)


def without_addresses(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers without those that tell an address."""
    return headers if TELLING.isdisjoint(headers) else {n: v for n, v in headers.items() if n not in TELLING}
