"""Imports go down the house, never across or in circles; third-party libraries have one door each."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent / "container"
LAYERS = (
    {
        "event", "cookie", "conversion", "decision", "call", "node", "problems", "errors", "encoding", "masking",
        "schemes",
    },
    {"language"},
    {"workspace"},
    {
        "clients", "transformations", "variables", "triggers", "consent", "dedup", "ledger", "templates", "tags",
        "delivery", "records", "signals", "visitors",
    },
    {"pipeline", "build"},
    {"server", "admin", "cli", "migrate", "replay"},
)  # fmt: skip
AMONG_STAGES = {("tags", "templates"), ("dedup", "ledger"), ("delivery", "ledger")}
DOORS = {
    "aiohappyeyeballs": {"delivery"},
    "aiohttp": {"server"},
    "brotli": {"server"},
    "cachetools": {"ledger"},
    "certifi": {"delivery"},
    "click": {"cli"},
    "crawleruseragents": {"clients"},
    "cryptography": {"dedup", "delivery"},
    "dotenv": {"workspace"},
    "httptools": {"delivery"},
    "jinja2": {"admin"},
    "jsonschema_rs": {"templates"},
    "maxminddb": {"visitors"},
    "orjson": {"encoding"},
    "phonenumbers": {"language"},
    "prometheus_client": {"admin"},
    "pycountry": {"language"},
    "re2": {"language"},
    "publicsuffixlist": {"cookie"},
    "rich": {"cli"},
    "sqlite3": {"ledger"},
    "starlette": {"server", "admin", "cli"},
    "ua_parser": {"language"},
    "uvicorn": {"cli"},
    "yaml": {"workspace"},
}


def modules() -> list[Path]:
    return sorted(path for path in HOUSE.rglob("*.py") if path.parent != HOUSE or path.name != "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


@functools.cache
def imports(path: Path) -> Sequence[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            found += (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    return found


def layer(name: str) -> int:
    for level, rooms in enumerate(LAYERS):
        if name in rooms:
            return level
    raise AssertionError(f"`{name}` has no floor in the house: give it one in this table")


def rooms_used(path: Path) -> set[str]:
    inside = [name.split(".")[1] for name in imports(path) if name.startswith("container.")]
    return {name for name in inside if name != "__version__"} - {room(path)}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_down(path: Path) -> None:
    here = room(path)
    for other in rooms_used(path):
        down = layer(other) < layer(here)
        among = (here, other) in AMONG_STAGES or (layer(here) == layer(other) and layer(here) != 3)
        assert down or among, f"{path}: `{here}` may not import `{other}`"


def test_there_are_no_circles() -> None:
    graph: dict[str, set[str]] = {}
    for path in modules():
        name = ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__")
        graph[name] = {found for found in imports(path) if found.startswith("container")}
    known = set(graph)
    edges = {name: (used & known) - {name} for name, used in graph.items()}
    for name in edges:
        reached, todo = set(), [name]
        while todo:
            for target in edges[todo.pop()]:
                if target not in reached:
                    reached.add(target)
                    todo.append(target)
        assert name not in reached, f"{name} imports itself through others"


@pytest.mark.parametrize("library", sorted(DOORS))
def test_a_library_has_one_door(library: str) -> None:
    users = {room(path) for path in modules() for name in imports(path) if name.split(".")[0] == library}
    assert users, f"nothing uses {library}"
    assert users <= DOORS[library]


PLAIN = {"conversion", "errors", "node"}  # values without behaviour: every other test uses them


def test_every_module_has_a_test() -> None:
    """A module's test has its name, or that of the package it is a part of."""
    tests = {path.stem for path in Path(__file__).parent.rglob("test_*.py")}
    folders = {path.parent.name for path in Path(__file__).parent.rglob("test_*.py")}
    missing = [
        str(path.relative_to(HOUSE))
        for path in modules()
        if path.stem not in PLAIN | {"__init__", "__main__"}
        and f"test_{path.stem}" not in tests
        and f"test_{path.parent.name}" not in tests
        and path.parent.name not in folders
    ]
    assert missing == []
