"""YAML as this workspace reads it: texts quoted where they must be, short lists and mappings on one line, comments.

Written here and not by a library because the reader is ours too: what needs quotes is what *it* would read as
something else, and every place that is written is known by its line.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_/$](?:[\w./@+-]|:(?=[\w/])|[ ](?=[\w./@+(-]))*", re.ASCII)
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Commented:
    """A value with the comment that stands above it."""

    value: Any
    comment: str


def write(value: Any, comment: str = "") -> str:
    """A document; `comment` stands above it."""
    lines = [*comment_lines(comment, ""), *_block(value, "")]
    return "\n".join(lines) + "\n"


def comment_lines(text: str, indent: str) -> list[str]:
    """A comment, line by line; long lines are wrapped."""
    shown = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    lines = [part for line in shown.splitlines() for part in textwrap.wrap(line, WIDTH, break_long_words=False) or [""]]
    return [f"{indent}# {line}".rstrip() for line in lines] if text else []


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Commented):
        yield from comment_lines(value.comment, indent)
        value = value.value
    if isinstance(value, Mapping) and value:
        for key, member in value.items():
            yield from _member(f"{scalar(str(key))}:", member, indent)
    elif isinstance(value, list) and value:
        for element in value:
            yield from _element(element, indent)
    else:
        yield indent + flow(value)


def _member(key: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Commented):
        yield from comment_lines(value.comment, indent)
        value = value.value
    line = None if _has_comment(value) else f"{indent}{key} {flow(value)}"
    if line is not None and (len(line) <= WIDTH or not isinstance(value, Mapping | list) or not value):
        yield line
        return
    yield f"{indent}{key}"
    yield from _block(value, indent + "  ")


def _element(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Commented):
        yield from comment_lines(value.comment, indent)
        value = value.value
    line = None if _has_comment(value) else f"{indent}- {flow(value)}"
    if line is not None and (len(line) <= WIDTH or not isinstance(value, Mapping | list) or not value):
        yield line
        return
    first, *rest = _block(value, indent + "  ")
    yield f"{indent}- {first[len(indent) + 2 :]}"
    yield from rest


def _has_comment(value: Any) -> bool:
    if isinstance(value, Commented):
        return True
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(_has_comment(member) for member in members)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(key))}: {flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return scalar(value)
    return "null" if value is None else json.dumps(value)


def scalar(text: str) -> str:
    """A text, in quotes where it would be read as something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if ("\\" in text or '"' in text) and "'" not in text and "\n" not in text and not _UNPRINTABLE.search(text):
        return f"'{text}'"
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
