"""Options of clients, fixed at load; each mistake at its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from speaking import context

from container.clients.options import (
    path_option,
    paths_option,
    secrets_option,
    settings,
    text_option,
    upstream_option,
)
from container.language.expression import Context
from container.node import Node
from container.problems import Problems
from container.workspace.reader import read_text

ENVIRONMENT = {"A": "one", "B": "two", "EMPTY": ""}


def read(option: Callable[[Node, Context], Any], yaml: str) -> tuple[Any, list[str]]:
    """What the option is, and the codes of what is wrong."""
    known = context(environment=ENVIRONMENT)
    node = read_text(yaml, "clients/a.yaml", Problems())
    assert node is not None
    return option(node, known), [problem.code for problem in known.problems]


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ("https://old.shop.de", ("https://old.shop.de", [])),
        ('"http://{{ env.A }}:8080/path"', ("http://one:8080/path", [])),
        ("old.shop.de", ("old.shop.de", ["bad-upstream"])),
        ("https://u:p@old.shop.de", ("https://u:p@old.shop.de", ["bad-upstream"])),
        ("https://old.shop.de/?x=1", ("https://old.shop.de/?x=1", ["bad-upstream"])),
    ],
)
def test_upstream(yaml: str, found: tuple[str, list[str]]) -> None:
    assert read(upstream_option, yaml) == found


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ("/a", (("/a",), [])),
        ('["/a", "/{{ env.A }}"]', (("/a", "/one"), [])),
        ("[a]", (("a",), ["bad-path"])),
        ("/a?b", (("/a?b",), ["bad-path"])),
        ("/a#b", (("/a#b",), ["bad-path"])),
    ],
)
def test_paths(yaml: str, found: tuple[tuple[str, ...], list[str]]) -> None:
    assert read(paths_option, yaml) == found


def test_a_text_that_is_none_is_told_once() -> None:
    def token(node: Node, known: Context) -> str:
        return text_option(node, known, "token")

    assert read(token, "[a]") == ("", ["missing-value"])
    assert read(token, '"{{ env.EMPTY }}"') == ("", ["missing-environment"])
    assert read(token, '"{{ secret.B }}"') == ("two", [])


def test_of_secrets_there_may_be_several_but_not_none() -> None:
    def secrets(node: Node, known: Context) -> tuple[str, ...]:
        return secrets_option(node, known, "secret")

    assert read(secrets, '["{{ secret.A }}", "{{ secret.B }}"]') == (("one", "two"), [])
    assert read(secrets, "[]") == (("",), ["missing-value"])
    assert secrets_option(None, context(), "secret") == ()


def test_what_nobody_wrote() -> None:
    known = context()
    assert (upstream_option(None, known), path_option(None, known), paths_option(None, known)) == ("", "", ())
    assert settings("shop", {}, "server", known) == {
        "id": "shop", "name": "shop", "source": "server", "default_consent": None, "upstream": "",
    }  # fmt: skip


def test_a_browser_has_no_browser_copy_to_take_consent_from() -> None:
    known = context()
    settings("shop", {"consent": "from_browser", "source": "server"}, "browser", known)
    assert not len(known.problems)
    settings("shop", {"consent": "from_browser"}, "browser", known)
    assert [problem.code for problem in known.problems] == ["not-allowed"]
