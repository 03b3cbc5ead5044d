"""Documents that are read when somebody asks, and what may exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from container.node import Mapping, Node, Scalar
from container.problems import Place
from container.workspace.model import KINDS, Document, Workspace

PLACE = Place("tags/a.yaml")


def test_a_document_is_read_once_and_only_when_somebody_asks() -> None:
    asked: list[str] = []

    def read() -> Node:
        asked.append("once")
        return Mapping(PLACE)

    document = Document("templates", "meta", read, PLACE, shipped=True)
    assert asked == []
    assert document.node is document.mapping is document.node
    assert asked == ["once"]


def test_only_a_variable_may_be_a_single_text() -> None:
    expression = Scalar(PLACE, "{{ event.x }}")
    document = Document("variables", "market", expression, PLACE)
    assert document.node is expression
    with pytest.raises(TypeError, match="variables market"):
        _ = document.mapping


def test_what_is_there_and_could_not_be_read_may_exist() -> None:
    there = {kind: dict[str, Document]() for kind in KINDS}
    there["tags"]["a"] = Document("tags", "a", Mapping(PLACE), PLACE)
    workspace = Workspace(Path(), Mapping(PLACE), there, unread={("tags", "b"), ("triggers", "c")})
    assert [one.id for one in workspace.of("tags")] == ["a"]
    assert workspace.unreadable("tags") == {"b"}
    assert [workspace.may_exist("tags", id) for id in "abc"] == [True, True, False]
    workspace.container_read = False
    assert workspace.may_exist("tags", "c"), "it may stand in container.yaml"
