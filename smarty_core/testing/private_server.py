"""One server process that a test starts for itself and may mistreat: kill, hang, start again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

START_SECONDS = 60.0


class Unavailable(Exception):
    """The server cannot be had on this machine; the text says why."""


def free_port() -> int:
    """A loopback port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False


class PrivateServer:
    """A server process of one test: it may be killed, made to hang and started again on the same port and data."""

    def __init__(self, command: Sequence[str], folder: Path, port: int, *, user: str = "", end: int = signal.SIGTERM):
        self.port = port
        self.folder = folder
        self._command = command
        self._user = user
        self._end = end
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = process = subprocess.Popen(
                self._command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                user=self._user or None,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.port):
            if process.poll() is not None or time.monotonic() > deadline:
                words = (self.folder / "server.log").read_text(errors="replace")[-500:]
                raise Unavailable(f"{Path(self._command[0]).name} did not start: {words}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in good order, or by force after ten seconds."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self._end)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End it and its children at once, as a lost host would."""
        process, self._process = self._process, None
        assert process is not None, "it does not run"
        family = _family(process.pid)
        for pid in family:
            _send(pid, signal.SIGKILL)
        process.wait()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "its children live on")

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """While the block runs the system takes connections and nobody says anything."""
        assert self._process is not None, "it does not run"
        family = _family(self._process.pid)
        for pid in family:
            _send(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(family):
                _send(pid, signal.SIGCONT)


def _family(pid: int) -> list[int]:
    """A process, its children and theirs."""
    found = [pid]
    for known in found:
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{known}/task/{known}/children").read_text().split())
    return found


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition; raises `Unavailable`, saying `what` did not happen, when it takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise Unavailable(what)
        time.sleep(0.05)
