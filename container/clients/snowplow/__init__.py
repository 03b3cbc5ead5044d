"""Payloads of Snowplow's trackers: posted to `/com.snowplowanalytics.snowplow/tp2`, or as a pixel `/i`.

`client.py` what is claimed and answered · `payload.py` one event's fields as GTM's event data · `schemas.py`
self-describing events and entities · `ecommerce.py` what those of Snowplow's e-commerce say.
"""

from container.clients.snowplow.client import SCHEMA, SnowplowClient, compile

__all__ = ["SCHEMA", "SnowplowClient", "compile"]
