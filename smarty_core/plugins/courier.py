"""Carries events to one plugin in order, so that who raises an event never waits for who hears it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Final

from smarty_core.plugins.isolation import plugin_log

WAITING_LIMIT: Final = 10_000
"""Events that may wait for one plugin; more are dropped and counted. What must not be lost goes through the outbox."""


class Courier:
    """One daemon thread and one bounded queue."""

    def __init__(self, plugin: str, *, limit: int = WAITING_LIMIT) -> None:
        self.plugin = plugin
        self.dropped = 0
        self._errands: queue.Queue[Callable[[], None]] = queue.Queue(maxsize=limit)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """Errands nobody has begun with."""
        return self._errands.qsize()

    def send(self, errand: Callable[[], None]) -> None:
        """Take an errand; it must not raise. Returns at once."""
        try:
            self._errands.put_nowait(errand)
        except queue.Full:
            self.dropped += 1
            if self.dropped & (self.dropped - 1) == 0:  # 1, 2, 4, 8 ...: said, but not a line for each
                plugin_log(self.plugin).error(
                    "plugin %s is too slow: %d events were not told to it", self.plugin, self.dropped
                )
            return
        if self._thread is None:
            self._start()

    def drain(self, seconds: float) -> bool:
        """Wait until all errands are done; False if time ran out."""
        deadline = time.monotonic() + seconds
        done = self._errands.all_tasks_done
        with done:
            while self._errands.unfinished_tasks:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                done.wait(remaining)
        return True

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"plugin-{self.plugin}-courier", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            errand = self._errands.get()
            try:
                errand()
            finally:
                self._errands.task_done()
