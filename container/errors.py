"""Every exception of the house.

    TagportError
     ├── WorkspaceError        the workspace has problems (all of them, in `.problems`)
     ├── KeyMismatch           the store and its key file do not belong together
     ├── StoreUnusable         the file that is to be the store is none, or cannot be opened
     ├── Refused               a request the container does not take; `.status` is the HTTP answer
     │    ├── Unreadable       400: the body or the query cannot be read
     │    ├── BadSignature     401: not signed, or signed with another secret
     │    ├── TooLarge         413: over the limit
     │    └── NotStored        503: it could not be put on disk, the sender may try again
     ├── Invalid               a call cannot be rendered as the vendor wants it (`.path`, `.rule`)
     └── MissingSecret         a secret's name that no source knows
"""

from __future__ import annotations

from collections.abc import Sequence

from container.problems import Problem


class TagportError(Exception):
    """Whatever this house raises on purpose."""


class WorkspaceError(TagportError):
    """The workspace does not load; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        only = f"{problems[0].file}: {problems[0].message}" if len(problems) == 1 else ""
        super().__init__(only or f"the workspace has {len(problems)} problems")
        self.problems = tuple(problems)


class KeyMismatch(TagportError):
    """The key file is missing, unreadable, or belongs to another store."""


class StoreUnusable(TagportError):
    """The file that is to be the store is no database, or may not be read or written."""


class Refused(TagportError):
    """A request that is not taken. The text is the answer's body: what is wrong and what to do."""

    status = 400


class Unreadable(Refused):
    """The request cannot be read."""


class BadSignature(Refused):
    """The request is not signed as this client asks for."""

    status = 401


class TooLarge(Refused):
    """The request is over the size limit."""

    status = 413


class NotStored(Refused):
    """Nothing of the request is on disk."""

    status = 503


class Invalid(TagportError):
    """A call the vendor would refuse, or that may not leave.

    `path` is where in the request (`json.data[0].user_data.em`), `rule` what it breaks.
    """

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(f"{path}: {rule}" if path else rule)
        self.path = path
        self.rule = rule


class MissingSecret(TagportError):
    """No environment variable, secret file or `.env` line has this name."""
