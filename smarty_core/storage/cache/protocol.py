"""What every cache of the installation can do, whatever is behind it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from smarty_core.events import log_event
from smarty_core.storage.cache.tagversions import FLUSH_PROTECTED_TAG, FLUSH_TAG, TagVersions

SCHEMA: Final = 1
"""Part of every shared key; counted up when the form of cached values changes, so that two releases may run at once."""

log = logging.getLogger("smarty_cache")


class Cache(Protocol):
    """Values that may vanish at any time. A cache in trouble is an empty cache: nothing here raises `StorageError`
    but `flush`.

    Values are what `codec` can hold: JSON-like data, bytes, aware times, dates, decimals; tuples come back as lists.
    `timeout` is in seconds, a fraction is allowed. `deps` are tags (`client:7:channels`): once one of them was bumped
    the value is gone, in every process within a second. Protected values live in a part of their own that survives an
    ordinary `flushall`; reading one needs the same `protected`.
    """

    @property
    def shared(self) -> bool:
        """Whether what is kept here is seen by other processes."""

    @property
    def tag_versions(self) -> TagVersions:
        """The versions this process knows."""

    def get(self, key: str, *, protected: bool = False) -> Any:
        """The value, or None."""

    def get_many(self, keys: Sequence[str]) -> list[Any]:
        """The ordinary values of several keys, or None for each; one round trip at most."""

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
        """Keep `value`. `as_of`: the versions its tags had when it was read, else those of now. Raises `InvalidValue`
        for what cannot be kept."""

    def get_or_build(
        self,
        key: str,
        build: Callable[[], Any],
        *,
        timeout: float,
        deps: Sequence[str] = (),
        protected: bool = False,
    ) -> Any:
        """The value; when missing it is built once per process, however many threads ask. Errors of `build` come out.

        The tags' versions are taken before `build` runs, so a change during it is never lost. None is a value here.
        """

    def delete(self, key: str, *, protected: bool = False) -> None:
        """Forget a value; a count of the same key stays. Other processes' own copies live up to a second longer
        (without Redis: until their timeout; use a tag for what several processes keep)."""

    def incr(self, key: str, timeout: float, *, protected: bool = False) -> int:
        """Count up by one and give the count; the first count starts its life of `timeout` seconds. Shared by all
        processes with Redis, per process without it or while it is away."""

    def flush(self, protected: bool = False) -> None:
        """Empty the ordinary part, and the protected one too if asked; only of this installation, in all its
        processes. Raises `StorageError` when it cannot."""

    def close(self) -> None:
        """End background work and connections."""


def part_tag(protected: bool) -> str:
    """The tag that moves when that part is flushed."""
    return FLUSH_PROTECTED_TAG if protected else FLUSH_TAG


def note_cached(key: str, timeout: float, deps: Iterable[str]) -> None:
    """Write OBJECT_CACHED."""
    if log.isEnabledFor(logging.DEBUG):
        log_event(
            log, logging.DEBUG, "OBJECT_CACHED", object=key.partition(":")[0], timeout=timeout, key=key, deps=list(deps)
        )


def note_invalidated(tags: Iterable[str]) -> None:
    """Write OBJECT_INVALIDATED, once per tag: `object` is what changed, `deps_key` the key its dependants look at."""
    if log.isEnabledFor(logging.DEBUG):
        for tag in tags:
            log_event(log, logging.DEBUG, "OBJECT_INVALIDATED", object=tag, deps_key=f"tag:{tag}")
