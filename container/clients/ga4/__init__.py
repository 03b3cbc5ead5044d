"""Google Analytics 4 hits, as gtag sends them to `/g/collect`."""

from container.clients.ga4.client import SCHEMA, GA4Client, compile

__all__ = ["SCHEMA", "GA4Client", "compile"]
