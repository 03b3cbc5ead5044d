"""The client `shopify`: claims a shop's webhooks, checks their signature, and reads orders, carts and refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_address, add_time
from container.clients.options import path_option, schema, secrets_option, settings
from container.clients.shopify.topics import Told, read
from container.clients.signatures import hmac_sha256_base64, signed
from container.encoding import decode
from container.errors import BadSignature, Unreadable
from container.event import Event, Request, new_id
from container.language.expression import Context

ITEM_IDS = ("sku", "variant_id", "product_id")

SCHEMA = schema(
    "shopify",
    required=("path", "secret"),
    secret={"x-node": True, "description": "the secret the shop signs with; while it is renewed a list of both"},
    item_id={"enum": list(ITEM_IDS), "description": "what an item's item_id is; the next one where it is missing"},
)


def compile(id: str, values: dict[str, Any], context: Context) -> ShopifyClient:
    """The client of these options."""
    first = str(values.get("item_id") or ITEM_IDS[0])
    return ShopifyClient(
        path=path_option(values.get("path"), context),
        secrets=secrets_option(values.get("secret"), context, "secret"),
        item_ids=(first, *(name for name in ITEM_IDS if name != first)),
        **settings(id, values, "server", context),
    )


@dataclass(frozen=True, kw_only=True)
class ShopifyClient(Settings):
    """Reads webhooks; one without a valid signature is refused before it is read."""

    kind: ClassVar[str] = "shopify"
    cors: ClassVar[bool] = False

    path: str
    secrets: tuple[str, ...]
    item_ids: tuple[str, ...] = ITEM_IDS

    def claims(self, method: str, path: str) -> bool:
        """POST to the path."""
        return method == "POST" and path == self.path

    def signature(self, body: bytes, now: float) -> Mapping[str, str]:
        """The header with which the shop signs."""
        return {"x-shopify-hmac-sha256": hmac_sha256_base64(self.secrets[0], body)}

    def events(self, request: Request) -> list[Event]:
        """What the webhook tells; none for an empty cart. Raises `BadSignature`, `Unreadable`, `TooLarge`."""
        self._check_signature(request)
        topic = _header(request, "topic").strip()
        if not topic:
            raise Unreadable("the header X-Shopify-Topic is missing: it says what the webhook is about")
        body = decode(request.body)
        if not isinstance(body, dict):
            raise Unreadable("the body is not a JSON object")
        notes = Notes()
        told = read(topic, body, self.item_ids, notes)
        mine = self.mine(request)
        delivery = _header(request, "webhook-id")
        return [self._event(mine, one, delivery, notes) for one in told]

    def _check_signature(self, request: Request) -> None:
        signature = _header(request, "hmac-sha256")
        if not signature:
            raise BadSignature("the header X-Shopify-Hmac-Sha256 is missing: only signed webhooks are taken")
        if not signed(self.secrets, request.body, signature):
            raise BadSignature("the signature was not made with this client's secret")

    def _event(self, request: Request, told: Told, delivery: str, said: Notes) -> Event:
        notes = Notes(said())
        data = dict(told.data)
        add_time(data, told.time, request.received, notes)
        add_address(data, "", notes)
        return Event(
            id=new_id(request.received),
            data=data,
            request=request,
            names=told.names,
            delivery_id=f"{delivery}:{told.part}" if delivery and told.part else delivery,
            notes=notes(),
        )

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """200: the shop may forget it."""
        return Answer(200)


def _header(request: Request, name: str) -> str:
    """One of Shopify's headers, which newer deliveries send without `X-`."""
    return request.headers.get(f"x-shopify-{name}") or request.headers.get(f"shopify-{name}") or ""
