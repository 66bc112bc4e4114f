"""What this process knows of tag versions. Whatever is cached names its tags; it is good while none of them moved."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

FLUSH_TAG: Final = "cache:ordinary"
"""Moves with `flushall`; every ordinary value depends on it."""

FLUSH_PROTECTED_TAG: Final = "cache:protected"
"""Moves with `flushall --flush-protected`; protected values depend on it."""

TRUSTED_SECONDS: Final = 600.0
"""How long values are still used when the versions cannot be read at all any more."""


class TagVersions:
    """A map of tag -> version, kept up to date by `TagWatcher`. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._lock = threading.Lock()
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._confirmed_at: float | None = None
        self._moves = 0

    @property
    def moves(self) -> int:
        """Changes whenever anything moves. What is read while it stays the same is as new as what it is kept with, even
        when the tags are known only after the reading."""
        return self._moves

    def vector(self, tags: Iterable[str]) -> tuple[int, ...]:
        """The versions of `tags`, for objects kept in this process only: a change of the tuple makes them old.

        It ends with the version of the whole ordinary cache, so `flushall` is felt too. A tag never bumped counts 0.
        """
        known = self._known
        return (*[known.get(tag, 0) for tag in tags], known.get(FLUSH_TAG, 0))

    def version(self, tag: str) -> int:
        return self._known.get(tag, 0)

    def current(self, tags: Iterable[str]) -> dict[str, int]:
        """Tag -> version, to be stored beside a value."""
        known = self._known
        return {tag: known.get(tag, 0) for tag in tags}

    def are_good(self, stored: Mapping[str, int]) -> bool:
        """Whether nothing behind a value stored with these versions has changed since.

        A stored version above ours is good: its writer has heard of a change before us.
        """
        known = self._known
        return all(version >= known.get(tag, 0) for tag, version in stored.items())

    def learn(self, versions: Mapping[str, int]) -> frozenset[str]:
        """Take in versions from anywhere; older ones than known are ignored. Gives the tags that moved."""
        with self._lock:
            moved = frozenset(tag for tag, version in versions.items() if version > self._known.get(tag, 0))
            if moved:
                # Counted before and after: who begins in between has another count at its end, or the old versions.
                self._moves += 1
                self._known.update((tag, versions[tag]) for tag in moved)
                self._moves += 1
        if moved:
            for listener in self._listeners:
                listener(moved)
        return moved

    def on_change(self, listener: Callable[[frozenset[str]], None]) -> None:
        """Call `listener` with the tags that moved, in the thread that learned of it. It must be quick."""
        self._listeners.append(listener)

    def confirm(self) -> None:
        """The versions have just been compared with the database."""
        self._confirmed_at = time.monotonic()

    @property
    def trusted(self) -> bool:
        """False before the versions were read for the first time, and when that failed for ten minutes."""
        return self._confirmed_at is not None and time.monotonic() - self._confirmed_at < TRUSTED_SECONDS

    def __len__(self) -> int:
        return len(self._known)
