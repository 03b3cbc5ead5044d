"""What to do about a vendor's words: the template's `codes:`, by the number or name the vendor gives its error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from container.node import Mapping as MappingNode
from container.node import Scalar
from container.workspace.documents import Document

_REASON = re.compile(r"(?:^|: )(\d{3})(?: ([A-Z0-9_/-]+)(?= |$))?")  # our own words before it end in `: `
_ANY_DIGIT = re.compile(r"x")


@dataclass(frozen=True)
class Advice:
    """The advice of one template. In a code an `x` stands for any digit: `HTTP 5xx`, `8000x`."""

    codes: Mapping[str, str] = field(default_factory=dict)

    def of(self, reason: str) -> str:
        """What to do about a call that ended for this reason; empty where the template knows nothing of it."""
        found = _REASON.search(reason)
        for code in _candidates(found[1], found[2] or "") if found else ():
            for written, advice in self.codes.items():
                if written == code or ("x" in written and re.fullmatch(_ANY_DIGIT.sub(r"\\d", written), code)):
                    return advice
        return ""


NO_ADVICE = Advice()


def _candidates(status: str, code: str) -> Iterator[str]:
    """The most precise first: `190/463`, `463`, `190`, then `HTTP 400`."""
    if code:
        yield code
        parts = code.split("/")
        yield from (reversed(parts) if len(parts) > 1 else ())
    yield f"HTTP {status}"


def advice_of(document: Document) -> Advice:
    """The advice of a template that is not compiled; none where it has no `codes:`."""
    node = document.node.get("codes") if isinstance(document.node, MappingNode) else None
    rows = node.members if isinstance(node, MappingNode) else {}
    return Advice({key: member.text for key, member in rows.items() if isinstance(member, Scalar)})
