"""Random histories against a plain model of the documentation, over both ledgers at once."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from conversion_model import HOUR, MINUTE, Model, Told, Verdict
from copies import Shop, Tag, Wait
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from container.decision import Decision
from container.dedup import Dedup
from container.event import Event
from container.ledger.interface import Row, Settlement, Store
from container.ledger.sqlite import SqliteStore

CONVERSIONS = """
purchase:
  events: [purchase]
  data_from: [order_created]
  key: transaction_id
  links: [event_id, checkout_token]
  hints: {any: [click_id, client_id], within: 30m, across: any, agree: [value]}
  scope: "{{ event.market }}"
"""
TAGS = (
    Tag("crm", "crm.example 1 purchase"),
    Tag("meta", "meta.example 1 Purchase", consent=("ad_storage",)),
    Tag("meta_again", "meta.example 1 Purchase"),
    Tag("tiktok", "tiktok.example 1 Pay", consent=("ad_storage",), wait=Wait()),
    Tag("loyal", "loyal.example 1 buy", wait=Wait(most=40 * MINUTE, otherwise="drop")),
    Tag("old", "old.example 1 buy", shadow=True),
)
WAITS = {tag.id: tag.wait.most for tag in TAGS if tag.wait}
SORTS = {"shopify_id": "57{}", "shopify_number": "100{}", "shopify_confirmation": "C{}"}
PAGE_FORMS = ("100{}", "#100{}", "57{}", "gid://shopify/Order/57{}", "C{}")

orders = st.integers(1, 3)
consents = st.sampled_from([{}, {}, {"ad_storage": True}, {"ad_storage": True}, {"ad_storage": False}])
sometimes = st.sampled_from([True, False, False])


@st.composite
def copies(draw: Any) -> dict[str, Any]:
    """One copy, mostly true to one order; a few mix up what belongs to several."""
    order, strange = draw(orders), draw(st.integers(0, 7)) == 0
    of = (lambda: draw(orders)) if strange else (lambda: order)
    data: dict[str, Any] = {"market": draw(st.sampled_from(["de", "de", "de", "no"]))}
    if draw(sometimes):
        data["event_id"] = f"E{of()}"
    if draw(sometimes):
        data["checkout_token"] = f"T{of()}"
    if draw(st.booleans()):
        data[draw(st.sampled_from(["gclid", "fbclid", "client_id"]))] = f"H{draw(st.integers(1, 2))}"
    if draw(st.booleans()):
        data["value"] = 10 * of()
    if draw(sometimes):
        data["at"] = draw(st.sampled_from([-31 * MINUTE, -5 * MINUTE, -1.0, 20 * MINUTE]))
    return data | {"consent": draw(consents), "of": order, "strange": strange}


class History(RuleBasedStateMachine):
    """Two stages over the two ledgers, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "tagport.db"

    @initialize()
    def open(self) -> None:
        self.memory = Shop(CONVERSIONS, tags=TAGS)
        self.sqlite = Shop(CONVERSIONS, opened(self.path), tags=TAGS)
        self.model = Model(TAGS)
        self.told: list[Told] = []
        self.last: tuple[Event, Told] | None = None

    def teardown(self) -> None:
        self.sqlite.ledger.close()
        self.runner.close()
        self.folder.cleanup()

    @property
    def shops(self) -> tuple[Shop, Shop]:
        return self.memory, self.sqlite

    # --- copies arrive ----------------------------------------------------------------------------------------------

    @rule(data=copies(), form=st.sampled_from([*PAGE_FORMS, "", "undefined", "(not set)"]), bot=st.integers(0, 9))
    def page(self, data: dict[str, Any], form: str, bot: int) -> None:
        self.send(self.made("ga4", "browser", "purchase", data, form.format(data["of"]), bot=bot == 0))

    @rule(
        data=copies(), sorts=st.lists(st.sampled_from(sorted(SORTS)), unique=True), mixed=orders,
        delivery=st.integers(0, 5), lends=st.booleans(),
    )  # fmt: skip
    def webhook(self, data: dict[str, Any], sorts: list[str], mixed: int, delivery: int, lends: bool) -> None:
        of = {sort: mixed if data["strange"] and i else data["of"] for i, sort in enumerate(sorts)}
        names = {sort: SORTS[sort].format(order) for sort, order in of.items()}
        name = "order_created" if lends else "purchase"
        key = next(iter(names.values()), "")
        made = self.made("shopify", "server", name, data, key, names, delivery=f"D{delivery}" if delivery else "")
        self.send(made)

    @rule(data=copies(), form=st.sampled_from([*PAGE_FORMS, ""]))
    def api(self, data: dict[str, Any], form: str) -> None:
        self.send(self.made("api", "server", "purchase", data, form.format(data["of"])))

    @rule(id=st.sampled_from(["", "P1", "P2"]), consent=consents)
    def plain_event(self, id: str, consent: dict[str, bool]) -> None:
        self.send(self.made("ga4", "browser", "page_view", {"consent": consent, **({"event_id": id} if id else {})}))

    @rule(first=copies(), second=copies(), at_once=st.booleans())
    def two_at_a_time(self, first: dict[str, Any], second: dict[str, Any], at_once: bool) -> None:
        """In one request, or in two that meet."""
        made = [
            self.made("ga4", "browser", "purchase", first, f"100{first['of']}"),
            self.made("api", "server", "purchase", second, f"57{second['of']}"),
        ]
        self.send(*made, at_once=at_once)

    @precondition(lambda self: self.last is not None)
    @rule(simultaneous=st.booleans())
    def again(self, simultaneous: bool) -> None:
        """A reload, or the webhook's retry: the very same copy once more."""
        assert self.last is not None
        event, told = self.last
        now = self.memory.now
        made = []
        for i in range(1 + simultaneous):
            id = f"{event.id}+{len(self.told) + i}"
            request = replace(event.request, received=now)
            made.append((replace(event, id=id, request=request), replace(told, id=id, arrival=now)))
        self.send(*made, at_once=simultaneous)

    def made(
        self, client: str, source: str, name: str, data: dict[str, Any], key: str = "",
        names: dict[str, str] | None = None, delivery: str = "", bot: bool = False,
    ) -> tuple[Event, Told]:  # fmt: skip
        data = {field: value for field, value in data.items() if field not in ("of", "strange")}
        at = self.memory.now + data.pop("at", 0.0)
        extra = {"transaction_id": key} if key else {}
        event = self.memory.event(
            name, client, source, 0.0,
            {**data, **extra, "at": at, "names": names or {}, "delivery_id": delivery, "bot": bot},
        )  # fmt: skip
        declared = name != "page_view"
        hints = ("gclid", "fbclid", "client_id") if declared else ()
        links = ("event_id", "checkout_token") if declared else ("event_id",)
        plain = key.removeprefix("#").removeprefix("gid://shopify/Order/")
        plain = plain if plain not in ("undefined", "(not set)") else ""
        known = frozenset((names or {}).items()) if names else frozenset({(f"~{client}", plain)} if plain else ())
        told = Told(
            event.id, "purchase" if declared else "event", data.get("market", ""), client, source, at, self.memory.now,
            plain, known, _pairs(data, links), _pairs(data, hints), _pairs(data, ("value",) if declared else ()),
            tuple(data["consent"].items()), delivery, name == "order_created", bot,
        )  # fmt: skip
        return event, told

    def send(self, *made: tuple[Event, Told], at_once: bool = False) -> None:
        events = [event for event, _ in made]
        expected = [self.model.tell(told) for _, told in made]
        for shop in self.shops:
            decisions = self.runner.run(_at_once(shop, events) if at_once else shop.tell(*events))
            assert [_verdict(decision) for decision in decisions] == expected
        self.told += [told for _, told in made]
        self.last = made[-1]

    # --- time passes, calls come back -------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1.0, 1.0, 20.0, 20.0, 121.0, 31 * MINUTE, 23 * HOUR, 25 * HOUR]))
    def wait(self, seconds: float) -> None:
        self.pass_time(seconds)

    @rule(seconds=st.sampled_from([8, 31, 401]).map(lambda days: days * 24 * HOUR))
    def wait_long(self, seconds: float) -> None:
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        for shop in self.shops:
            shop.now += seconds

    @rule(seconds=st.sampled_from([0.5, 30.0, 600.0, 3 * HOUR, 9 * 24 * HOUR]))
    def the_clock_is_set_back(self, seconds: float) -> None:
        self.pass_time(-self.model.set_back(self.memory.now, seconds))

    @rule()
    def wake(self) -> None:
        now = self.memory.now
        expected = self.model.wake(now)
        for shop in self.shops:
            written = self.runner.run(shop.dedup.wake(now, shop.decide, WAITS))
            assert [_verdict(decision) for decision in written.decisions] == expected

    @precondition(lambda self: self.model.known)
    @rule(which=st.integers(0, 9))
    def forget(self, which: int) -> None:
        """Somebody asks for their data to be removed: the conversion is gone as if it had never been told of."""
        one = self.model.known[which % len(self.model.known)]
        for shop in self.shops:
            work = shop.ledger.write(lambda ledger: ledger.forget([one.number], (), ()))
            assert self.runner.run(_run(work))["conversions"] >= 1
        self.model.forget(one)

    @rule()
    def expire(self) -> None:
        self.model.expire(self.memory.now)
        for shop in self.shops:
            self.runner.run(shop.ledger.expire(self.memory.now))

    @rule()
    def restart(self) -> None:
        self.sqlite.ledger.close()
        store = opened(self.path)
        before = self.sqlite.dedup
        self.sqlite.ledger = store
        self.sqlite.dedup = Dedup(store, before.kinds, before._keys, before._scope_of, before._keep_as)

    @precondition(lambda self: any(call.state == "queued" for call in self.model.outbox))
    @rule(
        which=st.integers(0, 9),
        outcome=st.sampled_from(["delivered", "accepted", "retry", "refused", "refused", "expired", "unknown"]),
    )
    def deliver(self, which: int, outcome: str) -> None:
        waiting = [call for call in self.model.outbox if call.state == "queued"]
        call = waiting[which % len(waiting)]
        for shop in self.shops:
            self.runner.run(_settle(shop.ledger, call.id, outcome, self.memory.now))
        self.model.settle(call, outcome)

    @precondition(lambda self: any(call.state != "queued" for call in self.model.outbox))
    @rule(which=st.integers(0, 9))
    def resend(self, which: int) -> None:
        failed = [call for call in self.model.outbox if call.state != "queued"]
        call = failed[which % len(failed)]
        expected = [call.id] if self.model.resend(call) else []
        for shop in self.shops:
            work = shop.ledger.write(lambda ledger: ledger.requeue([call.id], self.memory.now))
            assert self.runner.run(_run(work)) == expected

    # --- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def the_ledgers_say_what_the_model_says(self) -> None:
        numbers = {conversion.number: conversion for conversion in self.model.known}
        rows = [(c.id, c.of and c.of.number, c.tag.target, c.state) for c in self.model.outbox]
        for shop in self.shops:
            ledger = shop.ledger
            assert sorted(_rows(ledger)) == sorted(rows)
            for number, conversion in numbers.items():
                fired = {one.target: conversion.counts(one.target) for one in conversion.fired}
                expected = {target: (one.tag, one.state) for target, one in fired.items() if one}
                found = ledger.firings(number)
                assert {target: (one.tag, one.state) for target, one in found.items()} == expected
                assert {held.tag: held.due for held in ledger.held(number)} == conversion.held
                stored = ledger.conversions([number])[number]
                assert (stored.number, stored.state["count"]) == (number, len(conversion.copies))
                if conversion.kind == "event":
                    continue
                told = stored.state.get("fixed", {})
                assert ((told["transaction_id"], told["timestamp"]) if told else None) == conversion.fixed

    @invariant()
    def no_target_is_told_twice(self) -> None:
        """But where two conversions turned out to be one after both had fired."""
        twice = 0
        for conversion in self.model.known:
            live = [one.target for one in conversion.fired if one.state != "void"]
            twice += len(live) - len(set(live))
        assert twice <= self.model.united_twice_fired * len(TAGS)

    @invariant()
    def two_names_of_one_sort_are_two_conversions(self) -> None:
        for conversion in self.model.known:
            names = [name for copy in conversion.copies for name in copy.names]
            sorts = {sort for sort, _ in names}
            assert len({*names}) == len(sorts), names

    @invariant()
    def what_was_said_first_is_said_always(self) -> None:
        for shop in self.shops:
            for conversion in self.model.known:
                calls = [row.call for row in shop.ledger.rows(conversion.number)]
                if not self.model.united_twice_fired and conversion.kind == "purchase":
                    assert len({(call.event_id, call.transaction_id, call.timestamp) for call in calls}) <= 1


def opened(path: Path) -> SqliteStore:
    """The store, not waiting for the disk: nothing is switched off here."""
    store = SqliteStore(path)
    store._transactions.connection.execute("PRAGMA synchronous=OFF")
    return store


def _pairs(data: dict[str, Any], fields: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((field, str(data[field])) for field in fields if field in data)


def _verdict(decision: Decision) -> Verdict:
    conversion = decision.conversion
    tags = tuple((tag.tag, tag.decision) for tag in decision.tags)
    return Verdict(conversion.number, conversion.copy, bool(conversion.repeat), conversion.ambiguous, tags)


async def _at_once(shop: Shop, events: list[Event]) -> list[Decision]:
    told = await asyncio.gather(*(shop.tell(event) for event in events))
    return [decision for [decision] in told]


async def _run(work: Any) -> Any:
    return await work


def _rows(ledger: Store) -> list[tuple[int, int | None, str, str]]:
    rows: list[Row] = [*ledger.due(9e18, 1000), *(failure.row for failure in ledger.failures())]
    return [(row.id, row.conversion, row.call.target, row.state) for row in rows]


async def _settle(ledger: Store, id: int, outcome: str, now: float) -> None:
    assert await ledger.write(lambda writing: writing.attempt("me", [id], now)) == [id]
    [row] = [row for _, row in ledger.sending() if row.id == id]
    ended = Settlement(row, outcome, "said the vendor", now, due=now)
    await ledger.write(lambda writing: writing.settle([ended]))


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
