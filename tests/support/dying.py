"""`tagport serve`, again and again, each time until it is killed: `python dying.py FOLDER VENDORS PORT LOG`.

A line with a number starts one. 0: somebody else kills it; N: it kills itself at its N-th step, that is whenever
anything of the product is called or returns, a statement, a lock and a write to a socket included. The process id is
told when it starts, the exit code when it has ended. Each is a fork of a process that has read the workspace and is
about to open the store.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from container.build import Ledger, on_disk
from container.cli import serving
from container.cli.logs import to_stderr

HOUSE = Path(serving.__file__).parents[1]
ROOMS = tuple(str(HOUSE / room) for room in ("ledger", "dedup", "delivery", "pipeline.py", "server", "build.py"))


class Steps:
    """Counts what the rooms that decide, store and send do; the N-th is the last."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.counted: dict[CodeType, bool] = {}

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        code = frame.f_code
        counts = self.counted.get(code)
        if counts is None:
            counts = self.counted[code] = code.co_filename.startswith(ROOMS)
        if counts:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)


def opened(path: Path, log: Path) -> Ledger:
    """The store, in a child; the parent only returns to its caller to end."""
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            return born(path, int(line), log)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def born(path: Path, steps: int, log: Path) -> Ledger:
    """The store, with the life's end set."""
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    if steps:
        dies = Steps(steps)
        threading.setprofile(dies)
        sys.setprofile(dies)
    return on_disk(path)


def main(folder: Path, vendors: str, port: int, log: Path) -> None:
    to_stderr()
    serving.on_disk = lambda path: opened(path, log)  # the last thing that is done before it serves
    serving.serve(serving.Options(folder, port=port, vendors=vendors))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
