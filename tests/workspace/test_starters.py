"""`tagport init --from NAME`: every source has a starter that loads, and whose own tests pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from container.build import SCHEMAS, build
from container.cli.routes import run
from container.clients import KINDS
from container.problems import Problems
from container.workspace import documents, starter, starters

KNOWN = starters.known(starter.sources())


def environment(folder: Path) -> dict[str, str]:
    """A value for everything the workspace's .env.example names."""
    names = re.findall(r"^([A-Z0-9_]+)=$", (folder / ".env.example").read_text(), re.MULTILINE)
    return {name: f"{number}" for number, name in enumerate(names, 1000)}


def works(folder: Path) -> list[str]:
    """Load it and run its tests; the ids of its clients."""
    problems, environ = Problems(), environment(folder)
    container = build(folder, problems, environ=environ)
    assert container is not None and not len(problems), list(problems)
    for document in documents.load(folder, problems, None).of("tests"):
        assert run(folder, document, environ).problems == []
    return [client.id for client in container.clients]


def test_each_says_what_it_is() -> None:
    assert {"ga4", "shopify", "json"} <= set(KNOWN)
    assert all(len(help) > 10 and not help.endswith(".") for help in KNOWN.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_client_has_its_starter(kind: str) -> None:
    texts = [path.read_text() for path in starter.sources().glob(f"*/{starters.CLIENTS}")]
    assert any(re.search(rf"\bkind: {kind}\b", text) for text in texts)


@pytest.mark.parametrize("name", KNOWN)
def test_it_loads_and_its_tests_pass(name: str, tmp_path: Path) -> None:
    starter.write(tmp_path, SCHEMAS, names=[name])
    assert len(works(tmp_path)) >= 1
    assert list((tmp_path / "tests" / "routes").glob("*.yaml")), "a starter shows in a test what it does"


@pytest.mark.parametrize("name", KNOWN)
def test_the_tags_wait_for_no_copy_that_nobody_brings(name: str, tmp_path: Path) -> None:
    for names in ([name], [name, "ga4"], [name, "json"]):
        folder = tmp_path / "-".join(names)
        starter.write(folder, SCHEMAS, names=list(dict.fromkeys(names)))
        container = build(folder, Problems(), environ=environment(folder))
        assert container is not None
        assert {client.kind in starters.BROWSERS for client in container.clients} == {
            client.source == "browser" for client in container.clients
        }
        both = {client.source for client in container.clients} == {"browser", "server"}
        assert bool([tag for tag in container.tags if tag.wait]) == both, names


@pytest.mark.parametrize("name", KNOWN)
def test_nothing_in_env_example_is_left_over(name: str, tmp_path: Path) -> None:
    starter.write(tmp_path, SCHEMAS, names=[name])
    written = "".join(path.read_text() for path in tmp_path.rglob("*.yaml"))
    assert [secret for secret in environment(tmp_path) if f".{secret}" not in written] == []


def test_several_stand_beside_each_other(tmp_path: Path) -> None:
    starter.write(tmp_path, SCHEMAS, names=list(KNOWN))
    assert len(works(tmp_path)) >= len(KNOWN)


def test_without_a_name_it_is_the_general_starter(tmp_path: Path) -> None:
    files = {"container.yaml": "clients:\n  a: {}\n"}
    assert starters.laid_over(files, tmp_path, []) == files


def test_only_the_clients_are_replaced_and_secrets_follow(tmp_path: Path) -> None:
    files = {
        "container.yaml": "# --- Clients\nclients:\n  old: {token: x}\n\n# --- Consent\nconsent: no\n",
        ".env.example": "# Copy it.\n\n# Tags\nPIXEL=\n\n# Old\nOLD_TOKEN=\n",
        "tags/a.yaml": 'params: {id: "{{ env.PIXEL }}"}\n',
    }
    for name, text in {
        "new/clients.yaml": "# New things\nclients:\n  # new\n  new: {token: \"{{ secret.NEW_TOKEN }}\"}\n",
        "new/.env.example": "# New\nNEW_TOKEN=\n",
        "new/transformations/names.yaml": "at: arrival\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert starters.known(tmp_path) == {"new": "New things"}
    assert starters.laid_over(files, tmp_path, ["new"]) == {
        "container.yaml": '# --- Clients\nclients:\n  # new\n  new: {token: "{{ secret.NEW_TOKEN }}"}\n\n'
        "# --- Consent\nconsent: no\n",
        ".env.example": "# Copy it.\n\n# Tags\nPIXEL=\n\n# New\nNEW_TOKEN=\n",
        "tags/a.yaml": 'params: {id: "{{ env.PIXEL }}"}\n',
        "transformations/names.yaml": "at: arrival\n",
    }
