"""Objects a process keeps between requests; each dies with its tags.

The cache of the installation holds bytes; what every request needs as ready objects (an operator, the tariffs of an
operator, what an account holds) is kept here. Looking costs a dictionary access and a comparison of version numbers,
never a query.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

Versions = Callable[[Sequence[str]], tuple[int, ...]]
"""The present versions of tags, from memory (`Cache.tag_versions.vector`)."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    tags: tuple[str, ...]
    versions: tuple[int, ...]
    dies_at: float


class Remembered(Generic[T]):
    """At most `limit` objects by key, the least recently used go first. Safe between threads.

    A miss is built once; other threads that want the same key wait for it.
    """

    def __init__(self, versions: Versions, *, limit: int, seconds: float = 300.0) -> None:
        self._versions = versions
        self._limit = limit
        self._seconds = seconds
        self._kept: OrderedDict[Hashable, _Kept[T]] = OrderedDict()
        self._guard = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, *, tags: Sequence[str], build: Callable[[], T]) -> T:
        """The object of `key`, built when it is missing, too old, or one of its tags was bumped meanwhile."""
        found = self._fresh(key)
        if found is not None:
            return found.value
        with self._guard:
            lock = self._building.setdefault(key, threading.Lock())
        with lock:
            try:
                found = self._fresh(key)
                if found is not None:
                    return found.value
                versions = self._versions(tags)  # before reading: what changes while we read is read again
                value = build()
                self._keep(key, _Kept(value, tuple(tags), versions, time.monotonic() + self._seconds))
                return value
            finally:
                with self._guard:
                    self._building.pop(key, None)

    def known(self, key: Hashable) -> T | None:
        """The object of `key` when `get` need not build it."""
        found = self._fresh(key)
        return None if found is None else found.value

    def forget(self, key: Hashable) -> None:
        with self._guard:
            self._kept.pop(key, None)

    def _fresh(self, key: Hashable) -> _Kept[T] | None:
        with self._guard:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if kept.dies_at > time.monotonic() and self._versions(kept.tags) == kept.versions:
                self._kept.move_to_end(key)
                return kept
            del self._kept[key]
            return None

    def _keep(self, key: Hashable, kept: _Kept[T]) -> None:
        with self._guard:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
