"""`tagport migrate --simplify`: what can be made simpler is told first, and done on request."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Tagport = Callable[..., Result]


@pytest.fixture
def simple(tmp_path: Path) -> Path:
    folder = tmp_path / "simple"
    for name, text in {
        "container.yaml": "container: shop\nconsent: {unknown: denied}\nclients: {api: {kind: json, path: /events}}\n",
        "tags/own.yaml": "template: http_request\ntriggers: [all_events]\nconsent: []\n"
        "params: {stream: own, url: https://own.example.com/in, json: {name: '{{ event.event_name }}'}}\n",
        "variables/old.yaml": "'{{ event.old }}'\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("path: /events", "path: /events, open: true"))
    return folder


def test_what_can_be_made_simpler_is_told_then_done(simple: Path, tagport: Tagport) -> None:
    told = tagport("migrate", "--simplify", simple)
    assert told.exit_code == 1, told.output
    assert "drop the variable `old` (unused-variable)\n   nobody reads it\n   delete: variables/old.yaml" in told.output
    assert (simple / "variables/old.yaml").exists()
    done = tagport("migrate", "--simplify", simple, "--apply", "--format", "json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert rows["applied"] is True
    assert rows["proposals"][0]["files"] == [{"file": "variables/old.yaml", "change": "delete"}]
    assert not (simple / "variables/old.yaml").exists()
    again = tagport("migrate", "--simplify", simple)
    assert (again.exit_code, "nothing to make simpler" in again.output) == (0, True)


def test_traffic_is_looked_at_too(simple: Path, tmp_path: Path, tagport: Tagport) -> None:
    events = json.loads(tagport("migrate", "--simplify", simple, "--format", "json").stdout)["events"]
    traffic = tmp_path / "hits.jsonl"
    traffic.write_text(json.dumps({"path": "/events", "body": {"event_name": "purchase"}}) + "\n")
    told = tagport("migrate", "--simplify", simple, "--traffic", traffic, "--format", "json")
    assert json.loads(told.stdout)["events"] == events + 1


def test_what_cannot_be_simplified_is_told(simple: Path, tmp_path: Path, tagport: Tagport) -> None:
    nowhere = tagport("migrate", "--simplify", tmp_path / "none")
    assert nowhere.exit_code == 2
    assert f"{tmp_path / 'none'} is no folder" in nowhere.output
    assert tagport("migrate", "--simplify", simple, tmp_path).exit_code == 2
    assert tagport("migrate", "--simplify", simple, "--traffic", tmp_path / "none.har").exit_code == 2
    assert tagport("migrate", "--apply", simple, tmp_path).exit_code == 2
    assert tagport("migrate", simple).exit_code == 2
    (simple / "tags/own.yaml").write_text("template: nobody_wrote_it\ntriggers: []\n")
    told = tagport("migrate", "--simplify", simple)
    assert told.exit_code == 2
    assert "nobody_wrote_it" in told.output


def test_a_file_that_cannot_be_written_is_told(
    simple: Path, tagport: Tagport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(simple / "variables"))

    monkeypatch.setattr("container.migrate.update.apply", full)
    told = tagport("migrate", "--simplify", simple, "--apply")
    assert told.exit_code == 2
    assert f"{simple / 'variables'}: No space left on device" in told.output
