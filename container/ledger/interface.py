"""What a store can do. Everything that decides happens inside one write transaction; reads may be a moment old.

`Store.write` takes a function and runs it with a `Writing`: all of it is on disk when the call returns, or nothing.
The function may run twice (a batch that failed is retried one by one), so it must only depend on what it reads.

`add_copy` with `first`: of a conversion that was opened in this very transaction, which spares looking for others.
`find` leaves out what has expired by `now` (0: nothing has). A conversion has one firing for each target and record;
`firings` tells of each target the one that counts: one that is not void before a void one, then the oldest.

`forget` takes away conversions, records and calls, and everything that belongs to one of them: names, hints, copies,
waits, firings, deliveries, what was united. It tells how many rows of each went. `every_…` and `of` (conversions of
the conversions with these ids) look through whole tables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from container.call import Call
from container.conversion import Firing

LARGEST_ID = 2**63 - 1  # of a row

T = TypeVar("T")
Expiring = tuple[bytes, float]  # a hash and the Unix time until which it is kept


@dataclass(slots=True)
class Stored:
    """A conversion as it lies in the store. Dedup owns the meaning of `state` (JSON)."""

    number: int
    id: str
    kind: str
    version: int
    first: float
    expires: float
    state: dict[str, Any]


@dataclass(slots=True)  # a frozen one takes three times as long to make
class Row:
    """A call in the outbox, never changed. `state`: queued | sending | refused | expired | unknown | stopped."""

    id: int
    conversion: int | None  # the store's number; None for an event that has no conversion
    record: str  # id of the decision record that fired it
    call: Call
    created: float
    state: str = "queued"
    due: float = 0.0
    attempts: int = 0
    first_attempt: float | None = None
    orphaned: int = 0  # how often the process sending it died
    reason: str = ""  # why it waits or ended, in the vendor's words


@dataclass(slots=True)  # as the row
class Settlement:
    """How an attempt ended; never changed.

    `outcome`: delivered | accepted | retry | later | refused | stopped | unknown | expired.
    `retry` and `later` wait until `due`; `stopped` waits until the account is resumed; `delivered` and `accepted`
    leave the outbox; the others stay in it as failures.
    """

    row: Row
    outcome: str
    reason: str
    at: float
    due: float = 0.0
    status: int | None = None  # HTTP status of the answer
    took: float = 0.0  # seconds
    orphaned: bool = False  # the process that was sending it died


@dataclass(frozen=True, slots=True)
class Delivery:
    """One finished attempt as `explain` tells it."""

    record: str
    tag: str
    destination: str
    target: str
    at: float
    outcome: str
    status: int | None
    reason: str
    attempt: int
    took: float


@dataclass(frozen=True, slots=True)
class Held:
    """A tag that an earlier copy triggered and that has not been decided for good. `why`: consent | wait."""

    conversion: int
    tag: str
    why: str
    record: str
    due: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A row of `tagport failures`."""

    row: Row
    since: float


class Known(Protocol):
    """What recognition asks: which conversions there are, and what is known of each."""

    def find(self, names: Sequence[bytes], hints: Sequence[bytes], now: float = 0.0) -> list[tuple[bytes, int]]: ...
    def conversions(self, numbers: Iterable[int]) -> dict[int, Stored]: ...
    def firings(self, number: int) -> dict[str, Firing]: ...
    def copies(self, number: int) -> list[bytes]: ...
    def held(self, number: int) -> list[Held]: ...


class Reading(Known, Protocol):
    """What may be asked at any time."""

    def waits_due(self, now: float, most: int) -> list[Held]: ...
    def waits_beyond(self, time: float, most: int) -> list[Held]: ...
    def record(self, id: str) -> Mapping[str, Any] | None: ...
    def records(self, number: int) -> list[Mapping[str, Any]]: ...
    def recent(self, most: int, before: str = "") -> list[Mapping[str, Any]]: ...
    def number_of(self, record: str) -> int | None: ...
    def newest_kept(self, kept_as: str, most: int, before: str = "") -> list[Mapping[str, Any]]: ...
    def deliveries(self, record: str) -> list[Delivery]: ...
    def due(self, now: float, most: int, after: int = 0, account: str | None = None) -> list[Row]: ...
    def queued(self) -> dict[str, float]: ...
    def rows(self, conversion: int) -> list[Row]: ...
    def failures(self) -> list[Failure]: ...
    def sending(self) -> list[tuple[str, Row]]: ...
    def depth(self) -> tuple[int, float | None]: ...
    def meta(self, key: str) -> str | None: ...
    def conversion_numbers(self, ids: Sequence[str]) -> list[int]: ...
    def every_record(self, after: str, most: int) -> list[Mapping[str, Any]]: ...
    def every_copy(self, after: tuple[int, int], most: int) -> list[tuple[int, int, bytes]]: ...
    def every_row(self, after: int, most: int) -> list[Row]: ...
    def of(self, ids: Collection[str]) -> list[int]: ...


class Writing(Reading, Protocol):
    """What may be done inside a transaction; its reads see its own writes."""

    def open(self, id: str, kind: str, first: float, expires: float, state: Mapping[str, Any]) -> int: ...
    def save(self, stored: Stored) -> None: ...
    def name(self, number: int, names: Iterable[Expiring], hints: Iterable[Expiring]) -> None: ...
    def unite(self, older: int, younger: int) -> None: ...
    def fire(self, number: int, firing: Firing) -> None: ...
    def void(self, number: int, target: str, record: str) -> None: ...
    def queue(self, number: int | None, record: str, call: Call, now: float) -> Row: ...
    def cancel(self, number: int, consent: Iterable[str]) -> list[Row]: ...
    def add_copy(self, number: int, blob: bytes, expires: float, first: bool = False) -> None: ...
    def hold(self, held: Held) -> None: ...
    def release(self, number: int, tag: str) -> None: ...
    def keep(self, id: str, kept_as: str, number: int | None, at: float, record: bytes) -> None: ...
    def attempt(self, owner: str, ids: Sequence[int], now: float) -> list[int]: ...
    def settle(self, settlements: Sequence[Settlement]) -> None: ...
    def requeue(self, ids: Sequence[int], now: float) -> list[int]: ...
    def drop(self, ids: Sequence[int]) -> list[int]: ...
    def resume(self, account: str, now: float) -> int: ...
    def hasten(self, beyond: float, now: float) -> int: ...
    def set_meta(self, key: str, value: str) -> None: ...
    def forget(self, numbers: Iterable[int], records: Iterable[str], rows: Iterable[int]) -> Mapping[str, int]: ...


class Store(Reading, Protocol):
    """A ledger. `write` raises `NotStored` where nothing could be put on disk.

    `scrub` leaves nothing readable of what was deleted; it raises `NotStored` where another process is in the way.
    """

    async def write(self, work: Callable[[Writing], T]) -> T: ...
    async def scrub(self) -> None: ...
    async def expire(self, now: float) -> int: ...
    def close(self) -> None: ...
