"""The IAB's Global Privacy Platform string and `us_privacy`: has the visitor opted out of sale, sharing, targeting?

Format: IAB Tech Lab, "Global Privacy Platform": `header~section~section`; the header lists the sections' ids. In the
sections of the United States and its states every answer has two bits: 0 not applicable, 1 opted out, 2 did not.
"""

from __future__ import annotations

from functools import lru_cache

from container.signals.bits import Bits, Broken

LONGEST = 8000  # characters
MOST_SECTIONS = 50
REMEMBERED = 256  # strings
HEADER = 3  # the type of a GPP header
TCF_EU, US_PRIVACY = 2, 6
OPTED_OUT, DID_NOT = 1, 2
GPC_SEGMENT = 1

# Section id → at which bits its opt-outs stand: sale, sharing (where the law knows it), targeted advertising.
OPT_OUTS = {
    7: (18, 20, 22),  # national
    8: (12, 14),  # California: sale, sharing
    **dict.fromkeys((9, 10, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22), (12, 14)),  # VA CO CT FL MT OR TX DE NE NH NJ TN
    **dict.fromkeys((11, 18), (14, 16)),  # Utah, Iowa: one more notice in front
}


@lru_cache(REMEMBERED)
def sections(text: str) -> dict[int, str]:
    """The sections of a GPP string by their ids; empty where it is none."""
    header, *found = text[:LONGEST].split("~")
    try:
        ids = _ids(Bits(header))
    except Broken:
        return {}
    return dict(zip(ids, found, strict=False))


def _ids(bits: Bits) -> list[int]:
    if bits.number(6) != HEADER:
        raise Broken("it is no GPP header")
    bits.number(6)  # the version of the specification
    found: list[int] = []
    last = 0
    for _ in range(min(bits.number(12), MOST_SECTIONS)):
        is_range = bits.flag()
        first = last + bits.fibonacci()
        last = first + bits.fibonacci() if is_range else first
        found.extend(range(first, min(last, first + MOST_SECTIONS) + 1))
    return found


@lru_cache(REMEMBERED)
def sale_allowed(id: int, section: str) -> bool | None:
    """Whether a section of the United States leaves sale and sharing open; None where it says nothing of it."""
    if id == US_PRIVACY:
        return us_privacy(section)
    if id not in OPT_OUTS:
        return None
    core, *others = section.split(".")
    try:
        answers = _answers(core, OPT_OUTS[id])
        if OPTED_OUT in answers or any(_gpc(other) for other in others):
            return False
    except Broken:
        return None
    return True if DID_NOT in answers else None


def _answers(core: str, places: tuple[int, ...]) -> list[int]:
    bits, at, found = Bits(core), 0, []
    for place in places:
        bits.number(place - at)
        found.append(bits.number(2))
        at = place + 2
    return found


def _gpc(segment: str) -> bool:
    bits = Bits(segment)
    return bits.number(2) == GPC_SEGMENT and bits.flag()


def us_privacy(text: str) -> bool | None:
    """`1YNN`: version, notice given, opted out, covered by the IAB's agreement. None where it says nothing."""
    answers = {"Y": False, "N": True}
    return answers.get(text[2].upper()) if len(text) == 4 and text[0] == "1" else None
