"""A request as a vendor sees it, and what the sink answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from container.encoding import encode


@dataclass(frozen=True)
class Call:
    """A request as the vendor sees it. `body` is the JSON value, the text where it is none, None where it is empty."""

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """What the sink answers; `body` as JSON, or the text as it is."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> tuple[bytes, str]:
        """The bytes and their type."""
        if self.body is None:
            return b"", ""
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        return encode(self.body), "application/json"
