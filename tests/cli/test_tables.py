"""Files of orders as shops and spreadsheets write them, and what each bad line is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from container.cli.common import CannotRun
from container.cli.tables import Line, Unread, column, read_table, time_of
from container.errors import Unreadable


def table(folder: Path, data: bytes) -> tuple[tuple[str, ...], list[Line | Unread]]:
    path = folder / "orders.csv"
    path.write_bytes(data)
    found = read_table(path)
    return found.columns, list(found.lines)


def test_columns_are_called_as_fields_are(tmp_path: Path) -> None:
    columns, lines = table(tmp_path, b"\r\n Order ID ;;Paid-At\r\n1001; x ;2026-11-23\r\n\r\n;;\r\n1002;;\r\n")
    assert columns == ("order_id", "paid_at")
    assert lines == [Line(3, {"order_id": "1001", "paid_at": "2026-11-23"}), Line(6, {"order_id": "1002"})]
    assert column(" Größe (cm)") == "gr_e_cm"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04rest", "is a spreadsheet, no text: save it as CSV"),
        ("a,b\n".encode("utf-16"), "is UTF-16"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b'"a,b\n1,2\n', "the first line must name the columns: a quote that opens here is never closed"),
    ],
    ids=["spreadsheet", "utf-16", "empty", "open-quote"],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(CannotRun, match=reason):
        table(tmp_path, data)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"1,2,3", "it has 3 values, and the first line names 2 columns"),
        (b"M\xfcller,2", "it is not UTF-8"),
        (b'"1"x,2', "the quotes do not pair"),
    ],
    ids=["a comma", "latin", "quotes"],
)
def test_a_line_of_a_csv_that_cannot_be_read_is_told_and_the_others_count(
    tmp_path: Path, bad: bytes, reason: str
) -> None:
    _, (first, told, last) = table(tmp_path, b"a,b\n1,2\n" + bad + b"\n3,4\n")
    assert isinstance(told, Unread) and told.number == 3 and told.reason.startswith(reason)
    assert (first, last) == (Line(2, {"a": "1", "b": "2"}), Line(4, {"a": "3", "b": "4"}))


def test_lines_of_json_and_those_that_are_none(tmp_path: Path) -> None:
    columns, lines = table(tmp_path, b'{"a": 1}\n\n[2]\n{"b": M\xfc}\n{"c": \n{"d": 4}\n')
    assert columns == ()
    assert [line.number for line in lines] == [1, 3, 4, 5, 6]
    assert [line.values for line in lines if isinstance(line, Line)] == [{"a": 1}, {"d": 4}]
    reasons = [line.reason for line in lines if isinstance(line, Unread)]
    assert reasons[0].startswith("a line is an object") and reasons[1] == "it is not UTF-8"
    assert "line 1" not in reasons[2] and "the body" not in reasons[2], "the file has other lines"


@pytest.mark.parametrize("data", [b'[{"a": 1}, {"a": 2}]', b'{"records": [{"a": 1}, {"a": 2}]}'])
def test_a_list_and_what_format_json_prints(tmp_path: Path, data: bytes) -> None:
    assert table(tmp_path, data)[1] == [Line(1, {"a": 1}), Line(2, {"a": 2})]


@pytest.mark.parametrize(
    "values",
    [
        {"time": "2026-11-23 11:00:00 +0100"},
        {"date": "2026-11-23 10:00:00 UTC"},
        {"timestamp": "", "created_at": 1_795_428_000},
        {"received": "1795428000"},
    ],
)
def test_the_time_a_line_states(values: dict[str, Any]) -> None:
    assert time_of(values) == 1_795_428_000.0


def test_no_time_and_one_that_is_none() -> None:
    assert time_of({"time": None, "note": "2026"}) is None
    with pytest.raises(Unreadable, match="`paid_at` is `soon`, which is no time"):
        time_of({"paid_at": "soon"})
