from __future__ import annotations

from container.problems import Place, Problems, did_you_mean


def test_all_problems_are_gathered_once_and_told_in_order() -> None:
    problems = Problems()
    problems.error("b", "second", Place("tags/a.yaml", 5, 3, 4), "do this")
    problems.warning("a", "first", Place("tags/a.yaml", 2))
    problems.error("b", "second", Place("tags/a.yaml", 5, 3, 4), "do this")
    problems.error("c", "other file", Place("container.yaml", 9))
    assert [problem.message for problem in problems] == ["other file", "first", "second"]
    assert len(problems) == 3
    assert [problem.message for problem in problems.errors] == ["other file", "second"]
    assert list(problems)[2].as_json() == {
        "file": "tags/a.yaml",
        "line": 5,
        "column": 3,
        "severity": "error",
        "code": "b",
        "message": "second",
        "hint": "do this",
    }


def test_did_you_mean_names_what_is_near_and_nothing_else() -> None:
    assert did_you_mean("purchse", ["purchase", "lead"]) == "did you mean `purchase`?"
    assert did_you_mean("PURCHASE", ["purchase"]) == "did you mean `purchase`?"
    assert did_you_mean("xyz", ["purchase", "lead"]) == ""


def test_a_place_moves_along_its_line() -> None:
    assert Place("a.yaml", 3, 5).moved(4, 2) == Place("a.yaml", 3, 9, 2)
    assert str(Place("a.yaml", 3, 5)) == "a.yaml:3"
