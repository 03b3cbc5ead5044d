"""An export changed by hand, anywhere: it is migrated or refused, and the values add up."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from container.migrate import server
from container.migrate.export import NotAnExport, parse
from container.migrate.output import files_of

CASES = sorted((Path(__file__).parents[1] / "migrations").glob("*.case"))
WRONG: list[Any] = [None, 5, True, [], {}, "", "x", ["a"], {"a": 1}, [[]], "{{x}}", "{{", "\x00", "../..", "1e999", "²"]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def spoiled(version: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same with one to four values replaced."""
    for path in chance.sample([*places(version)], k=chance.randint(1, 4)):
        target: Any = version
        for key in path[:-1]:
            target = target[key] if isinstance(target, dict | list) and _has(target, key) else None
        if isinstance(target, dict | list) and _has(target, path[-1]):
            target[path[-1]] = chance.choice(WRONG)
    return version


def _has(target: Any, key: Any) -> bool:
    return key in target if isinstance(target, dict) else isinstance(key, int) and key < len(target)


@pytest.mark.parametrize("seed", range(4))
def test_no_export_is_too_strange(seed: int) -> None:
    chance = random.Random(seed)
    migrated = 0
    for path in chance.sample(CASES, k=60):
        fragment = json.loads(path.read_text().partition("\n---- ")[0])
        usage = {"container": {"usageContext": ["SERVER"]}}
        version = spoiled({**usage, **fragment}, chance)
        try:
            export = parse(json.dumps({"exportFormatVersion": 2, "containerVersion": version}).encode())
        except NotAnExport:
            continue
        result = (server.convert_web if export.web else server.convert)(export)
        files = files_of(result)
        leaves = result.leaves
        assert leaves["total"] == leaves["used"] + leaves["bookkeeping"] + len(result.not_understood)
        assert all(".." not in name.split("/") and not name.startswith("/") for name in files)
        migrated += 1
    assert migrated > 30


@pytest.mark.parametrize("number", ["²", "9" * 5000, "٣", "-1", ""])
def test_numbers_as_no_export_of_gtm_has_them_are_no_reason_to_fail(number: str) -> None:
    row = [{"type": "TEMPLATE", "key": "name", "value": "value"}, {"type": "TEMPLATE", "key": "value", "value": number}]
    listed = {"type": "LIST", "key": "epToAdd", "list": [{"type": "MAP", "map": row}]}
    tag = {"tagId": number, "name": "A", "type": "sgtmgaaw", "firingTriggerId": [number], "parameter": [listed]}
    version = {
        "container": {"publicId": "GTM-TEST", "usageContext": ["SERVER"]},
        "tag": [tag | {"scheduleStartMs": number}, {"tagId": "2", "name": "B", "type": "sgtmgaaw"}],
        "trigger": [{"triggerId": number, "name": "A", "type": "ALWAYS"}],
    }
    export = json.dumps({"exportFormatVersion": 2, "containerVersion": version})
    assert files_of(server.convert(parse(export.encode())))["report.md"]
