"""Rendered bodies that many sessions share, kept as segments between authkey slots.

A body is rendered once per key and filled for each request by joining its segments. It dies when its time is over,
when one of its tags is bumped, or when the byte budget needs room (least recently used first). The body that follows
one whose time is going to be over may be made ready beforehand (`web.renewing`).
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from smarty_core.web.method import AUTHKEY_SLOT
from smarty_core.web.packed import KEY_BYTES, LEVEL, PackedBody, pack

MAX_BYTES: Final = 256 * 1024 * 1024
PREVIOUS: Final = timedelta(seconds=2)
"""So long after its time a body is still given to those who would have to wait for the next one."""

_SLOT: Final = AUTHKEY_SLOT.encode()


@dataclass(frozen=True, slots=True)
class NextBody:
    """How to make the body that follows when another one's time is over."""

    tags: tuple[str, ...]
    valid_until: datetime
    build: Callable[[], bytes]


Renew = Callable[[datetime], NextBody | None]
"""From a moment to come to the body of that moment; None when there is none of the same key."""


class RenderedBody:
    """A body in segments; `etag` names its content without the slots. Safe between threads."""

    __slots__ = (
        "_guard",
        "_packed",
        "_tried",
        "etag",
        "following",
        "kept_bytes",
        "renew",
        "segments",
        "size",
        "tags",
        "used",
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
        self.renew: Renew | None = None
        self.following: RenderedBody | None = None
        """What takes its place when its time is over."""
        self.used = True
        """Set by whoever sends it; only what is used is renewed."""
        self._packed: PackedBody | bytes | None = None
        self._tried = False
        self._guard = threading.Lock()

    def fill(self, authkey: bytes) -> bytes:
        """The bytes for one session."""
        return authkey.join(self.segments)

    @property
    def is_packed(self) -> bool:
        """Whether somebody has asked for it as a gzip file."""
        return self._tried

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
        self,
        key: Hashable,
        *,
        tags: Sequence[str],
        valid_until: datetime,
        now: datetime,
        build: Callable[[], bytes],
        renew: Renew | None = None,
    ) -> RenderedBody:
        """The body for `key`, from memory or rendered by `build`."""
        if (found := self.ready(key, now)) is not None:
            return found
        with self._guard:
            lock = self._building.setdefault(key, threading.Lock())
        if not lock.acquire(blocking=False):
            if (previous := self._previous(key, now)) is not None:
                return previous
            lock.acquire()
        try:
            if (found := self.ready(key, now)) is not None:
                return found
            body = self._made(NextBody(tuple(tags), valid_until, build), renew)
            self._keep(key, body)
            return body
        finally:
            with self._guard:
                self._building.pop(key, None)
            lock.release()

    def ready(self, key: Hashable, now: datetime) -> RenderedBody | None:
        """The body for `key` if there is one that holds; nothing is rendered."""
        with self._guard:
            body = self._bodies.get(key)
            if body is None:
                return None
            if not self._is_fresh(body):
                self._drop(key)
                return None
            if body.valid_until > now:
                self._bodies.move_to_end(key)
                return body
            following = body.following
            if following is not None and following.valid_until > now and self._is_fresh(following):
                self._replace(key, following)
                return following
            if now - body.valid_until > PREVIOUS:
                self._drop(key)
            return None

    def due(self, before: datetime) -> list[tuple[Hashable, RenderedBody]]:
        """Bodies in use whose time is over before a moment, and that have no successor yet."""
        with self._guard:
            return [
                (key, body)
                for key, body in self._bodies.items()
                if body.valid_until <= before and body.used and body.renew is not None and body.following is None
            ]

    def follow(self, key: Hashable, body: RenderedBody, following: NextBody) -> None:
        """Make ready what follows a body."""
        made = self._made(following, body.renew)
        if body.is_packed:
            made.packed(bytes(KEY_BYTES))
        made.used = False
        with self._guard:
            if self._bodies.get(key) is body:
                body.following = made

    def _made(self, what: NextBody, renew: Renew | None) -> RenderedBody:
        versions = self._versions(what.tags)  # before rendering: what changes meanwhile is rendered again
        segments = tuple(what.build().split(_SLOT))
        body = RenderedBody(segments, valid_until=what.valid_until, tags=what.tags, versions=versions)
        body.renew = renew
        return body

    def _previous(self, key: Hashable, now: datetime) -> RenderedBody | None:
        """The body whose time was over just now, while somebody makes the next one."""
        with self._guard:
            body = self._bodies.get(key)
            if body is None or now - body.valid_until > PREVIOUS or not self._is_fresh(body):
                return None
            return body

    def _is_fresh(self, body: RenderedBody) -> bool:
        return self._versions(body.tags) == body.versions

    def _drop(self, key: Hashable) -> None:
        self._bytes -= self._bodies.pop(key).kept_bytes

    def _replace(self, key: Hashable, body: RenderedBody) -> None:
        self._drop(key)
        self._bodies[key] = body
        self._bytes += body.kept_bytes

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
