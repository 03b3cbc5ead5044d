"""Clients: the readers of requests. `KINDS` is what `clients:` may name as `kind:`."""

from __future__ import annotations

from collections.abc import Mapping

from container.clients import ga4, json, shopify
from container.clients.client import Answer, Client, ClientKind, DefaultConsent
from container.clients.identity import Identity

__all__ = ["KINDS", "Answer", "Client", "ClientKind", "DefaultConsent", "Identity"]

KINDS: Mapping[str, ClientKind] = {
    "ga4": ClientKind(ga4.SCHEMA, ga4.compile, "Google Analytics 4 hits of gtag and Google Tag Manager"),
    "shopify": ClientKind(shopify.SCHEMA, shopify.compile, "Shopify's webhooks, signed by the shop"),
    "json": ClientKind(json.SCHEMA, json.compile, "events as JSON, from your own pages and servers"),
}
