"""Many threads, one transaction: rows that are to be committed at the same time are committed together.

A thread that finds nobody writing writes at once, so a lone row waits for nothing. Those that come while it writes
queue up, and the first of them then writes the rows of all. When a group fails nothing of it is stored, and each of
its threads writes its own row by itself: a bad row fails alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from smarty_core.errors import StorageError

T = TypeVar("T")

GROUP: Final = 100
"""Rows of one transaction."""

WAITING_LIMIT: Final = 1000


class GroupCommit(Generic[T]):
    """Safe to share between threads, which is what it is for.

    `write` commits the rows it is given in one transaction, or none of them and raises. How long a row waits is bounded
    by how long two calls of `write` take.
    """

    def __init__(self, write: Callable[[Sequence[T]], None], *, group: int = GROUP, limit: int = WAITING_LIMIT) -> None:
        self._write = write
        self._group = group
        self._limit = limit
        self._waiting: deque[_Place[T]] = deque()
        self._writing = False
        self._guard = threading.Lock()

    def put(self, row: T) -> None:
        """Come back when `row` is committed.

        Raises what `write` raises for this row alone, and `StorageError` when too many rows wait already.
        """
        mine = _Place(row)
        with self._guard:
            if len(self._waiting) >= self._limit:
                raise StorageError(f"{self._limit} rows wait to be written already")
            self._waiting.append(mine)
            writes, self._writing = not self._writing, True
        if not writes:
            mine.turn.acquire()
            if mine.outcome == _STORED:
                return
            writes = mine.outcome == _YOUR_TURN
        if not (writes and self._write_group()):
            self._write([row])

    def _write_group(self) -> bool:
        """Write the rows that wait, the caller's first; False when none of them is stored."""
        with self._guard:
            group = [self._waiting.popleft() for _ in range(min(self._group, len(self._waiting)))]
        alone = len(group) == 1
        stored = False
        try:
            self._write([place.row for place in group])
            stored = True
        except Exception:
            if alone:
                raise
        finally:
            with self._guard:
                following = self._waiting[0] if self._waiting else None
                self._writing = following is not None
            for place in group[1:]:
                place.tell(_STORED if stored else _ALONE)
            if following is not None:
                following.tell(_YOUR_TURN)
        return stored


_STORED, _ALONE, _YOUR_TURN = range(3)


class _Place(Generic[T]):
    """A row in the queue. `turn` is locked until `outcome` is known."""

    __slots__ = ("outcome", "row", "turn")

    def __init__(self, row: T) -> None:
        self.row = row
        self.outcome = _ALONE
        self.turn = threading.Lock()
        self.turn.acquire()

    def tell(self, outcome: int) -> None:
        self.outcome = outcome
        self.turn.release()
