"""What a migration writes: everything, or nothing."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest

from container.errors import WorkspaceError
from container.migrate.output import ENV, EXAMPLE, IGNORE, REPORT, files_of, write
from container.migrate.result import Result
from container.workspace import secrets


def result(**env: str) -> Result:
    leaves = dict.fromkeys(("total", "used", "bookkeeping", "not_understood"), 0)
    return Result("shop", web=False, leaves=leaves, files={"container.yaml": "container: shop\n"}, env=env)


def test_what_belongs_into_env_has_an_example_beside_it_and_is_ignored_by_git() -> None:
    found = files_of(result(TOKEN="s3cret", TODO=""))
    assert list(found) == ["container.yaml", IGNORE, ENV, EXAMPLE, REPORT]
    assert found[ENV] == "TODO=\nTOKEN=s3cret\n"
    assert "s3cret" not in found[EXAMPLE] and found[EXAMPLE].endswith("TODO=\nTOKEN=\n")
    assert found[IGNORE].splitlines() == [".env", "/data/"]
    assert ENV not in files_of(result())


@pytest.mark.parametrize(
    "value",
    [
        "a'b", "a\\b", "a\\'b", "x\\", "one\ntwo", "a # b", "$HOME ${HOME}", " blanks ", '"quoted"', "'", "\\n", "a=b",
        "-----BEGIN PRIVATE KEY-----\nMII+/=\n-----END PRIVATE KEY-----\n", "export A=1", "Köln",
    ],
)  # fmt: skip
def test_a_value_in_env_is_read_as_it_was(value: str, tmp_path: Path) -> None:
    told = result(VALUE=value, ZLAST="1")
    told.env_why["VALUE"] = "of two\nlines"
    write(tmp_path, files_of(told))
    environment = secrets.environment(tmp_path, {}, tmp_path / "none")
    assert (environment["VALUE"], environment["ZLAST"]) == (value, "1")


def test_secrets_are_for_the_owner_alone(tmp_path: Path) -> None:
    write(tmp_path / "shop", files_of(result(TOKEN="x")))
    assert stat.S_IMODE((tmp_path / "shop" / ENV).stat().st_mode) == 0o600


def test_nothing_is_overwritten_but_a_gitignore_that_gets_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / IGNORE).write_text("*.pyc\n.env\n")
    write(tmp_path, files_of(result()))
    assert (tmp_path / IGNORE).read_text() == "*.pyc\n.env\n/data/\n"
    with pytest.raises(WorkspaceError) as caught:
        write(tmp_path, files_of(result()))
    [problem] = caught.value.problems
    assert (problem.code, problem.file) == ("already-there", str(tmp_path / "container.yaml"))
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError):
        write(tmp_path / "file", {"a.yaml": ""})


def test_where_one_file_cannot_be_written_none_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Path.write_text

    def full(path: Path, *said: object, **how: object) -> int:
        if path.name == REPORT:
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(path, *said, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", full)
    told = files_of(result(TOKEN="x")) | {"tags/a.yaml": "a: b\n"}
    told[REPORT] = told.pop(REPORT)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "shop", told)
    assert list(tmp_path.iterdir()) == []
