"""The cache of one process, for installations without Redis."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from smarty_core.storage.cache.codec import MAX_BYTES, pack, unpack
from smarty_core.storage.cache.local import CacheUse, Entry, LocalBytes
from smarty_core.storage.cache.protocol import note_cached, part_tag
from smarty_core.storage.cache.single_flight import SingleFlight
from smarty_core.storage.cache.tagversions import TagVersions

LOCAL_BYTES: Final = 256 * 1024 * 1024

Flush = Callable[[Sequence[str]], None]
"""Makes the given tags move, in every process of the installation."""


class MemoryCache:
    """A bounded store in this process; other processes hear of changes through tags only."""

    shared: Final = False

    def __init__(
        self, *, tag_versions: TagVersions | None = None, flush: Flush | None = None, max_bytes: int = LOCAL_BYTES
    ) -> None:
        # Compared with None: what knows no version yet is empty, and so counts as false.
        self._versions = TagVersions() if tag_versions is None else tag_versions
        if tag_versions is None:
            self._versions.confirm()
        self._flush = flush or self._move
        self.use: Final = CacheUse()
        self._local = LocalBytes(max_bytes)
        self._flights: SingleFlight[bytes] = SingleFlight()
        self._closing: list[Callable[[], None]] = []

    @property
    def tag_versions(self) -> TagVersions:
        return self._versions

    @property
    def local(self) -> LocalBytes:
        """What this process keeps itself."""
        return self._local

    def get(self, key: str, *, protected: bool = False) -> Any:
        packed = self._find(self._key(key, protected))
        if packed is None:
            self.use.misses += 1
            return None
        self.use.hits += 1
        return unpack(packed)

    def get_many(self, keys: Sequence[str]) -> list[Any]:
        return [self.get(key) for key in keys]

    def set(
        self,
        key: str,
        value: Any,
        *,
        timeout: float,
        deps: Sequence[str] = (),
        as_of: Mapping[str, int] | None = None,
        protected: bool = False,
    ) -> None:
        versions = {**self._versions.current((*deps, part_tag(protected))), **(as_of or {})}
        self._store(self._key(key, protected), pack(value), versions, timeout)
        note_cached(key, timeout, deps)

    def get_or_build(
        self,
        key: str,
        build: Callable[[], Any],
        *,
        timeout: float,
        deps: Sequence[str] = (),
        protected: bool = False,
    ) -> Any:
        full_key = self._key(key, protected)
        packed = self._find(full_key)
        if packed is not None:
            self.use.hits += 1
            return unpack(packed)

        versions = self._versions.current((*deps, part_tag(protected)))

        def fill() -> bytes:
            # Somebody may have finished between our look and our turn.
            ready = self._find(full_key)
            if ready is not None:
                self.use.hits += 1
                return ready
            self.use.misses += 1
            built = pack(build())
            self._store(full_key, built, versions, timeout)
            note_cached(key, timeout, deps)
            return built

        # Who asks after a change does not join a build that began before it.
        return unpack(self._flights.do((full_key, *versions.items()), fill))

    def delete(self, key: str, *, protected: bool = False) -> None:
        self._local.delete(self._key(key, protected))

    def incr(self, key: str, timeout: float, *, protected: bool = False) -> int:
        return self._local.count(self._key(f"#{key}", protected), timeout)

    def flush(self, protected: bool = False) -> None:
        self._flush([part_tag(False), part_tag(True)] if protected else [part_tag(False)])
        self._local.clear("o")
        if protected:
            self._local.clear("p")

    def on_close(self, callback: Callable[[], None]) -> None:
        self._closing.append(callback)

    def close(self) -> None:
        while self._closing:
            self._closing.pop()()

    def _key(self, key: str, protected: bool) -> str:
        # The number of the last flush, so that counters of other processes are felt to be gone as well.
        return f"{'p' if protected else 'o'}{self._versions.version(part_tag(protected))}:{key}"

    def _find(self, key: str) -> bytes | None:
        entry = self._local.get(key)
        if entry is None or not self._versions.trusted:
            return None
        if not self._versions.are_good(entry.versions):
            self._local.delete(key)
            return None
        return entry.packed

    def _store(self, key: str, packed: bytes, versions: dict[str, int], timeout: float) -> None:
        if timeout > 0 and len(packed) <= MAX_BYTES and self._versions.trusted:
            ends_at = time.monotonic() + timeout
            self._local.set(key, Entry(packed, versions, ends_at, ends_at))

    def _move(self, tags: Sequence[str]) -> None:
        self._versions.learn({tag: self._versions.version(tag) + 1 for tag in tags})
