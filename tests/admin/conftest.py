from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from days import let_meta_wait
from processes import at_once

from container.cli import command


@pytest.fixture
def waiting_shop(tmp_path: Path) -> Path:
    """A starter workspace in which only Meta's purchase waits for both copies."""
    folder = tmp_path / "shop"
    assert CliRunner().invoke(command, ["init", str(folder)]).exit_code == 0
    at_once(folder)
    let_meta_wait(folder)
    return folder
