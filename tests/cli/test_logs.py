from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator

import pytest

from container.cli.logs import Formatter, to_stderr


def entry(message: str, *, failing: bool = False) -> str:
    info = None
    if failing:
        try:
            raise ValueError("jane@example.com")
        except ValueError:
            info = sys.exc_info()
    return Formatter().format(logging.LogRecord("tagport.x", logging.WARNING, "f.py", 1, message, (), info))


def test_a_line_has_the_time_in_utc_the_level_and_the_words() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING the store is busy", entry("the store is busy"))


def test_e_mail_addresses_are_masked() -> None:
    assert "jane@" not in entry("refused: jane@example.com")


def test_an_exception_is_told_by_its_kind_and_place_not_by_its_words() -> None:
    told = entry("failed", failing=True)
    assert "ValueError" in told
    assert "test_logs.py" in told
    assert "jane" not in told
    assert "example.com" not in told


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    names = ("tagport", "container", "uvicorn", "asyncio", "aiohttp")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers[:] = before
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


@pytest.mark.usefixtures("restored")
def test_our_news_are_shown_and_requests_of_libraries_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    to_stderr()
    logging.getLogger("tagport.delivery").info("account resumed")
    logging.getLogger("aiohttp").info("HTTP Request: POST https://x/?access_token=abc")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    logging.getLogger("other").warning("odd")
    told = capsys.readouterr().err
    assert "account resumed" in told
    assert "odd" in told
    assert "access_token" not in told
    assert "Invalid HTTP" not in told
