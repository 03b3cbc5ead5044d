"""Hits of Universal Analytics, which shops still send: `/collect`, `/j/collect`, `/r/collect`, `/batch`.

`client.py` what is claimed and answered · `hit.py` a hit's parameters as GTM's event data · `goods.py` its products.
"""

from container.clients.universal_analytics.client import SCHEMA, UniversalAnalyticsClient, compile

__all__ = ["SCHEMA", "UniversalAnalyticsClient", "compile"]
