"""The public door: an HTTP request becomes the events of the client that claims it, and gets that client's answer.

`app.py` the route of a request · `body.py` its body, limited in size and time · `encodings.py` decompressed ·
`answers.py` what is told, with the headers browsers ask for · `unclaimed.py` what is kept of a 404 ·
`upstream.py` pass-through to another container.
"""

from container.server.app import Exchange, Public, exchange

__all__ = ["Exchange", "Public", "exchange"]
