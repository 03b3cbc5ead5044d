"""An environment with `test_mode: true`: live tags ask for their vendor's test mode, or are told."""

from __future__ import annotations

from pathlib import Path

from overlaid import load, values

from container.workspace.conform import plain

ONLINE = """\
params: {properties: {pixel_id: {}, test_code: {}, checked: {}}}
online: {needs: [test_code], params: {checked: true}, event: {}}
"""
DESTINATIONS = 'template: meta\ndestinations: {a: {pixel_id: "1", checked: false}, b: {test_code: B}}\n'


def test_test_modes_are_forced_on_live_tags(tmp_path: Path) -> None:
    files = {"environments/testing.yaml": "test_mode: true\ntags: {meta: {params: {test_code: T}}}\n"}
    files |= {"templates/meta.yaml": ONLINE, "tags/open.yaml": "template: open\nmode: paused\n"}
    files |= {"tags/bare.yaml": "template: bare\nmode: shadow\n"}
    workspace, problems = load(tmp_path, "testing", **files)
    assert not len(problems)
    assert values(workspace, "tags")["meta"]["params"] == {"pixel_id": "1", "test_code": "T", "checked": True}
    assert plain(workspace.container)["container"] == "shop"


def test_a_live_tag_that_would_be_counted_is_told(tmp_path: Path) -> None:
    files = {"environments/testing.yaml": "test_mode: true\n", "templates/meta.yaml": ONLINE}
    files |= {"tags/two.yaml": DESTINATIONS, "tags/none.yaml": "template: meta\ndestinations: {}\n"}
    _, problems = load(tmp_path, "testing", **files)
    told = [(problem.code, problem.message.partition("`")[2].partition("`")[0]) for problem in problems]
    mode, code = "no-test-mode", "no-test-code"
    assert told == [(mode, "bare"), (code, "meta"), (code, "none"), (mode, "open"), (code, "two")]


def test_every_destination_is_forced(tmp_path: Path) -> None:
    files = {"environments/testing.yaml": "test_mode: true\ntags: {all: {params: {test_code: T}}}\n"}
    files |= {"templates/meta.yaml": ONLINE, "tags/two.yaml": DESTINATIONS}
    workspace, _ = load(tmp_path, "testing", **files)
    found = values(workspace, "tags")["two"]
    assert found["destinations"] == {"a": {"pixel_id": "1", "checked": True}, "b": {"test_code": "B", "checked": True}}


def test_test_mode_is_true_or_false(tmp_path: Path) -> None:
    _, problems = load(tmp_path, None, **{"environments/testing.yaml": "test_mode: always\n"})
    assert [problem.code for problem in problems] == ["wrong-type"]
