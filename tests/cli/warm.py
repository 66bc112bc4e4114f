"""Commands in processes of their own that need not import the program first.

A process that has imported every command waits for command lines and makes a copy of itself for each: the copy has the
folder, environment and files it is given, runs `main` and ends as a process ends. `python -m tests.cli.warm` is it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 120.0


@dataclass(frozen=True)
class Line:
    """A command line: where, what, with which environment, and the paths of the files for input, output and errors."""

    folder: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    files: tuple[str, str, str]


class Warm:
    """The waiting process."""

    def __init__(self) -> None:
        self._ours, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.warm", str(theirs.fileno())],
            cwd=ROOT, pass_fds=[theirs.fileno()], start_new_session=True,
        )  # fmt: skip
        theirs.close()

    def run(self, line: Line) -> int:
        """The exit code of one command; minus the number of the signal that killed it."""
        self._ours.send(line)
        if not self._ours.poll(SECONDS):
            self.close()
            raise AssertionError(f"it takes too long: {' '.join(line.arguments)}")
        return int(self._ours.recv())

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._ours.close()


_idle: list[Warm] = []
_lock = threading.Lock()


@atexit.register
def _close() -> None:
    while _idle:
        _idle.pop().close()


@contextlib.contextmanager
def warm() -> Iterator[Warm]:
    """A waiting process of one's own for the block."""
    with _lock:
        found = _idle.pop() if _idle else None
    found = found or Warm()
    yield found
    _idle.append(found)


def _next_line(connection: Connection) -> Line:
    """Returns only in copies, each with its line."""
    while True:
        try:
            line: Line = connection.recv()
        except EOFError:
            sys.exit()
        copy = os.fork()
        if copy == 0:
            return line
        connection.send(os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]))


def _run(line: Line) -> None:
    from smarty_core.cli.main import main

    for number, (path, flags) in enumerate(zip(line.files, (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        file = os.open(path, flags)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(line.environment)
    os.chdir(line.folder)
    sys.path[0] = line.folder
    sys.argv = ["manage.py", *line.arguments]
    main()


def _wait(connection: Connection) -> None:
    from smarty_core.cli.main import COMMANDS, load_command

    for name in COMMANDS:
        load_command(name)
    assert threading.active_count() == 1
    gc.freeze()
    line = _next_line(connection)
    connection.close()
    _run(line)


if __name__ == "__main__":
    # The lines were pickled where this module has its full name.
    from tests.cli import warm as known

    known._wait(Connection(int(sys.argv[1])))
