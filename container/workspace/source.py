"""A file's bytes into text and its lines, before anything is known of YAML."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from container.problems import Place, Problems

LARGEST = 2 * 1024 * 1024
_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def read_file(path: Path, name: str, problems: Problems) -> str | None:
    """The file's text without a byte order mark. None: problems were added."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        problems.error("unreadable-file", f"this file cannot be read: {error.strerror}", Place(name))
        return None
    if not within_limit(len(data), name, problems):
        return None
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        _not_utf8(data.removeprefix(codecs.BOM_UTF8), error.start, name, problems)
        return None


def source_lines(text: str) -> list[str]:
    """The lines of `text` as places count them."""
    return _BREAKS.split(text.removeprefix("\ufeff"))


def within_limit(size: int, name: str, problems: Problems) -> bool:
    """The size is one that is read; else that is a problem."""
    if size <= LARGEST:
        return True
    message = f"this file is larger than {LARGEST // 1024 // 1024} MB"
    problems.error("too-large", message, Place(name), "split it into several files")
    return False


def _not_utf8(data: bytes, at: int, name: str, problems: Problems) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.error("not-utf8", "this file is UTF-16", Place(name), "save it as UTF-8")
        return
    before = source_lines(data[:at].decode())
    place = Place(name, len(before), len(before[-1]) + 1)
    problems.error("not-utf8", f"the byte 0x{data[at]:02x} is not UTF-8", place, "save the file as UTF-8")
