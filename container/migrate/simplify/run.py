"""Proposals, each tried upon those before it and made only where it is proved."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from container.errors import WorkspaceError
from container.event import Event, Request
from container.migrate.simplify.alike import alike
from container.migrate.simplify.copies import copies
from container.migrate.simplify.draft import NOW, Draft
from container.migrate.simplify.events import generated
from container.migrate.simplify.proof import Baseline, Outcome, run
from container.migrate.simplify.proposal import Proposal
from container.migrate.simplify.unused import unused
from container.problems import Problems
from container.workspace import secrets

# One tag made of several may have a table that only copies names: `copies` looks again.
STEPS: tuple[Callable[[Draft], Iterator[Proposal]], ...] = (copies, alike, copies, unused)


@dataclass
class Simplified:
    """What can be done. `files`: all of it together, as `Proposal.files`."""

    proposals: list[Proposal] = field(default_factory=list)
    files: dict[str, str | None] = field(default_factory=dict)
    events: int = 0


def simplify(folder: Path, environ: Mapping[str, str], requests: Sequence[Request] = ()) -> Simplified:
    """What to make simpler in `folder`; nothing is changed. Raises `WorkspaceError` (it has errors), `OSError`."""
    with tempfile.TemporaryDirectory(prefix="tagport-simplify-") as name:
        draft = Draft(folder, Path(name) / "workspace", secrets.environment(folder, environ))
        return _Search(draft, requests).found()


class _Search:
    def __init__(self, draft: Draft, requests: Sequence[Request]) -> None:
        self._draft = draft
        self._requests = requests
        self._result = Simplified()
        self._refused: set[str] = set()
        problems = Problems()
        container = draft.container(problems)
        if container is None:
            raise WorkspaceError(problems.errors)
        self._events: list[Event] = generated(draft.documents(), list(container.clients), NOW)
        self._result.events = len(self._events) + len(requests)
        self._baseline = self._now()

    def found(self) -> Simplified:
        """Step by step, until nothing is left."""
        for step in STEPS:
            while new := [one for one in step(self._draft) if one.title not in self._refused]:
                if step is unused and self._proved(_together(new)):
                    self._take(*new)
                elif self._proved(new[0]):
                    self._take(new[0])
                else:
                    self._refused.add(new[0].title)
        return self._result

    def _take(self, *proposals: Proposal) -> None:
        for one in proposals:
            self._draft.put(one.files)
            self._result.proposals.append(one)
            self._result.files |= one.files
        if any(one.renamed for one in proposals):
            self._baseline = self._now()

    def _proved(self, proposal: Proposal) -> bool:
        if not proposal.touched <= self._baseline.sending:
            return False
        with self._draft.with_files(proposal.files):
            outcome = self._outcome()
        return outcome is not None and self._baseline.same(outcome, proposal.renamed)

    def _now(self) -> Baseline:
        return Baseline(self._outcome() or [], self._outcome() or [])

    def _outcome(self) -> Outcome | None:
        container = self._draft.container(Problems())
        return run(container, self._events, self._requests) if container is not None else None


def _together(proposals: Sequence[Proposal]) -> Proposal:
    files = {name: text for one in proposals for name, text in one.files.items()}
    return Proposal("", "", "", files)
