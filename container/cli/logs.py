"""The log on standard error: one line for what an operator should know, never a secret or a visitor's data."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from types import TracebackType

from container.masking import masked_text

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """Time, level, words. An exception is told by its kind and its place: its own words may quote a request."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """In UTC."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))

    def formatException(self, ei: Failure) -> str:  # noqa: N802
        """Kind and frames, innermost first."""
        kind, _, trace = ei
        frames = reversed(traceback.extract_tb(trace))
        places = "".join(f"\n    {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        return f"  {kind.__name__ if kind else 'no exception'}{places}"

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry, e-mail addresses masked."""
        return masked_text(super().format(record))


def to_stderr() -> None:
    """Our own news from INFO on, libraries' warnings; of HTTP only errors, for bad clients are no news."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("tagport", "container"):
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("uvicorn", "asyncio", "aiohttp"):
        logging.getLogger(name).setLevel(logging.ERROR)
