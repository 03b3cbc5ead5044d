"""The container's own browser tag: `/tagport.js`, and the events it sends.

`tag.js` is the tag to read, `tagport.js` the one that is served (`scripts/build-tag`), `client.py` takes its events.
"""

from container.clients.browser_tag.client import SCHEMA, BrowserTagClient, compile

__all__ = ["SCHEMA", "BrowserTagClient", "compile"]
