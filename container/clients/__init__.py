"""Clients: the readers of requests. `KINDS` is what `clients:` may name as `kind:`."""

from __future__ import annotations

from collections.abc import Mapping

from container.clients import data_tag, ga4, json, measurement_protocol, shopify
from container.clients.client import Answer, Client, ClientKind, DefaultConsent
from container.clients.identity import Identity

__all__ = ["KINDS", "Answer", "Client", "ClientKind", "DefaultConsent", "Identity"]

KINDS: Mapping[str, ClientKind] = {
    "ga4": ClientKind(ga4.SCHEMA, ga4.compile, "Google Analytics 4 hits of gtag and Google Tag Manager"),
    "data_tag": ClientKind(data_tag.SCHEMA, data_tag.compile, "Stape's Data tag, and what speaks as it does"),
    "measurement_protocol": ClientKind(
        measurement_protocol.SCHEMA, measurement_protocol.compile, "GA4 events sent by servers and apps to /mp/collect"
    ),
    "shopify": ClientKind(shopify.SCHEMA, shopify.compile, "Shopify's webhooks, signed by the shop"),
    "json": ClientKind(json.SCHEMA, json.compile, "events as JSON, from your own pages and servers"),
}
