"""A file of reference data, ready in memory, that may be replaced while the server runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from smarty_core.api.surroundings import Log
from smarty_core.errors import InvalidValue, StorageError

T = TypeVar("T")

LOOK_EVERY: Final = 2.0
"""Seconds between two looks at the file."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    mark: tuple[int, ...]
    value: T


class LiveFile(Generic[T]):
    """What `read` makes of the file at `path`. Safe between threads.

    The first `get` reads the file. Later ones cost a comparison of times; every `every` seconds one of them wakes a
    thread that looks whether the file was replaced, and reads it there. What is in use stays in use until the new one
    is read, and also when the new one cannot be read or there is none any more.

    `read` raises `InvalidValue` or `OSError` for a file that is no good. `advice` is added to what operators are told
    then. Replace the file by renaming another one over it: a file written over in place is read half old, half new.
    """

    def __init__(
        self, path: Path, read: Callable[[Path], T], *, log: Log, advice: str = "", every: float = LOOK_EVERY
    ) -> None:
        self.path = path
        self._read = read
        self._log = log
        self._advice = advice
        self._every = every
        self._kept: _Kept[T] | None = None
        self._trouble = ""
        self._bad: tuple[int, ...] | None = None
        self._look_at = 0.0
        self._looking = threading.Lock()

    def get(self) -> T:
        """The content. Raises `StorageError` while there has never been a good one."""
        kept = self._kept
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + self._every
            if kept is not None:
                threading.Thread(target=self.look, name=f"look-at-{self.path.name}", daemon=True).start()
            else:
                self.look()
                kept = self._kept
        if kept is None:
            kept = self._wait()
        return kept.value

    def look(self) -> bool:
        """Look at the file now, in this thread, and read it if it has changed; whether it was read."""
        with self._looking:
            try:
                found = self.path.stat()
                mark = (found.st_ino, found.st_size, found.st_mtime_ns)
                if (self._kept is not None and mark == self._kept.mark) or mark == self._bad:
                    return False
                self._bad = mark
                self._kept = _Kept(mark, self._read(self.path))
                self._bad, self._trouble = None, ""
                return True
            except (OSError, InvalidValue) as exc:
                self._complain(exc)
                return False

    def _wait(self) -> _Kept[T]:
        """Another thread may be reading the file for the first time."""
        with self._looking:
            kept, untried = self._kept, not self._trouble
        if kept is None and untried:
            self.look()
            kept = self._kept
        if kept is None:
            raise StorageError(self._trouble or f"{self.path} has not been read yet")
        return kept

    def _complain(self, exc: Exception) -> None:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        trouble = f"{self.path}: {reason}" + (f"; {self._advice}" if self._advice else "")
        if trouble != self._trouble:
            self._trouble = trouble
            self._log.warning("FILE_UNREADABLE", file=str(self.path), error=trouble, in_use=self._kept is not None)
