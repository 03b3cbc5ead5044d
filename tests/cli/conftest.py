from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from processes import ENVIRONMENT, at_once

from container.cli import command

Tagport = Callable[..., Result]


@pytest.fixture
def tagport(monkeypatch: pytest.MonkeyPatch) -> Tagport:
    """A verb in this process, with the starter's environment."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def run(*args: str | Path) -> Result:
        return CliRunner().invoke(command, [str(arg) for arg in args])

    return run


@pytest.fixture(scope="session")
def fresh_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A starter workspace whose tags wait for nothing; not to be changed."""
    folder = tmp_path_factory.mktemp("starter") / "shop"
    assert CliRunner().invoke(command, ["init", str(folder)]).exit_code == 0
    return at_once(folder)


@pytest.fixture
def shop(fresh_shop: Path, tmp_path: Path) -> Path:
    """A starter workspace of one's own."""
    return Path(shutil.copytree(fresh_shop, tmp_path / "shop"))
