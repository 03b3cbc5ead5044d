"""Whether a visitor is a crawler, by its user agent."""

from __future__ import annotations

from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from container.language.patterns import Pattern

LONGEST = 1000  # characters of a user agent that are looked at
REMEMBERED = 8192  # user agents
PART = 300  # patterns


def is_bot(user_agent: str) -> bool:
    """Whether the list of crawlers knows this user agent. For browsers only: every webhook is sent by a program."""
    return _is_listed(user_agent[:LONGEST])


@lru_cache(maxsize=REMEMBERED)
def _is_listed(user_agent: str) -> bool:
    return any(part.holds(user_agent) for part in crawlers())


@cache
def crawlers() -> list[Pattern]:
    """The list in parts that fit the memory a pattern may take (one too large is searched forty times slower).

    HTTP libraries are left out: they run no page's script, so a hit that comes through one was sent on purpose, by
    a server that passes hits on, an app, or a CDN that hides the visitor's user agent.
    """
    known = [entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA if entry.get("tags") != ["http-library"]]
    parts = [known[at : at + PART] for at in range(0, len(known), PART)]
    return [Pattern("|".join(f"(?:{pattern})" for pattern in part)) for part in parts]
