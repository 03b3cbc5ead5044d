from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from container.dedup.keys import Keys, open_keys
from container.errors import KeyMismatch


def test_the_key_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "data" / "tagport.key"
    first = open_keys(path, None)
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_keys(path, first.fingerprint).hash("a") == first.hash("a")


def test_processes_that_start_at_once_on_a_new_store_have_one_key(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from container.dedup.keys import open_keys; "
    program += "sys.stdin.readline(); print(open_keys(Path(sys.argv[1]), None).fingerprint)"
    command = [sys.executable, "-c", program, str(tmp_path / "data" / "tagport.key")]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(4)
        ]
        for process in started:
            assert process.stdin is not None
            process.stdin.write("now\n")
            process.stdin.flush()
        told = {process.communicate(timeout=30)[0] for process in started}
    assert len(told) == 1 and told != {""}
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["tagport.key"]


def test_a_process_that_dies_while_it_makes_the_key_leaves_no_half_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(handle: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("container.dedup.keys.os.fsync", dies)
        open_keys(tmp_path / "tagport.key", None)
    assert open_keys(tmp_path / "tagport.key", None).fingerprint


def test_a_missing_key_is_not_made_anew_for_a_store_that_has_one(tmp_path: Path) -> None:
    with pytest.raises(KeyMismatch, match="is missing.*put the key file back"):
        open_keys(tmp_path / "tagport.key", "0123")
    assert not (tmp_path / "tagport.key").exists()


def test_another_stores_key_is_refused(tmp_path: Path) -> None:
    open_keys(tmp_path / "tagport.key", None)
    with pytest.raises(KeyMismatch, match="belongs to another store"):
        open_keys(tmp_path / "tagport.key", "0123")


@pytest.mark.parametrize("text", ["", "zz", "00" * 31])
def test_a_broken_key_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "tagport.key").write_text(text)
    with pytest.raises(KeyMismatch, match=r"tagport\.key"):
        open_keys(tmp_path / "tagport.key", None)


def test_hashes_of_two_keys_cannot_be_compared() -> None:
    assert Keys(b"1" * 32).hash("1001") != Keys(b"2" * 32).hash("1001")


def test_a_sealed_copy_opens_only_under_its_key_and_shows_nothing() -> None:
    keys = Keys(b"1" * 32)
    blob = keys.seal(b"jane@example.com")
    assert b"jane" not in blob
    assert keys.unseal(blob) == b"jane@example.com"
    assert keys.seal(b"jane@example.com") != blob
    with pytest.raises(KeyMismatch):
        Keys(b"2" * 32).unseal(blob)
