"""What the documentation says of conversions, told again in the plainest way: lists, no hashes, no store.

Times are Unix seconds. A model is fed the same copies and the same fate of calls as a dedup stage.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from copies import Tag

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
WITHIN, LATE, KEEP_NAMES, KEEP_LINKS, KEEP_DELIVERIES, KEEP_EVENTS = (
    30 * MINUTE, 24 * HOUR, 400 * DAY, 30 * DAY, 7 * DAY, 48 * HOUR,
)  # fmt: skip
UNSENT = ("queued", "stopped", "refused", "expired")

Pairs = frozenset[tuple[str, str]]
Decided = tuple[Tag, str, float | None]  # a tag, what was decided, and until when it waits


@dataclass(frozen=True)
class Told:
    """One copy as a person would note it down. `kind` "event": of no declared conversion."""

    id: str
    kind: str
    scope: str
    client: str
    source: str
    at: float
    arrival: float
    key: str = ""
    names: Pairs = frozenset()  # (sort, name)
    links: Pairs = frozenset()
    hints: Pairs = frozenset()
    agree: Pairs = frozenset()
    consent: tuple[tuple[str, bool], ...] = ()
    delivery: str = ""
    lends: bool = False
    bot: bool = False


@dataclass
class Fired:
    tag: str
    target: str
    record: str
    at: float
    state: str = "live"


@dataclass
class Sent:
    """A call in the outbox."""

    id: int
    of: Known | None
    tag: Tag
    record: str
    state: str = "queued"


@dataclass(eq=False)
class Known:
    """A conversion."""

    number: int
    kind: str
    scope: str
    copies: list[Told] = field(default_factory=list)
    findable: dict[tuple[str, ...], float] = field(default_factory=dict)  # what it is found by → until when
    said: dict[tuple[str, str], tuple[float, bool]] = field(default_factory=dict)  # consent: source, type → when, what
    fired: list[Fired] = field(default_factory=list)
    held: dict[str, float | None] = field(default_factory=dict)
    fixed: tuple[str, float] | None = None  # transaction id and time, once something has fired
    until: float = 0.0
    first: float | None = None  # arrival of the first copy that runs tags

    def counts(self, target: str) -> Fired | None:
        """The firing that counts for the target."""
        mine = [one for one in self.fired if one.target == target]
        return min(mine, key=lambda one: (one.state == "void", one.at, one.record), default=None)

    def consent(self) -> dict[str, bool]:
        """The latest statement of each source, the browser's word before the server's."""
        said = {name: granted for (source, name), (_, granted) in self.said.items() if source == "server"}
        return said | {name: granted for (source, name), (_, granted) in self.said.items() if source == "browser"}

    def told(self) -> tuple[str, float]:
        """Transaction id and time that vendors are told until a firing fixes them."""
        pages = [copy.key for copy in self.copies if copy.source == "browser" and copy.key]
        keys = [copy.key for copy in self.copies if copy.key]
        return (pages or keys or [""])[0], min(copy.at for copy in self.copies)


@dataclass(frozen=True)
class Verdict:
    """What became of one copy, or of one wait that was over."""

    number: int | None
    copy: int
    repeat: bool
    ambiguous: bool
    tags: tuple[tuple[str, str], ...]


class Model:
    """Recognition and firing, as documented."""

    def __init__(self, tags: tuple[Tag, ...]) -> None:
        self.tags = tags
        self.known: list[Known] = []
        self.outbox: list[Sent] = []
        self.united_twice_fired = 0
        self._numbers = 0
        self._calls = 0

    # --- which conversion is this a copy of? --------------------------------------------------------------------

    def tell(self, copy: Told) -> Verdict:
        """One copy arrives."""
        before = self._retried(copy)
        if before is not None:
            return Verdict(before.number, len(before.copies) + 1, True, False, ())
        fitting, ambiguous = self._recognised(copy)
        count = 1 + sum(len(one.copies) for one in fitting)
        number = fitting[0].number if fitting else None
        if copy.bot and copy.kind != "event":
            return Verdict(number, count, True, ambiguous, ())
        if copy.kind == "event":
            return self._plain_event(copy, fitting)
        conversion = self._together(fitting) if fitting else self._new(copy)
        self._count_in(copy, conversion)
        tags = [] if copy.lends else self._decide(conversion, copy.arrival, known=bool(fitting))
        self._enter(conversion, tags, copy.id, copy.arrival)
        self._refuse(conversion, copy, united=len(fitting) > 1)
        self._hold(conversion, tags)
        conversion.until = max([conversion.until, *(due + HOUR for _, _, due in tags if due)])
        return Verdict(number, count, False, ambiguous, tuple((tag.id, what) for tag, what, _ in tags))

    def _retried(self, copy: Told) -> Known | None:
        return next((one for one in self.known if copy.delivery and self._finds(one, copy, _delivery(copy))), None)

    def _finds(self, one: Known, copy: Told, by: tuple[str, ...]) -> bool:
        return (one.kind, one.scope) == (copy.kind, copy.scope) and one.findable.get(by, 0.0) > copy.arrival

    def _recognised(self, copy: Told) -> tuple[list[Known], bool]:
        same_name = self._found(copy, [("name", value) for _, value in copy.names])
        same_link = self._found(copy, [("link", *link) for link in copy.links])
        if same_name or same_link:
            return _all_one(same_name or same_link, same_link), False
        hinted = [one for one in self._found(copy, [("hint", *hint) for hint in copy.hints]) if _joins(copy, one)]
        ranks = [self._rank(copy, one) for one in hinted]
        best = [one for one, rank in zip(hinted, ranks, strict=True) if rank == min(ranks)]
        return best if len(best) == 1 else [], len(hinted) > 1

    def _rank(self, copy: Told, one: Known) -> tuple[bool, int, float]:
        """Untold through this client, then what shares most kinds of hints, then the nearest: the lowest is chosen."""
        told_here = any(other.client == copy.client and not other.lends for other in one.copies)
        shared = {name for name, *value in copy.hints if self._finds(one, copy, ("hint", name, *value))}
        return told_here, -len(shared), min(abs(copy.at - other.at) for other in one.copies)

    def _found(self, copy: Told, by: list[tuple[str, ...]]) -> list[Known]:
        found = [one for one in self.known if any(self._finds(one, copy, each) for each in by)]
        return [one for one in found if not differ(_sorts([copy]), _sorts(one.copies))]

    def _new(self, copy: Told) -> Known:
        self._numbers += 1
        one = Known(self._numbers, copy.kind, copy.scope)
        self.known.append(one)
        return one

    def _together(self, fitting: list[Known]) -> Known:
        """Several that are one: all under the oldest."""
        oldest, *others = fitting
        for other in others:
            self.known.remove(other)
            both = {one.target for one in oldest.fired if one.state != "void"}
            self.united_twice_fired += any(one.target in both and one.state != "void" for one in other.fired)
            oldest.copies += other.copies
            for by, said in other.said.items():  # the later word; of one moment the refusal
                oldest.said[by] = max(said, oldest.said.get(by, said), key=lambda said: (said[0], not said[1]))
            oldest.fired += other.fired
            oldest.held = {**other.held, **oldest.held}
            oldest.fixed = oldest.fixed or other.fixed
            oldest.until = max(oldest.until, other.until)
            oldest.first = min((one.first for one in (oldest, other) if one.first is not None), default=None)
            for found, until in other.findable.items():
                oldest.findable[found] = max(until, oldest.findable.get(found, 0.0))
            for call in self.outbox:
                call.of = oldest if call.of is other else call.of
        return oldest

    def _count_in(self, copy: Told, conversion: Known) -> None:
        conversion.copies.append(copy)
        if conversion.first is None and not copy.lends:
            conversion.first = copy.arrival
        conversion.said |= {(copy.source, name): (copy.arrival, granted) for name, granted in copy.consent}
        links = KEEP_EVENTS if copy.kind == "event" else KEEP_LINKS
        by = [(("name", value), KEEP_NAMES) for _, value in copy.names]
        by += [(("link", *link), links) for link in copy.links]
        by += [(("hint", *hint), WITHIN) for hint in copy.hints]
        by += [(_delivery(copy), KEEP_DELIVERIES)] if copy.delivery else []
        for each, keep in by:
            conversion.findable[each] = max(copy.arrival + keep, conversion.findable.get(each, 0.0))
        least = copy.arrival + (0.0 if copy.kind == "event" else LATE)
        conversion.until = max([conversion.until, least, *conversion.findable.values()])

    # --- fired before? ------------------------------------------------------------------------------------------

    def _plain_event(self, copy: Told, fitting: list[Known]) -> Verdict:
        conversion = fitting[0] if fitting else Known(0, "event", "")
        consent = dict(copy.consent)
        tags: list[Decided] = []
        for tag in self.tags:
            tags.append((tag, self._verdict(tag, conversion, consent, tags), None))
        fires = any(what in ("fired", "shadow") for _, what, _ in tags)
        number, count = (conversion.number or None), len(conversion.copies) + 1
        if fires and (copy.links or copy.delivery):
            conversion = fitting[0] if fitting else self._new(copy)
            self._count_in(copy, conversion)
        self._enter(conversion, tags, copy.id, copy.arrival, stored=conversion in self.known)
        return Verdict(number, count, False, False, tuple((tag.id, what) for tag, what, _ in tags))

    def _decide(
        self, conversion: Known, now: float, known: bool, waking: frozenset[str] | None = None
    ) -> list[Decided]:
        consent = conversion.consent()
        decided: list[Decided] = []
        for tag in self.tags:
            if waking is not None and tag.id not in waking:
                continue
            what = self._verdict(tag, conversion, consent, decided)
            if what in ("fired", "shadow") and known and self._is_late(tag, conversion, now, waking):
                what = "late"
            due = None
            missing = tag.wait is not None and not tag.wait.sources <= _sources(conversion)
            if what in ("fired", "shadow") and tag.wait and missing:
                what = "waiting" if waking is None else "suppressed" if tag.wait.otherwise == "drop" else what
                due = min(conversion.held.get(tag.id) or 9e18, now + tag.wait.most) if waking is None else None
            decided.append((tag, what, due))
        return decided

    def _verdict(self, tag: Tag, conversion: Known, consent: dict[str, bool], decided: list[Decided]) -> str:
        if not all(consent.get(name) for name in tag.consent):
            return "consent"
        if any(other.target == tag.target and what in ("fired", "shadow") for other, what, _ in decided):
            return "suppressed"
        before = conversion.counts(tag.target)
        if before is not None and before.state != "void":
            return "suppressed"
        return "shadow" if tag.shadow else "fired"

    def _is_late(self, tag: Tag, conversion: Known, now: float, waking: frozenset[str] | None) -> bool:
        if waking or tag.id in conversion.held or any(tag.id == one.tag for one in conversion.fired):
            return False
        if conversion.counts(tag.target) is not None:  # void: a better copy may fire
            return False
        return conversion.first is not None and now - conversion.first > LATE

    def _enter(
        self, conversion: Known, tags: list[Decided], record: str, now: float, stored: bool = True
    ) -> None:
        for tag, what, _ in tags:
            if what not in ("fired", "shadow"):
                continue
            if stored:
                if conversion.kind != "event":
                    conversion.fixed = conversion.fixed or conversion.told()
                conversion.fired.append(Fired(tag.id, tag.target, record, now, "live" if what == "fired" else "shadow"))
            if what == "fired":
                self._calls += 1
                self.outbox.append(Sent(self._calls, conversion if stored else None, tag, record))

    def _refuse(self, conversion: Known, copy: Told, united: bool) -> None:
        """A refusal stops what no vendor has taken."""
        stated = conversion.consent()
        asked = stated if united else dict(copy.consent)
        refused = {name for name in asked if stated.get(name) is False}
        for call in [call for call in self.outbox if call.of is conversion and call.state in UNSENT]:
            if refused.intersection(call.tag.consent):
                self.outbox.remove(call)
                self._void(call)
                conversion.held[call.tag.id] = None

    def _hold(self, conversion: Known, tags: list[Decided]) -> None:
        for tag, what, due in tags:
            if what in ("waiting", "consent"):
                conversion.held[tag.id] = due
            else:
                conversion.held.pop(tag.id, None)

    def wake(self, now: float) -> list[Verdict]:
        """The waits that are over; none takes longer than the longest, whatever the clock said when it began."""
        waits = {tag.id: tag.wait.most for tag in self.tags if tag.wait}
        for one in self.known:
            for tag, due in one.held.items():
                if due is not None and due > now + max(waits.values()):
                    one.held[tag] = now + waits[tag]
        told = []
        for one in sorted(self.known, key=lambda one: one.number):
            over = frozenset(tag for tag, due in one.held.items() if due is not None and due <= now)
            if not over:
                continue
            tags = self._decide(one, now, known=True, waking=over)
            for tag in over:
                one.held.pop(tag)
            self._enter(one, tags, f"wake {now} {one.number}", now)
            self._hold(one, tags)
            verdicts = tuple((tag.id, what) for tag, what, _ in tags)
            told.append(Verdict(one.number, len(one.copies), False, False, verdicts))
        return told

    # --- what became of the calls -------------------------------------------------------------------------------

    def settle(self, call: Sent, outcome: str) -> None:
        """A call came back from its vendor."""
        if outcome in ("delivered", "accepted"):
            self.outbox.remove(call)
            return
        call.state = "queued" if outcome == "retry" else outcome
        if outcome in ("refused", "expired"):
            self._void(call)

    def resend(self, call: Sent) -> bool:
        """By hand; refused once another copy has fired for its target."""
        fired = [one for one in call.of.fired if one.target == call.tag.target] if call.of else []
        if any(one.record != call.record and one.state != "void" for one in fired):
            return False
        for one in fired:
            one.state = "live" if one.record == call.record else one.state
        call.state = "queued"
        return True

    def _void(self, call: Sent) -> None:
        for one in call.of.fired if call.of else ():
            if (one.target, one.record) == (call.tag.target, call.record):
                one.state = "void"

    def expire(self, now: float) -> None:
        """Forget what nothing can find any more, unless a tag still waits."""
        for one in [one for one in self.known if one.until < now]:
            if all(due is None for due in one.held.values()):
                self.known.remove(one)
                one.fired.clear()


    def forget(self, one: Known) -> None:
        """A conversion and its calls are removed."""
        self.known.remove(one)
        self.outbox = [call for call in self.outbox if call.of is not one]

    def set_back(self, now: float, seconds: float) -> float:
        """The clock is set back; by less where something has run out meanwhile. It would have to be known again."""
        over = [until for one in self.known for until in one.findable.values() if until <= now]
        return min(seconds, 0.9 * (now - max(over, default=0.0)))


def differ(ours: dict[str, set[str]], theirs: dict[str, set[str]]) -> bool:
    """Whether a sort that both have names nothing in common."""
    return any(sort in theirs and not ours[sort] & theirs[sort] for sort in ours)


def _sorts(copies: list[Told]) -> dict[str, set[str]]:
    sorts: dict[str, set[str]] = {}
    for copy in copies:
        for sort, value in copy.names:
            sorts.setdefault(sort, set()).add(value)
    return sorts


def _all_one(first: list[Known], others: list[Known]) -> list[Known]:
    """The newest of the first, and every other that no order name keeps apart from it; oldest first."""
    together = [max(first, key=lambda one: one.number)]
    for one in sorted(first, key=lambda one: one.number) + sorted(others, key=lambda one: one.number):
        if one not in together and not any(differ(_sorts(one.copies), _sorts(each.copies)) for each in together):
            together.append(one)
    return sorted(together, key=lambda one: one.number)


def _joins(copy: Told, one: Known) -> bool:
    if copy.names and any(other.names for other in one.copies):
        return False
    near = any(abs(copy.at - other.at) <= WITHIN for other in one.copies)
    return near and all(_agrees(name, value, one) for name, value in copy.agree)


def _agrees(name: str, value: str, one: Known) -> bool:
    told = {theirs for copy in one.copies for field, theirs in copy.agree if field == name}
    return not told or value in told


def _sources(conversion: Known) -> set[str]:
    return {copy.source for copy in conversion.copies if not copy.lends}


def _delivery(copy: Told) -> tuple[str, ...]:
    return ("delivery", copy.client, copy.delivery)
