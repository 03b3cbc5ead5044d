"""The door to RE2: regular expressions written by users, which can never backtrack."""

from __future__ import annotations

from collections.abc import Callable

import re2

from container.language.values import as_text

Search = Callable[[str], list[str | None] | None]
_MEMORY = 2 << 20  # bytes a pattern may take


class BadPattern(ValueError):
    """A pattern RE2 does not take; the text says why."""


class Pattern:
    """A compiled pattern, unanchored."""

    __slots__ = ("_search", "source")

    def __init__(self, source: str, ignore_case: bool = False) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        options.case_sensitive = not ignore_case
        self.source = source
        try:
            # bytes: RE2 matches UTF-8 anyway, and the wrapper's bookkeeping of characters costs more than the search
            self._search = re2.compile(source.encode(), options).search
        except re2.error as error:
            raise BadPattern(_reason(error)) from None
        except UnicodeEncodeError:
            raise BadPattern("it holds half a character") from None

    def holds(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text."""
        return self._search(_bytes(text)) is not None

    def groups(self, text: str) -> list[str | None] | None:
        """The whole match and its groups, None where nothing is found."""
        found = self._search(_bytes(text))
        if found is None:
            return None
        groups = (found.group(0), *found.groups())
        return [None if group is None else group.decode(errors="replace") for group in groups]


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(as_text(reason))
    if "invalid perl operator" in text:
        return f"{text} (RE2 knows no look-ahead and no look-behind)"
    if "invalid escape sequence" in text:
        return f"{text} (RE2 knows no back-references)"
    return text
