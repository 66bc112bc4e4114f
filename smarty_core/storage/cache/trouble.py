"""What to do when Redis is slow or gone: ask seldom, say so once a minute, spare the database."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from typing import Final

BREAK_SECONDS: Final = 1.0
"""After a failure nobody asks for so long; then one thread may try."""

TELL_SECONDS: Final = 60.0

BUILDS_AT_ONCE: Final = 4
"""How many values are built from SQL at the same time while Redis is away."""

BUILD_WAIT_SECONDS: Final = 30.0

log = logging.getLogger("smarty_main")


class Breaker:
    """Open (asking is useless) for a second after each failure. Safe to share between threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._open_until = 0.0
        self._failures = 0
        self._told_at = float("-inf")
        self._told = False
        self._building = threading.local()
        self._builds = threading.BoundedSemaphore(BUILDS_AT_ONCE)

    def may_ask(self) -> bool:
        """Whether to try now. While in trouble only one thread gets a yes per second."""
        if not self._failures:
            return True
        now = time.monotonic()
        with self._lock:
            if now < self._open_until:
                return False
            self._open_until = now + BREAK_SECONDS
            return True

    @property
    def in_trouble(self) -> bool:
        return self._failures > 0

    @property
    def failures(self) -> int:
        """Failures since it last worked."""
        return self._failures

    def failed(self, exc: Exception) -> None:
        now = time.monotonic()
        with self._lock:
            self._failures += 1
            self._open_until = now + BREAK_SECONDS
            tell = now - self._told_at >= TELL_SECONDS
            if tell:
                self._told_at, self._told = now, True
            failures = self._failures
        if tell:
            log.warning(
                "%s does not do its work (%s: %s), %d failures so far; the server works from its own memory and SQL",
                self._name, type(exc).__name__, str(exc)[:200], failures,
            )  # fmt: skip

    def worked(self) -> None:
        if self._failures:
            with self._lock:
                failures, self._failures = self._failures, 0
                # A Redis that reads but refuses to write changes sides with every call; the log need not.
                told, self._told = self._told, False
            if told:
                log.info("%s works again after %d failures", self._name, failures)

    @contextlib.contextmanager
    def spared(self) -> Iterator[None]:
        """Around a build: at most four at once while in trouble, all at once otherwise. A build inside a build goes
        along with it: four that wait for a fifth place each would wait for ever."""
        if not self.in_trouble or getattr(self._building, "inside", False):
            yield
            return
        taken = self._builds.acquire(timeout=BUILD_WAIT_SECONDS)
        self._building.inside = True
        try:
            yield
        finally:
            self._building.inside = False
            if taken:
                self._builds.release()
