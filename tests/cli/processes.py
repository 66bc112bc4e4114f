"""Commands as real processes in a folder of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from tests.cli.warm import Line, warm

WAIT_SECONDS = 60.0


def environment(**more: str) -> dict[str, str]:
    """That of the tests without settings of ours."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("SMARTY_")}
    return {**found, "PYTHONUNBUFFERED": "1", **more}


def manage(folder: Path, *arguments: str, said: str = "", **variables: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command; `said` is typed in.

    It is a copy of a process that has everything imported, unless other code is to be run (`PYTHONPATH`).
    """
    if "PYTHONPATH" in variables:
        command = [sys.executable, "-m", "smarty_core", *arguments]
        done = subprocess.run(command, cwd=folder, env=environment(**variables), input=said, capture_output=True,
                              text=True, timeout=WAIT_SECONDS, check=False)  # fmt: skip
        return done.returncode, done.stdout, done.stderr
    with tempfile.TemporaryDirectory() as place, warm() as process:
        files = [Path(place) / name for name in ("stdin", "stdout", "stderr")]
        for file, text in zip(files, (said, "", ""), strict=True):
            file.write_text(text)
        given, output, errors = map(str, files)
        code = process.run(Line(str(folder), arguments, environment(**variables), (given, output, errors)))
        return code, files[1].read_text(), files[2].read_text()


class Running:
    """A command that goes on. What it prints goes to a file."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self._file = folder / f"output-{time.monotonic_ns()}.txt"
        with self._file.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "smarty_core", *arguments], cwd=folder, env=environment(**variables),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def printed(self) -> str:
        return self._file.read_text(errors="replace")

    def until(self, ready: Callable[[], bool]) -> None:
        """Wait until it is `ready`; fail with what it printed when it ends or takes too long."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not ready():
            assert self.process.poll() is None, f"it ended: {self.printed}"
            assert time.monotonic() < deadline, f"it is not ready: {self.printed}"
            time.sleep(0.05)

    def end(self, signal_number: int) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=40)


@contextlib.contextmanager
def running(folder: Path, *arguments: str, **variables: str) -> Iterator[Running]:
    """A command that is killed at the end of the block if it still runs."""
    made = Running(folder, *arguments, **variables)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait()


def answers(url: str) -> bool:
    """Whether there is a server that answers 200 there."""
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
