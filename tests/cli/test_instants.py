from __future__ import annotations

import pytest

from container.cli.instants import parse_instant

TEN = 1_795_428_000.0  # 2026-11-23T10:00:00Z


@pytest.mark.parametrize(
    "text",
    ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00", "2026-11-23T11:00:00+01:00", "2026-11-23 10:00", "1795428000"],
)
def test_a_time_as_people_write_it(text: str) -> None:
    assert parse_instant(text) == TEN


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)
