"""Three-way merge of text by lines: what two people changed since a version both know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Lines = Sequence[str]


def merge(base: str, mine: str, theirs: str) -> str | None:
    """Both changes in one text; None where they touch the same or neighbouring lines in different ways."""
    if theirs in (base, mine):
        return mine
    if mine == base:
        return theirs
    old, left, right = (text.splitlines(keepends=True) for text in (base, mine, theirs))
    merged: list[str] = []
    for part in _parts(old, left, right):
        if part is None:
            return None
        merged += part
    return "".join(merged)


def _parts(old: Lines, left: Lines, right: Lines) -> Iterator[Lines | None]:
    """The stretches between lines that all three share; None where both sides changed one."""
    at = (0, 0, 0)
    for kept in (*_shared(old, left, right), (len(old), len(left), len(right), 0)):
        start, mine, theirs, length = kept
        before = old[at[0] : start]
        ours, others = left[at[1] : mine], right[at[2] : theirs]
        if others in (before, ours):
            yield ours
        elif ours == before:
            yield others
        else:
            yield None
        yield old[start : start + length]
        at = (start + length, mine + length, theirs + length)


def _shared(old: Lines, left: Lines, right: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of `old` that stand in both others: where they begin in each, and how long they are."""
    in_left = SequenceMatcher(None, old, left, autojunk=False).get_matching_blocks()
    in_right = SequenceMatcher(None, old, right, autojunk=False).get_matching_blocks()
    for one in in_left:
        for other in in_right:
            start = max(one.a, other.a)
            end = min(one.a + one.size, other.a + other.size)
            if start < end:
                yield start, one.b + start - one.a, other.b + start - other.a, end - start
