"""From the outbox to the vendors. `outbox.py` holds the workers; `outcomes.py` says what becomes of a call."""

from container.delivery.outbox import Delivery
from container.delivery.outcomes import Rules

__all__ = ["Delivery", "Rules"]
