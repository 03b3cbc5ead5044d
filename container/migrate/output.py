"""What a migration writes: everything, or nothing; and what `check` says of it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from container.build import Builder, in_memory
from container.errors import WorkspaceError
from container.migrate.report import report
from container.migrate.result import HAND, Result
from container.problems import Problem, Problems
from container.workspace import documents, secrets
from container.workspace.starter import gallery

ENV, EXAMPLE, IGNORE, REPORT = ".env", ".env.example", ".gitignore", "report.md"
IGNORED = (".env", "/data/")
PRIVATE = 0o600


def files_of(result: Result) -> dict[str, str]:
    """Every file by its path, the report last."""
    found = dict(sorted(result.files.items()))
    found[IGNORE] = "\n".join(IGNORED) + "\n"
    if result.env:
        found[ENV] = "".join(
            _assignment(name, value, result.env_why.get(name, "")) for name, value in sorted(result.env.items())
        )
        names = sorted(name for name in result.env)
        found[EXAMPLE] = "# Copy this file to `.env` and fill it in. `.env` is never committed.\n" + "".join(
            f"{name}=\n" for name in names
        )
    found[REPORT] = report(result)
    return found


def _assignment(name: str, value: str, why: str) -> str:
    comment = "".join(f"# {line}\n" for line in why.splitlines())
    return f"{comment}{name}={_env_value(value)}\n"


def _env_value(value: str) -> str:
    if re.fullmatch(r"[\w./:@+=~-]*", value, re.ASCII):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def checked(result: Result) -> None:
    """Ask `check`: what is wrong besides the known gaps becomes a line of the report."""
    with tempfile.TemporaryDirectory(prefix="tagport-migrate-") as name:
        folder = Path(name)
        _write(folder, files_of(result))
        problems = Problems()
        _build(folder, problems)
    by_file = {entry.file: entry for entry in result.entries if entry.file and entry.kind != "template"}
    for problem in problems.errors:
        if _expected(problem):
            continue
        entry = by_file.get(problem.file)
        text = f"{problem.message} ({problem.file}:{problem.line}, {problem.code})"
        if entry is not None and problem.file != "container.yaml":
            if entry.grade == HAND and problem.code in ("unknown-trigger", "unknown-parameter"):
                continue  # told in plainer words
            entry.hand(text)
        else:
            result.remarks.append(f"`check` says: {text}")


def _build(folder: Path, problems: Problems) -> None:
    """As `check` does."""
    workspace = documents.load(folder, problems, gallery())
    Builder(workspace, problems, secrets.environment(folder, {})).container(in_memory)


def _expected(problem: Problem) -> bool:
    return problem.code in ("missing-environment", "missing-secret") and "TODO_" in problem.message


def write(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """All files into `folder`, or none. Raises WorkspaceError where one of them is there already, and OSError."""
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError([Problem(str(folder), 1, 1, "not-a-folder", "this is a file, not a folder")])
    for name in ("container.yml", *files):
        if (folder / name).exists() and name != IGNORE:
            message = "this is there already, and nothing is overwritten: choose another folder, or `--update`"
            raise WorkspaceError([Problem(str(folder / name), 1, 1, "already-there", message)])
    if (folder / IGNORE).is_file():
        known = (folder / IGNORE).read_text(encoding="utf-8").splitlines()
        missing = [line for line in IGNORED if line not in known]
        files = {**files, IGNORE: "\n".join([*known, *missing]) + "\n"}
    return _write(folder, files)


def _write(folder: Path, files: Mapping[str, str]) -> list[Path]:
    made: list[Path] = []
    folders = _missing_folders(folder, files)
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                made.append(path)
            path.write_text(text, encoding="utf-8", newline="\n")
            if name == ENV:
                path.chmod(PRIVATE)
    except OSError:
        for path in made:
            path.unlink(missing_ok=True)
        for path in sorted(folders, key=lambda one: len(one.parts), reverse=True):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        raise
    return [folder / name for name in files]


def _missing_folders(folder: Path, files: Iterable[str]) -> set[Path]:
    wanted = {parent for name in files for parent in (folder / name).parents}
    return {path for path in wanted if not path.exists()}
