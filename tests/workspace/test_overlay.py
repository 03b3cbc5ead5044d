from __future__ import annotations

from pathlib import Path
from typing import Any

from container.problems import Problems
from container.workspace import documents
from container.workspace.conform import plain

FILES = {
    "container.yaml": """\
container: shop
delivery: {give_up_after: 3d}
store: sqlite:data/shop.db
clients:
  ga4: {kind: ga4, name: GA4}
variables: {market: "{{ event.market }}"}
""",
    "clients/shopify.yaml": "kind: shopify\npath: /webhooks\n",
    "templates/meta.yaml": "params: {properties: {pixel_id: {}, test_code: {}}}\n",
    "templates/open.yaml": "params: {additionalProperties: true}\n",
    "templates/bare.yaml": "title: no parameters\n",
    "tags/meta.yaml": 'template: meta\nparams: {pixel_id: "1"}\nmode: live\n',
    "tags/open.yaml": "template: open\n",
    "tags/bare.yaml": "template: bare\n",
    "environments/staging.yaml": """\
container: shop-staging
delivery: {retry: false, give_up_after: 1h}
store:
clients:
  shopify: {path: /staging}
  api: {kind: json}
variables: {market: NO}
tags:
  all: {mode: shadow, params: {test_code: T1}}
  meta: {mode: paused, params: {pixel_id: "2"}}
""",
}


def load(folder: Path, environment: str | None = None, **files: str) -> tuple[documents.Workspace, Problems]:
    for name, text in {**FILES, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    problems = Problems()
    return documents.load(folder, problems, None, environment), problems


def values(workspace: documents.Workspace, kind: str) -> dict[str, Any]:
    return {document.id: plain(document.node) for document in workspace.of(kind)}


def test_nothing_changes_without_its_name(tmp_path: Path) -> None:
    workspace, problems = load(tmp_path)
    assert not len(problems)
    assert plain(workspace.container)["container"] == "shop"
    assert values(workspace, "tags")["meta"]["mode"] == "live"


def test_keys_of_the_container_are_overlaid_deep(tmp_path: Path) -> None:
    workspace, problems = load(tmp_path, "staging")
    assert not len(problems)
    assert plain(workspace.container) == {
        "container": "shop-staging",
        "delivery": {"give_up_after": "1h", "retry": False},
        "store": "sqlite:data/shop.db",
    }


def test_objects_are_overlaid_wherever_they_are_written(tmp_path: Path) -> None:
    workspace, _ = load(tmp_path, "staging")
    assert values(workspace, "clients") == {
        "api": {"kind": "json"},
        "ga4": {"kind": "ga4", "name": "GA4"},
        "shopify": {"kind": "shopify", "path": "/staging"},
    }
    assert values(workspace, "variables") == {"market": "NO"}


def test_parameters_and_modes_of_tags(tmp_path: Path) -> None:
    workspace, _ = load(tmp_path, "staging")
    assert values(workspace, "tags") == {
        "meta": {"template": "meta", "params": {"pixel_id": "2", "test_code": "T1"}, "mode": "paused"},
        "open": {"template": "open", "params": {"test_code": "T1"}, "mode": "shadow"},
        "bare": {"template": "bare", "params": {}, "mode": "shadow"},
    }


def test_a_problem_in_the_overlay_is_shown_in_its_file(tmp_path: Path) -> None:
    workspace, _ = load(tmp_path, "staging")
    tag = workspace.documents["tags"]["meta"].mapping
    mode = tag.get("mode")
    assert mode is not None
    assert (mode.place.file, mode.place.line) == ("environments/staging.yaml", 10)


def test_every_environment_is_looked_at(tmp_path: Path) -> None:
    _, problems = load(tmp_path, None, **{"environments/live.yaml": "tags: {mta: {mode: live}}\n"})
    (problem,) = problems
    assert (problem.code, problem.file, problem.hint) == (
        "unknown-tag",
        "environments/live.yaml",
        "did you mean `meta`?",
    )


def test_a_tag_that_could_not_be_read_is_no_problem_of_the_environment(tmp_path: Path) -> None:
    broken = {"tags/meta.yaml": "a: [\n", "environments/live.yaml": "tags: {all: {params: {pixel_id: x}}}\n"}
    _, problems = load(tmp_path, "staging", **broken)
    assert [problem.file for problem in problems] == ["tags/meta.yaml"]


def test_an_environment_that_could_not_be_read_is_one_problem(tmp_path: Path) -> None:
    _, problems = load(tmp_path, "staging", **{"environments/staging.yaml": "a: [\n"})
    assert [problem.code for problem in problems] == ["yaml-syntax"]


def test_an_environment_may_stand_in_container_yaml(tmp_path: Path) -> None:
    container = FILES["container.yaml"] + "environments: {local: {container: here}}\n"
    workspace, problems = load(tmp_path, "local", **{"container.yaml": container})
    assert not len(problems)
    assert plain(workspace.container)["container"] == "here"


def test_an_unknown_environment_names_those_there_are(tmp_path: Path) -> None:
    _, problems = load(tmp_path, "production")
    (problem,) = problems
    assert (problem.code, problem.hint) == ("unknown-environment", "there are: staging")


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
    files |= {"tags/two.yaml": DESTINATIONS}
    _, problems = load(tmp_path, "testing", **files)
    told = [(problem.code, problem.message.partition("`")[2].partition("`")[0]) for problem in problems]
    mode, code = "no-test-mode", "no-test-code"
    assert told == [(mode, "bare"), (code, "meta"), (mode, "open"), (code, "two")]


def test_every_destination_is_forced(tmp_path: Path) -> None:
    files = {"environments/testing.yaml": "test_mode: true\ntags: {all: {params: {test_code: T}}}\n"}
    files |= {"templates/meta.yaml": ONLINE, "tags/two.yaml": DESTINATIONS}
    workspace, _ = load(tmp_path, "testing", **files)
    found = values(workspace, "tags")["two"]
    assert found["destinations"] == {"a": {"pixel_id": "1", "checked": True}, "b": {"test_code": "B", "checked": True}}


def test_test_mode_is_true_or_false(tmp_path: Path) -> None:
    _, problems = load(tmp_path, None, **{"environments/testing.yaml": "test_mode: always\n"})
    assert [problem.code for problem in problems] == ["wrong-type"]
