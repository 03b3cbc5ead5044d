from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from container.delivery.owner import Owner


def test_a_running_process_is_alive_until_it_lets_go(tmp_path: Path) -> None:
    first, second = Owner(tmp_path), Owner(tmp_path)
    first.take()
    second.take()
    assert first.alive(second.id) and second.alive(first.id) and first.alive(first.id)
    second.release()
    assert not first.alive(second.id)
    assert [path.stem for path in tmp_path.iterdir()] == [first.id]
    first.release()
    assert list(tmp_path.iterdir()) == []


def test_owners_have_names_of_their_own(tmp_path: Path) -> None:
    assert Owner(tmp_path).id != Owner(tmp_path).id


def test_a_killed_process_is_dead_and_its_file_is_removed(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from container.delivery.owner import Owner\n"
        "owner = Owner(pathlib.Path(sys.argv[1])); owner.take(); print(owner.id, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        other = process.stdout.readline().strip()
        mine = Owner(tmp_path)
        mine.take()
        assert mine.alive(other)
        process.kill()
    assert not mine.alive(other)
    assert not (tmp_path / f"{other}.lock").exists()
    mine.release()


def test_taking_clears_away_what_dead_ones_left(tmp_path: Path) -> None:
    (tmp_path / "01DEAD.lock").touch()
    owner = Owner(tmp_path)
    owner.take()
    assert [path.stem for path in tmp_path.iterdir()] == [owner.id]
    owner.release()


def test_one_that_never_took_its_lock_is_dead_even_to_itself(tmp_path: Path) -> None:
    assert not Owner(tmp_path).alive(Owner(tmp_path).id)
    owner = Owner(tmp_path)
    assert not owner.alive(owner.id)


def test_a_store_in_memory_knows_one_owner_only() -> None:
    owner = Owner.beside(None)
    owner.take()
    assert owner.alive(owner.id)
    assert not owner.alive("01ANOTHER")
    owner.release()


def test_the_locks_lie_beside_the_database(tmp_path: Path) -> None:
    owner = Owner.beside(tmp_path / "tagport.db")
    owner.take()
    assert (tmp_path / "tagport.db.owners" / f"{owner.id}.lock").exists()
    owner.release()


def test_a_name_that_leads_elsewhere_is_no_owner(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no owner"):
        Owner(tmp_path).alive("../x")
