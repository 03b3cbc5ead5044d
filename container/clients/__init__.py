"""Clients: the readers of requests. `KINDS` is what `clients:` may name as `kind:`."""

from __future__ import annotations

from collections.abc import Mapping

from container.clients import (
    browser_tag,
    data_tag,
    ga4,
    json,
    measurement_protocol,
    snowplow,
    universal_analytics,
    webhook,
)
from container.clients.client import Answer, Client, ClientKind, DefaultConsent
from container.clients.identity import Identity

__all__ = ["KINDS", "Answer", "Client", "ClientKind", "DefaultConsent", "Identity", "takes_from"]


def _shipped(kind: str, help: str) -> ClientKind:
    """A kind that is a file over the kind `webhook` (`webhooks/KIND.yaml`): everything it needs stands there."""
    return ClientKind(webhook.of_kind(kind), webhook.compile, help)


KINDS: Mapping[str, ClientKind] = {
    "ga4": ClientKind(ga4.SCHEMA, ga4.compile, "Google Analytics 4 hits of gtag and Google Tag Manager"),
    "browser_tag": ClientKind(
        browser_tag.SCHEMA, browser_tag.compile, "the container's own browser tag, /tagport.js, for sites without gtag"
    ),
    "data_tag": ClientKind(data_tag.SCHEMA, data_tag.compile, "Stape's Data tag, and what speaks as it does"),
    "measurement_protocol": ClientKind(
        measurement_protocol.SCHEMA, measurement_protocol.compile, "GA4 events sent by servers and apps to /mp/collect"
    ),
    "universal_analytics": ClientKind(
        universal_analytics.SCHEMA, universal_analytics.compile, "Universal Analytics hits, as far as they still come"
    ),
    "snowplow": ClientKind(snowplow.SCHEMA, snowplow.compile, "payloads and pixels of Snowplow's trackers"),
    "shopify": _shipped("shopify", "Shopify's webhooks, signed by the shop"),
    "woocommerce": _shipped("woocommerce", "WooCommerce's webhooks, signed by the shop"),
    "stripe": _shipped("stripe", "Stripe's webhooks: checkouts, invoices, charges, refunds"),
    "clickfunnels": _shipped("clickfunnels", "ClickFunnels 2.0's webhooks: orders, contacts, forms"),
    "json": ClientKind(json.SCHEMA, json.compile, "events as JSON, from your own pages and servers"),
    "webhook": ClientKind(
        webhook.of_kind("webhook", ("path", "signature")), webhook.compile, "any service's signed webhooks"
    ),
}


def takes_from(one: Client, client: Client, written: bool) -> bool:
    """`one` claims the path of `client`; or both have the paths of their kind and no other."""
    path = getattr(client, "path", "")
    if path:
        return one.claims("POST", path) or one.claims("GET", path)
    needs = "path" in KINDS[client.kind].schema.get("required", ())
    return one.kind == client.kind and not written and not needs
