"""Bytes kept in this process: least recently used go first, everything has an end."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

OVERHEAD = 400
"""Bytes an entry costs beside its key and value, roughly."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A packed value, the tag versions it was made with, and when (monotonic clock) it ends.

    Until `sure_until` it may be used without asking anybody; after that only when nobody can be asked.
    """

    packed: bytes
    versions: Mapping[str, int]
    ends_at: float
    sure_until: float


@dataclass(slots=True)
class CacheUse:
    """How a cache of this process is used. The two counts are for people: threads that meet may lose one."""

    hits: int = 0
    misses: int = 0


class LocalBytes:
    """A bounded store. Safe to share between threads."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._counts: dict[str, tuple[int, float]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> Entry | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry.ends_at <= time.monotonic():
                self._remove(key)
                return None
            self._entries.move_to_end(key)
            return entry

    def set(self, key: str, entry: Entry) -> None:
        cost = _cost(key, entry)
        with self._lock:
            self._remove(key)
            if cost > self.max_bytes // 4:
                return  # one value must not push out everything else
            self._entries[key] = entry
            self._bytes += cost
            while self._bytes > self.max_bytes:
                self._remove(next(iter(self._entries)))

    def delete(self, key: str) -> None:
        with self._lock:
            self._remove(key)

    def count(self, key: str, timeout: float) -> int:
        """Count `key` up; a count lives `timeout` seconds from its first step."""
        now = time.monotonic()
        with self._lock:
            number, ends_at = self._counts.get(key, (0, 0.0))
            if ends_at <= now:
                number, ends_at = 0, now + timeout
                if len(self._counts) >= 100_000:
                    self._drop_old_counts(now)
            self._counts[key] = (number + 1, ends_at)
            return number + 1

    def clear(self, prefix: str) -> None:
        """Forget everything whose key begins with `prefix`."""
        with self._lock:
            for key in [key for key in self._entries if key.startswith(prefix)]:
                self._remove(key)
            for key in [key for key in self._counts if key.startswith(prefix)]:
                del self._counts[key]

    @property
    def used_bytes(self) -> int:
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def _drop_old_counts(self, now: float) -> None:
        alive = {key: count for key, count in self._counts.items() if count[1] > now}
        if len(alive) >= 100_000:
            alive = dict(sorted(alive.items(), key=lambda item: item[1][1])[50_000:])
        self._counts = alive

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _cost(key, entry)


def _cost(key: str, entry: Entry) -> int:
    return len(key) + len(entry.packed) + OVERHEAD + 100 * len(entry.versions)
