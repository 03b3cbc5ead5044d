"""Where `secret.X` and `env.X` come from: the environment, then /run/secrets, then the workspace's `.env`."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from container.errors import WorkspaceError
from container.problems import Place, Problem, Problems

SECRET_FILES = Path("/run/secrets")
ENV_FILE = ".env"
logging.getLogger("dotenv").setLevel(logging.ERROR)  # its words about such lines, without the file's name
_NAME = re.compile(r"[^/\\\0.][^/\\\0]*")


def environment(folder: Path, env: Mapping[str, str], secret_files: Path = SECRET_FILES) -> Mapping[str, str]:
    """Names to values; the first source that has something under a name wins, an empty value counts as none.

    Read on first use and kept, so that a changed file counts from the next load on. Reading raises WorkspaceError
    where a file is there and cannot be read.
    """
    return _Environment(folder, env, secret_files)


def check_lines(folder: Path, problems: Problems) -> None:
    """Warn of the lines of `.env` that say nothing; what stands in them is not shown."""
    path = folder / ENV_FILE
    for line in parse_stream(io.StringIO(_text(path, ENV_FILE))) if path.is_file() else ():
        if line.error:
            written = line.original.string
            number = line.original.line + len(written) - len(written.lstrip("\r\n"))
            message = "this line gives no name a value, and is left out"
            hint = "write NAME=value, with the quotes closed where there are any"
            problems.warning("env-line", message, Place(ENV_FILE, number), hint)


class _Environment(Mapping[str, str]):
    """Shows no value in its repr."""

    def __init__(self, folder: Path, env: Mapping[str, str], secret_files: Path) -> None:
        self._folder = folder
        self._env = env
        self._secret_files = secret_files
        self._of_files: dict[str, str] = {}
        self._of_env_file: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        value = self._env.get(name) or self._secret_file(name) or self._env_file().get(name)
        if not value:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        files = (path.name for path in self._secret_files.iterdir()) if self._secret_files.is_dir() else ()
        names = dict.fromkeys([*self._env, *sorted(files), *self._env_file()])
        return (name for name in names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _secret_file(self, name: str) -> str:
        if name not in self._of_files:
            path = self._secret_files / name
            found = _NAME.fullmatch(name) and path.is_file()
            self._of_files[name] = _text(path, str(path)).rstrip("\r\n") if found else ""
        return self._of_files[name]

    def _env_file(self) -> dict[str, str]:
        if self._of_env_file is None:
            path = self._folder / ENV_FILE
            text = _text(path, ENV_FILE) if path.is_file() else ""
            values = dotenv_values(stream=io.StringIO(text), interpolate=False)
            self._of_env_file = {name: value for name, value in values.items() if value}
        return self._of_env_file


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason, code = f"this file cannot be read: {error.strerror}", "unreadable-file"
    except UnicodeDecodeError:
        reason, code = "this file is not UTF-8", "not-utf8"
    hint = "save it as UTF-8 in your editor" if code == "not-utf8" else "let the user that runs tagport read it"
    raise WorkspaceError([Problem(name, 1, 1, code, reason, hint)])
