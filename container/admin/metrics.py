"""What is counted, and how Prometheus gets it.

The route only adds to plain dictionaries; names, labels and text are made when somebody asks. Labels are ids of the
workspace, words of the house and HTTP statuses: nothing a sender writes becomes a label.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from container.consent import says_something
from container.conversion import Conversion
from container.decision import Decision
from container.event import Event

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

ENOUGH_EVENTS = 100  # before the absence of consent signals says something
ENOUGH_KEYS = 20  # order names of pages, and copies of the shop, before it says something that none of them met
VENDOR_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

METRICS: dict[str, str] = {
    "tagport_requests_total": "Requests that a client claimed, by client and HTTP status of the answer.",
    "tagport_request_seconds": "From the request's headers to its answer, events on disk included.",
    "tagport_unclaimed_requests_total": "Requests that no client claims (404).",
    "tagport_forwarded_total": "Requests passed on to an upstream: answered, failed, dropped, not_stored (here).",
    "tagport_events_total": "Events read, and whether the copy itself stated consent.",
    "tagport_copies_total": "Events of declared conversions, by kind and whether it was the conversion's first copy.",
    "tagport_doubts_total": "Copies that recognition is in doubt about, by kind and doubt (docs/conversions.md).",
    "tagport_browser_keys_total": "Conversions that a browser copy gave their order name, by kind.",
    "tagport_browser_keys_met_total": "... of which a server copy was recognised as well.",
    "tagport_decisions_total": "What was decided for each tag: fired, suppressed, consent, blocked, not_triggered ...",
    "tagport_invalid_total": "Calls that were not made because a value or the vendor's contract failed, by tag.",
    "tagport_deliveries_total": "Finished attempts at calls, by tag, outcome and the vendor's HTTP status.",
    "tagport_delivery_seconds": "From the first byte of a vendor request to its answer, each call of it.",
    "tagport_outbox_rows": "Calls that wait in the outbox.",
    "tagport_outbox_oldest_seconds": "Age of the oldest call that waits in the outbox.",
    "tagport_failures": "Calls kept as failures, by tag and outcome (see `tagport failures`).",
    "tagport_account_stopped": "1 for an account whose credentials the vendor refused: its calls wait.",
    "tagport_ready": "1 while the store takes writes.",
    "tagport_configuration_stale": "1 while the changed files have errors, and the configuration of before goes on.",
    "tagport_info": "Always 1; the container's id and the hash of its configuration.",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """The state of the store. `oldest` in seconds; `stopped` are accounts: host and pixel or property."""

    ready: bool
    waiting: int = 0
    oldest: float = 0.0
    failures: Mapping[tuple[str, str], int] = field(default_factory=dict)
    stopped: Sequence[str] = ()


class Metrics:
    """The counts of one serving process."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.unclaimed_requests = 0
        self.forwards: Counter[tuple[str, str]] = Counter()
        self.events: Counter[str] = Counter()  # by consent: stated | none
        self.copies: Counter[tuple[str, bool]] = Counter()
        self.doubts: Counter[tuple[str, str]] = Counter()
        self.browser_keys: Counter[str] = Counter()
        self.browser_keys_met: Counter[str] = Counter()
        self._server_copies: Counter[str] = Counter()
        self.decisions: Counter[tuple[str, str]] = Counter()
        self.deliveries: Counter[tuple[str, str, str]] = Counter()  # tag, outcome, HTTP status or `none`
        self.stale = False  # the files have changed and have errors: the configuration of before goes on
        self._latency = _Histogram(SECONDS)
        self._vendors = _Histogram(VENDOR_SECONDS)

    def request(self, client: str, status: int, seconds: float) -> None:
        """A request that `client` claimed was answered."""
        self.requests[client, status] += 1
        self._latency.add(seconds)

    def unclaimed(self) -> None:
        """A request that no client claims was answered 404."""
        self.unclaimed_requests += 1

    def forwarded(self, client: str, outcome: str) -> None:
        """A request was passed on to the client's upstream: answered | failed | dropped | not_stored."""
        self.forwards[client, outcome] += 1

    def decided(self, decisions: Iterable[Decision]) -> None:
        """Events were decided and are on disk."""
        for decision in decisions:
            conversion = decision.conversion
            if not conversion.waking:
                self._event(decision.event, conversion)
            for row in decision.tags:
                self.decisions[row.tag, row.decision] += 1

    def _event(self, event: Event, conversion: Conversion) -> None:
        self.events["stated" if says_something(event.consent) else "none"] += 1
        if not conversion.declared:
            return
        kind = conversion.kind
        self.copies[kind, conversion.copy == 1] += 1
        self._server_copies[kind] += event.request.source == "server"
        self.browser_keys[kind] += conversion.page_named
        self.browser_keys_met[kind] += conversion.page_met
        for doubt in conversion.doubts:
            self.doubts[kind, doubt] += 1

    @property
    def unmet(self) -> list[str]:
        """The kinds of which many pages and shops told, and no shop told of any order that a page had named."""
        enough = (kind for kind, count in self.browser_keys.items() if count >= ENOUGH_KEYS)
        return [kind for kind in enough if self._server_copies[kind] >= ENOUGH_KEYS and not self.browser_keys_met[kind]]

    @property
    def silent(self) -> bool:
        """Whether many events came and none of them stated consent."""
        return not self.events["stated"] and self.events["none"] >= ENOUGH_EVENTS

    def delivered(self, tag: str, outcome: str, status: int | None = None, took: float = 0.0) -> None:
        """An attempt at a call ended. `status` None: no answer; `took` in seconds, 0: nothing was sent."""
        self.deliveries[tag, outcome, "none" if status is None else str(status)] += 1
        if took:
            self._vendors.add(took)

    def families(self) -> Iterator[Metric]:
        """What was counted, as Prometheus names it."""
        yield _counter("tagport_requests_total", ("client", "status"), self.requests)
        yield self._latency.family("tagport_request_seconds")
        unclaimed = CounterMetricFamily("tagport_unclaimed_requests_total", METRICS["tagport_unclaimed_requests_total"])
        unclaimed.add_metric((), self.unclaimed_requests)
        yield unclaimed
        yield _counter("tagport_forwarded_total", ("client", "outcome"), self.forwards)
        yield _counter("tagport_events_total", ("consent",), {(said,): count for said, count in self.events.items()})
        copies = {(kind, "first" if first else "further"): count for (kind, first), count in self.copies.items()}
        yield _counter("tagport_copies_total", ("kind", "copy"), copies)
        yield _counter("tagport_doubts_total", ("kind", "doubt"), self.doubts)
        yield _counter("tagport_browser_keys_total", ("kind",), {(kind,): n for kind, n in self.browser_keys.items()})
        met = {(kind,): count for kind, count in self.browser_keys_met.items()}
        yield _counter("tagport_browser_keys_met_total", ("kind",), met)
        yield _counter("tagport_decisions_total", ("tag", "decision"), self.decisions)
        invalid = {(tag,): count for (tag, decision), count in self.decisions.items() if decision == "invalid"}
        yield _counter("tagport_invalid_total", ("tag",), invalid)
        yield _counter("tagport_deliveries_total", ("tag", "outcome", "status"), self.deliveries)
        yield self._vendors.family("tagport_delivery_seconds")
        yield _gauge("tagport_configuration_stale", (), {(): int(self.stale)})


class _Histogram:
    """How many took how long."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._buckets = [0] * (len(bounds) + 1)
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        self._buckets[bisect_left(self._bounds, seconds)] += 1
        self._seconds += seconds

    def family(self, name: str) -> Metric:
        """As Prometheus has it: each bucket counts what is in the smaller ones too."""
        family = HistogramMetricFamily(name, METRICS[name])
        total, buckets = 0, []
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._buckets, strict=True):
            total += count
            buckets.append((bound, float(total)))
        family.add_metric((), buckets, self._seconds)
        return family


class Gauges:
    """What is the case at this moment: asked of the store when somebody scrapes."""

    def __init__(self, info: Mapping[str, str], ask: Callable[[], Situation]) -> None:
        self._info = dict(info)
        self._ask = ask

    def families(self) -> Iterator[Metric]:
        """The store's state, as Prometheus names it."""
        now = self._ask()
        yield _gauge("tagport_info", tuple(self._info), {tuple(self._info.values()): 1})
        yield _gauge("tagport_ready", (), {(): int(now.ready)})
        yield _gauge("tagport_outbox_rows", (), {(): now.waiting})
        yield _gauge("tagport_outbox_oldest_seconds", (), {(): now.oldest})
        yield _gauge("tagport_failures", ("tag", "outcome"), now.failures)
        yield _gauge("tagport_account_stopped", ("account",), {(account,): 1 for account in now.stopped})


def text(*sources: Metrics | Gauges) -> bytes:
    """The page `/metrics`."""
    registry = CollectorRegistry()
    for source in sources:
        registry.register(_Source(source))
    return generate_latest(registry)


class _Source(Collector):
    def __init__(self, source: Metrics | Gauges) -> None:
        self._source = source

    def collect(self) -> Iterator[Metric]:
        return self._source.families()


def _counter(name: str, labels: Sequence[str], counts: Mapping[tuple[Any, ...], float]) -> Metric:
    family = CounterMetricFamily(name, METRICS[name], labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric([str(value) for value in values], count)
    return family


def _gauge(name: str, labels: Sequence[str], values: Mapping[tuple[Any, ...], float]) -> Metric:
    family = GaugeMetricFamily(name, METRICS[name], labels=labels)
    for names, value in sorted(values.items()):
        family.add_metric([str(part) for part in names], value)
    return family
