"""Several processes behind one port: whoever dies is replaced, nobody outlives the first of them."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from dataclasses import dataclass
from typing import Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

CANNOT_START: Final = 1
"""Exit code of a worker that could not put itself together now; another one may, a moment later."""

SETTLED_SECONDS: Final = 10.0
"""A worker that has lived so long is replaced at once when it dies."""

LONGEST_PAUSE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.2
"""How often a worker that has not answered yet is looked at."""

log = logging.getLogger("smarty_management")


@dataclass(slots=True)
class _Place:
    """One of the workers that there are to be. `again_at` 0: it has not been found dead."""

    started_at: float
    pause: float = 0.0
    again_at: float = 0.0


class Workers(Multiprocess):
    """The first process. `failed` tells after `run` whether it ended because no worker could ever start."""

    def __init__(self, configuration: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(configuration, sockets)
        self.failed = False
        self._settled = False
        self._places: list[_Place] = []

    def terminate_all(self) -> None:
        # Stop listening before the workers drain: whom nobody will answer must be refused, not left waiting.
        for opened in self.sockets:
            opened.close()
        super().terminate_all()

    def keep_subprocess_alive(self) -> None:
        """Replace dead workers. One that dies young, because the database is away say, is replaced ever later."""
        missing = len(self.processes) - len(self._places)
        self._places += [_Place(time.monotonic()) for _ in range(missing)]
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if self._lives(worker):
                self._settled = self._settled or time.monotonic() - self._places[place].started_at > SETTLED_SECONDS
            elif self._is_due(place, worker):
                self.processes[place] = replacement = Process(self.config, self.sockets)
                replacement.start()

    def _lives(self, worker: Process) -> bool:
        """Whether a worker shows a sign of life in time. One that dies is not waited for."""
        try:
            worker.parent_conn.send(b"ping")
            deadline = time.monotonic() + self.config.timeout_worker_healthcheck
            while worker.process.is_alive() and time.monotonic() < deadline:
                if worker.parent_conn.poll(LOOK_SECONDS):
                    worker.parent_conn.recv()
                    return True
        except (OSError, EOFError):
            return False
        return False

    def _is_due(self, number: int, worker: Process) -> bool:
        """Bury a dead worker; whether now is the time for the next one."""
        place, now = self._places[number], time.monotonic()
        if not place.again_at:
            worker.kill()  # it may only have hung
            worker.join()
            if worker.exitcode == STARTUP_FAILURE and not self._settled:
                self.failed = True
                self.should_exit.set()
                return False
            young = now - place.started_at < SETTLED_SECONDS
            place.pause = min(max(1.0, 2 * place.pause), LONGEST_PAUSE_SECONDS) if young else 0.0
            place.again_at = now + place.pause
            log.error("worker process %s has ended (exit code %s); it is replaced", worker.pid, worker.exitcode)
        if now < place.again_at:
            return False
        place.started_at, place.again_at = now, 0.0
        return True


def end_with_the_first() -> None:
    """In a worker: when the first process is gone, however it went, drain and end as at SIGTERM."""
    first = multiprocessing.parent_process()
    if first is None:
        return

    def watch() -> None:
        first.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="watch-first", daemon=True).start()
