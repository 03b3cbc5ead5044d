"""Stape's Data tag: what it, and everything made for Stape's Data client, sends to `/data`.

`client.py` what is claimed and answered · `wire.py` query and body as one object · `names.py` the many names a thing
may have · `commerce.py` items, sums and Universal Analytics' `ecommerce` objects.
"""

from container.clients.data_tag.client import SCHEMA, DataTagClient, compile

__all__ = ["SCHEMA", "DataTagClient", "compile"]
