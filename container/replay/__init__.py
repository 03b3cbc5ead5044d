"""Requests through a container without a socket, and whether what it sends is what somebody expects.

`request.py` one request, and what became of it · `calls.py` its calls as people read them · `expecting.py` a test's
expectation against a call · `sameness.py` two containers' calls against each other.
"""

from container.replay.calls import shown
from container.replay.request import WAITS_OVER, Told, replay, waited

__all__ = ["WAITS_OVER", "Told", "replay", "shown", "waited"]
