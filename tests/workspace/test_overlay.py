from __future__ import annotations

from pathlib import Path

from overlaid import FILES, load, values

from container.workspace.conform import plain


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
