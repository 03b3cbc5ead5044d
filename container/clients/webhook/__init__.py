"""Signed webhooks of any service, mapped by expressions."""

from container.clients.webhook.client import WebhookClient
from container.clients.webhook.compiler import compile
from container.clients.webhook.schema import of_kind

__all__ = ["WebhookClient", "compile", "of_kind"]
