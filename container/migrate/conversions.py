"""`conversions:`: every event whose tags send a purchase or a lead may be told more than once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from container.migrate.names import slug
from container.migrate.tags.convert import Firing, Tags
from container.migrate.tags.made import Made, Tools
from container.migrate.tags.meta import TEMPLATE as META
from container.workspace.writer import Commented

PURCHASES = frozenset(("Purchase", "CompletePayment", "PlaceAnOrder", "purchase", "CHECKOUT"))
LEADS = frozenset(("Lead", "SubmitForm", "SubmitApplication", "generate_lead", "CompleteRegistration"))
PURCHASE_EVENTS = ("purchase",)
GTM4WP = "gtm4wp.orderCompletedEEC"  # which the tables of Stape's tags know
LEAD_EVENTS = ("generate_lead",)
HINTS = {"any": ["click_id", "client_id", "email", "phone"], "within": "30m", "agree": ["value", "currency"]}
WHY_PURCHASE = "Copies of one order (browser and webhook, a reload) are sent once: known by the order's number."
WHY_LEAD = "Copies of one lead are known by the event id."


class Conversions:
    """What the tags of the export make a conversion of."""

    def __init__(self, tools: Tools, tags: Tags, triggers: Firing) -> None:
        self._tools = tools
        self._tags = tags
        self._triggers = triggers

    def section(self) -> dict[str, Any]:
        """`conversions:`; empty where no tag sends anything of the kind."""
        tags = self._tags.made.values()
        purchases = grouped(self._events(made, ids, PURCHASES, PURCHASE_EVENTS) for made, ids in tags)
        bought = {name for group in purchases for name in group}
        leads = grouped(
            [name for name in self._events(made, ids, LEADS, LEAD_EVENTS) if name not in bought] for made, ids in tags
        )
        found: dict[str, Any] = {}
        for id, group in named(purchases, "purchase").items():
            said = {"events": group, "key": "transaction_id", "links": ["event_id"], "hints": HINTS}
            found[id] = Commented(said, WHY_PURCHASE)
        for id, group in named(leads, "lead").items():
            found.setdefault(id, Commented({"events": group, "links": ["event_id"]}, WHY_LEAD))
        self._tell_others(bought)
        return found

    def _events(self, made: Made, ids: list[str], sent: frozenset[str], usual: tuple[str, ...]) -> list[str]:
        """The events for which this tag sends one of `sent`: by a fixed name, by its table, by an order's number."""
        if sent is PURCHASES and made.template == META and not made.event:
            usual = (*usual, GTM4WP)
        fixed = made.event in sent or (sent is PURCHASES and bool(made.order_id))
        found: dict[str, None] = {}
        for id in ids:
            names = self._triggers.events.get(id)
            if names is None:
                found |= dict.fromkeys(usual if not made.event or made.event in sent else ())
            else:
                found |= dict.fromkeys(name for name in names if fixed or (not made.event and name in usual))
        return list(found)

    def _tell_others(self, named: set[str]) -> None:
        """A tag that sends a purchase for events nobody can name before they come."""
        for id, (made, triggers) in self._tags.made.items():
            events = [self._triggers.events.get(trigger) for trigger in triggers]
            if made.event in PURCHASES and any(names is None or not named.issuperset(names) for names in events):
                tag, _ = self._tags.files[id]
                why = (
                    "its triggers fire for any event: name yours in `conversions:`, or copies "
                    "of an order are sent again"
                )
                self._tools.job.entry(tag).note(why)

    def order_id(self) -> str:
        """The variable `transaction_id`, where tags take the order's number from elsewhere; else empty."""
        known = ("event.transaction_id", "event.order_id")
        found: dict[str, None] = {}
        for id, (made, _) in self._tags.made.items():
            if "{{" in made.order_id and self._tools.means(made.order_id) not in known:
                tag, _ = self._tags.files[id]
                found[self._tools.inner(made.order_id, self._tools.job.entry(tag))] = None
        return f"{{{{ event.transaction_id ?? event.order_id ?? {' ?? '.join(found)} }}}}" if found else ""


def grouped(events: Iterable[list[str]]) -> list[list[str]]:
    """Events of one tag are copies of one thing; so are those of tags that share one. Sorted."""
    groups: list[set[str]] = []
    for names in events:
        if not names:
            continue
        joined = set(names)
        apart = []
        for group in groups:
            if group & joined:
                joined |= group
            else:
                apart.append(group)
        groups = [*apart, joined]
    return sorted(sorted(group) for group in groups)


def named(groups: list[list[str]], usual: str) -> Mapping[str, list[str]]:
    """The groups by their ids: `usual` for the one with the event of that name, or the only one."""
    first = next(
        (group for group in groups if usual in group or f"generate_{usual}" in group), groups[0] if groups else None
    )
    found = {usual: first} if first else {}
    for group in groups:
        if group is not first:
            found[slug(group[0]) or usual] = group
    return found
