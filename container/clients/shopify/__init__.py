"""Shopify's webhooks."""

from container.clients.shopify.client import SCHEMA, ShopifyClient, compile

__all__ = ["SCHEMA", "ShopifyClient", "compile"]
