"""Redis (or Redis Cluster) for all processes, with a local layer in front of it in each.

A value with tags is used from the local layer until its end, because a change of its tags is heard of within a second.
One without tags is asked for again after a second. While Redis is away, what is local stays good (ten minutes at most,
never longer than its own timeout); what is not is built from SQL, four builds at once.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from smarty_core.errors import InvalidValue
from smarty_core.storage.cache.codec import MAX_BYTES, pack, unpack
from smarty_core.storage.cache.local import CacheUse, Entry, LocalBytes
from smarty_core.storage.cache.memory import LOCAL_BYTES, Flush
from smarty_core.storage.cache.protocol import note_cached, part_tag
from smarty_core.storage.cache.redis_store import RedisStore
from smarty_core.storage.cache.single_flight import SingleFlight
from smarty_core.storage.cache.tagversions import TagVersions

KEPT_SECONDS: Final = 600.0
"""How old local data may become."""

UNTAGGED_SECONDS: Final = 1.0
"""How long a value without tags is used without asking Redis again."""


class RedisCache:
    """The cache of an installation with Redis. `max_bytes=0` switches the local layer off (all but what trouble
    needs)."""

    shared: Final = True

    def __init__(
        self,
        store: RedisStore,
        *,
        tag_versions: TagVersions | None = None,
        flush: Flush | None = None,
        max_bytes: int = LOCAL_BYTES,
    ) -> None:
        self.store: Final = store
        # Compared with None: what knows no version yet is empty, and so counts as false.
        self._versions = TagVersions() if tag_versions is None else tag_versions
        if tag_versions is None:
            self._versions.confirm()
        self._flush = flush or self._move
        self.use: Final = CacheUse()
        self._local = LocalBytes(max_bytes)
        self._counts = LocalBytes(0)
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
        full_keys = [self._key(key, False) for key in keys]
        found = {key: self._find_local(key, sure=True) for key in full_keys}
        missing = [key for key in full_keys if found[key] is None]
        if missing and self._versions.trusted:
            answers = self.store.get_many(missing)
            for key, answer in zip(missing, answers, strict=True):
                found[key] = self._understood(key, answer)
        return [None if packed is None else unpack(packed) for packed in map(found.__getitem__, full_keys)]

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
        packed = self._find_local(full_key, sure=True)
        if packed is not None:
            self.use.hits += 1
            return unpack(packed)

        versions = self._versions.current((*deps, part_tag(protected)))

        def fill() -> bytes:
            ready = self._find(full_key)
            if ready is not None:
                self.use.hits += 1
                return ready
            self.use.misses += 1
            with self.store.breaker.spared():
                built = pack(build())
            self._store(full_key, built, versions, timeout)
            note_cached(key, timeout, deps)
            return built

        # Who asks after a change does not join a build that began before it.
        return unpack(self._flights.do((full_key, *versions.items()), fill))

    def delete(self, key: str, *, protected: bool = False) -> None:
        full_key = self._key(key, protected)
        self._local.delete(full_key)
        self.store.delete(full_key)

    def incr(self, key: str, timeout: float, *, protected: bool = False) -> int:
        full_key = self._key(f"#{key}", protected)
        own = self._counts.count(full_key, timeout)
        shared = self.store.count(full_key, timeout)
        # The own count goes along, so that a limit does not start anew when Redis goes away.
        return own if shared is None else shared

    def flush(self, protected: bool = False) -> None:
        self._flush([part_tag(False), part_tag(True)] if protected else [part_tag(False)])
        for part in ("o", "p") if protected else ("o",):
            self._local.clear(part)
        self.store.sweep(self._part(protected) for protected in (False, True))

    def on_close(self, callback: Callable[[], None]) -> None:
        self._closing.append(callback)

    def close(self) -> None:
        while self._closing:
            self._closing.pop()()
        self.store.close()

    def _part(self, protected: bool) -> str:
        return f"{'p' if protected else 'o'}{self._versions.version(part_tag(protected))}"

    def _key(self, key: str, protected: bool) -> str:
        return f"{self._part(protected)}:{key}"

    def _find(self, key: str) -> bytes | None:
        packed = self._find_local(key, sure=True)
        if packed is not None or not self._versions.trusted:
            return packed
        return self._understood(key, self.store.get(key))

    def _understood(self, key: str, answer: bytes | None) -> bytes | None:
        """The packed value in what Redis said; while it is in trouble, an old one of our own."""
        if answer is None:
            return self._find_local(key, sure=False) if self.store.breaker.in_trouble else None
        # Damaged, or written by something else: as good as nothing.
        with contextlib.suppress(InvalidValue, TypeError, ValueError):
            ends_at, versions, packed = unpack(answer)
            if isinstance(packed, bytes) and isinstance(versions, dict) and self._versions.are_good(versions):
                self._keep(key, packed, versions, float(ends_at) - time.time())
                return packed
        return None

    def _find_local(self, key: str, *, sure: bool) -> bytes | None:
        entry = self._local.get(key)
        if entry is None or not self._versions.trusted:
            return None
        if not self._versions.are_good(entry.versions):
            self._local.delete(key)
            return None
        if sure and entry.sure_until <= time.monotonic():
            return None
        return entry.packed

    def _store(self, key: str, packed: bytes, versions: Mapping[str, int], timeout: float) -> None:
        if timeout <= 0 or len(packed) > MAX_BYTES or not self._versions.trusted:
            return
        self._keep(key, packed, versions, timeout)
        self.store.set(key, pack([time.time() + timeout, dict(versions), packed]), timeout)

    def _keep(self, key: str, packed: bytes, versions: Mapping[str, int], timeout: float) -> None:
        now = time.monotonic()
        ends_at = now + min(timeout, KEPT_SECONDS)
        tagged = len(versions) > 1  # the one they all have is that of their part
        self._local.set(
            key, Entry(packed, versions, ends_at, ends_at if tagged else min(ends_at, now + UNTAGGED_SECONDS))
        )

    def _move(self, tags: Sequence[str]) -> None:
        self._versions.learn({tag: self._versions.version(tag) + 1 for tag in tags})
