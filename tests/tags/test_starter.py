"""The starter workspace: every vendor gets every event, and each name it needs is in `.env.example`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from gallery import ROOT

from container.build import build
from container.pipeline import Container
from container.problems import Problems

NAMES = re.findall(r"^([A-Z0-9_]+)=$", (ROOT / ".env.example").read_text(), re.MULTILINE)
ENVIRONMENT = dict.fromkeys(NAMES, "1")


EVENTS = ("add_to_cart", "lead", "page_view", "purchase")
VENDORS = ("ga4", "meta", "tiktok")


def started(folder: Path, environ: Mapping[str, str], problems: Problems) -> Container | None:
    shutil.copy(ROOT / "container.yaml", folder)
    for part in ("triggers", "tags"):
        shutil.copytree(ROOT / part, folder / part)
    return build(folder, problems, environ=environ)


def test_it_loads_without_a_problem(tmp_path: Path) -> None:
    problems = Problems()
    container = started(tmp_path, ENVIRONMENT, problems)
    assert list(problems) == [] and container is not None
    assert [client.id for client in container.clients] == ["api", "ga4", "shopify"]
    assert [tag.id for tag in container.tags] == [f"{vendor}_{event}" for vendor in VENDORS for event in EVENTS]
    assert {tag.triggers for tag in container.tags} == {(event,) for event in EVENTS}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_without_a_value_is_told_by_name(name: str, tmp_path: Path) -> None:
    problems = Problems()
    assert started(tmp_path, {known: "1" for known in NAMES if known != name}, problems) is None
    assert problems.errors and all(f"`{name}`" in problem.message for problem in problems)


def test_leads_are_one_event_at_each_vendor(tmp_path: Path) -> None:
    container = started(tmp_path, ENVIRONMENT, Problems())
    assert container is not None
    given = {tag.id: tag.destinations[0].binding.values.constants for tag in container.tags}
    named = [given[f"{vendor}_lead"]["event_name"] for vendor in VENDORS]
    assert named == ["generate_lead", "Lead", "Lead"]
