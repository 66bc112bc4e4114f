"""Rendered bodies that many sessions share, kept as segments between authkey slots.

A body is rendered once per key and filled for each request by joining its segments. It dies when its time is over,
when one of its tags is bumped, or when the byte budget needs room (least recently used first).
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from smarty_core.web.method import AUTHKEY_SLOT

MAX_BYTES: Final = 256 * 1024 * 1024
_SLOT: Final = AUTHKEY_SLOT.encode()


@dataclass(frozen=True, slots=True)
class RenderedBody:
    """A body in segments; `etag` names its content without the slots."""

    segments: tuple[bytes, ...]
    etag: str
    valid_until: datetime
    tags: tuple[str, ...]
    versions: tuple[int, ...]
    size: int

    def fill(self, authkey: bytes) -> bytes:
        """The bytes for one session."""
        return authkey.join(self.segments)


class RenderedBodies:
    """One per process, safe between threads; a miss is built once, others wait for it."""

    def __init__(self, versions: Callable[[Sequence[str]], tuple[int, ...]], *, max_bytes: int = MAX_BYTES) -> None:
        self._versions = versions
        self._max_bytes = max_bytes
        self._bodies: OrderedDict[Hashable, RenderedBody] = OrderedDict()
        self._bytes = 0
        self._guard = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    def get(
        self, key: Hashable, *, tags: Sequence[str], valid_until: datetime, now: datetime, build: Callable[[], bytes]
    ) -> RenderedBody:
        """The body for `key`, from memory or rendered by `build`."""
        if (found := self._fresh(key, now)) is not None:
            return found
        with self._guard:
            lock = self._building.setdefault(key, threading.Lock())
        with lock:
            try:
                if (found := self._fresh(key, now)) is not None:
                    return found
                versions = self._versions(tags)
                segments = tuple(build().split(_SLOT))
                size = sum(map(len, segments)) + 200 * len(segments)
                etag = hashlib.sha256(b"\0".join(segments)).hexdigest()[:32]
                body = RenderedBody(segments, etag, valid_until, tuple(tags), versions, size)
                self._keep(key, body)
                return body
            finally:
                with self._guard:
                    self._building.pop(key, None)

    def _fresh(self, key: Hashable, now: datetime) -> RenderedBody | None:
        with self._guard:
            body = self._bodies.get(key)
            if body is None:
                return None
            if body.valid_until > now and self._versions(body.tags) == body.versions:
                self._bodies.move_to_end(key)
                return body
            self._bytes -= self._bodies.pop(key).size
            return None

    def _keep(self, key: Hashable, body: RenderedBody) -> None:
        with self._guard:
            if (old := self._bodies.pop(key, None)) is not None:
                self._bytes -= old.size
            self._bodies[key] = body
            self._bytes += body.size
            while self._bytes > self._max_bytes and len(self._bodies) > 1:
                self._bytes -= self._bodies.popitem(last=False)[1].size

    def clear(self) -> None:
        with self._guard:
            self._bodies.clear()
            self._bytes = 0
