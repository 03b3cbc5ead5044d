"""What `conversions:` may say and hardly can mean: warnings of `check`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from container.node import Scalar
from container.problems import Problems
from container.workspace.documents import Document

OF_THE_CUSTOMER = ("click_id", "client_id", "user_id", "session_id", "email", "phone", "fbp", "ttp", "fingerprint")


def lint(id: str, said: Mapping[str, Any], document: Document, problems: Problems) -> None:
    """Warn of a conversion that swallows repeat purchases, or whose copies nothing or too little connects.

    `said`: what of the document could be read.
    """
    place, written = document.place, {key for key, _ in document.mapping}
    for node in _deciding(said):
        if node.text in OF_THE_CUSTOMER:
            message = f"`{node.text}` belongs to a customer: everything this customer does would count as one `{id}`"
            hint = f"name it under `hints:`, or join it with something of the event: {{all: [{node.text}, item_id]}}"
            problems.warning("customer-as-name", message, node.place, hint)
    hints = said.get("hints", {})
    for node in _single(hints.get("any", ())):
        if node.text == "session_id":
            message = "`session_id` is the second in which a session began: sessions of several visitors have the same"
            problems.warning("shared-session", message, node.place, "write {all: [client_id, session_id]}")
    if written.isdisjoint(("key", "links", "hints")):
        message = f"nothing says which copies are one `{id}`: each of them fires"
        hint = "give it a `key:`, or `links:` such as [event_id]"
        problems.warning("nothing-connects", message, place, hint)
    elif "purchase" in _texts(said.get("events")) and "key" not in written:
        message = f"`{id}` has no `key:`: two orders of one customer can hardly be told apart"
        problems.warning("no-key", message, place, "write key: transaction_id")
    if "key" in said and hints and "agree" not in hints:
        message = f"`hints:` of `{id}` compare no values: a copy without a name may be taken for another order"
        node = said["key"]
        problems.warning("nothing-agrees", message, node.place, "write agree: [value, currency] under `hints:`")


def _deciding(said: Mapping[str, Any]) -> Iterator[Scalar]:
    """What makes two copies one, whatever else they say."""
    if isinstance(said.get("key"), Scalar):
        yield said["key"]
    yield from _single(said.get("links", ()))


def _single(said: Any) -> Iterator[Scalar]:
    for one in said:
        found = one.get("all", []) if isinstance(one, dict) else [one]
        if len(found) == 1:
            yield from found


def _texts(said: Any) -> set[str]:
    return {str(one) for one in (said if isinstance(said, list) else [said])}
