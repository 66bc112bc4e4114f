"""Rendered bodies that many sessions share, kept as segments between authkey slots.

A body is rendered once per key and filled for each request by joining its segments. It dies when its time is over,
when one of its tags is bumped, or when the byte budget needs room (least recently used first).
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Final

from smarty_core.web.method import AUTHKEY_SLOT
from smarty_core.web.packed import KEY_BYTES, LEVEL, PackedBody, pack

MAX_BYTES: Final = 256 * 1024 * 1024
_SLOT: Final = AUTHKEY_SLOT.encode()


class RenderedBody:
    """A body in segments; `etag` names its content without the slots. Safe between threads."""

    __slots__ = (
        "_guard",
        "_packed",
        "_tried",
        "etag",
        "kept_bytes",
        "segments",
        "size",
        "tags",
        "valid_until",
        "versions",
    )

    def __init__(
        self, segments: tuple[bytes, ...], *, valid_until: datetime, tags: tuple[str, ...], versions: tuple[int, ...]
    ) -> None:
        self.segments = segments
        self.etag = hashlib.sha256(b"\0".join(segments)).hexdigest()[:32]
        self.valid_until = valid_until
        self.tags = tags
        self.versions = versions
        self.size = sum(map(len, segments)) + KEY_BYTES * (len(segments) - 1)
        """Bytes of what `fill` gives."""
        self.kept_bytes = 2 * sum(map(len, segments)) + 200 * len(segments)
        self._packed: PackedBody | bytes | None = None
        self._tried = False
        self._guard = threading.Lock()

    def fill(self, authkey: bytes) -> bytes:
        """The bytes for one session."""
        return authkey.join(self.segments)

    def packed(self, authkey: bytes) -> bytes | None:
        """The same as a gzip file; None when this body has to be compressed for each session."""
        if not self._tried:
            with self._guard:
                if not self._tried:
                    slots = len(self.segments) > 1
                    self._packed = pack(self.segments) if slots else gzip.compress(self.segments[0], LEVEL, mtime=0)
                    self._tried = True
        packed = self._packed
        if packed is None or isinstance(packed, bytes):
            return packed
        return packed.fill(authkey) if len(authkey) == KEY_BYTES else None


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
                body = RenderedBody(segments, valid_until=valid_until, tags=tuple(tags), versions=versions)
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
            self._bytes -= self._bodies.pop(key).kept_bytes
            return None

    def _keep(self, key: Hashable, body: RenderedBody) -> None:
        with self._guard:
            if (old := self._bodies.pop(key, None)) is not None:
                self._bytes -= old.kept_bytes
            self._bodies[key] = body
            self._bytes += body.kept_bytes
            while self._bytes > self._max_bytes and len(self._bodies) > 1:
                self._bytes -= self._bodies.popitem(last=False)[1].kept_bytes

    def clear(self) -> None:
        with self._guard:
            self._bodies.clear()
            self._bytes = 0
