"""What a prepared answer sends: its own text with a few slots, or a body that many sessions share."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from smarty_core.web.method import NOW_SLOT, UUID_SLOT, Messages
from smarty_core.web.render import CONTENT_TYPES, render
from smarty_core.web.response import GZIP_FROM_BYTES, GZIP_LEVEL, location

if TYPE_CHECKING:
    from smarty_core.web.callers import Caller
    from smarty_core.web.method import Again
    from smarty_core.web.rendered import RenderedBodies, RenderedBody

Headers = list[tuple[bytes, bytes]]
Fill = Callable[[datetime], bytes]

LARGEST_TEXT: Final = 8 * 1024
"""A text with slots is compressed for each request; a larger one than this is too much for the event loop."""


class Content(Protocol):
    """What can be sent in the event loop."""

    def messages(
        self, now: datetime, caller: Caller | None, known: bytes, *, gzip: bool, agent: bytes = b""
    ) -> Messages | None:
        """The answer. `known`: the header If-None-Match, `agent`: User-Agent. None: it has to go the whole way."""


class Text:
    """An answer of its own: text with slots for the time and for a random identifier."""

    __slots__ = ("_headers", "_parts")

    def __init__(self, rendered: bytes, headers: Headers, answer_format: str) -> None:
        self._headers = headers
        self._parts = tuple(split_slots(rendered, answer_format))

    def messages(
        self, now: datetime, caller: Caller | None, known: bytes, *, gzip: bool, agent: bytes = b""
    ) -> Messages | None:
        return _text(self._headers, fill_slots(self._parts, now), gzip=gzip)


class Repeated:
    """An answer that is made anew for each request, without waiting for anybody."""

    __slots__ = ("_format", "_headers", "_redirect", "_reply")

    def __init__(self, again: Again, answer_format: Literal["json", "xml"]) -> None:
        self._reply = again.reply
        self._format = answer_format
        kind = (b"content-type", CONTENT_TYPES[answer_format].encode("ascii"))
        self._headers: Headers = [NOT_STORED, kind]
        self._redirect: Headers = [NOT_STORED, kind, (b"content-length", b"0")]

    def messages(
        self, now: datetime, caller: Caller | None, known: bytes, *, gzip: bool, agent: bytes = b""
    ) -> Messages | None:
        if caller is None:
            return None
        reply = self._reply(caller.viewer, caller.ip, now, agent.decode("latin-1"))
        if reply is None:
            return None
        if reply.redirect:
            headers = [*self._redirect, (b"location", location(reply.redirect).encode("latin-1"))]
            return {"type": "http.response.start", "status": 302, "headers": headers}, _EMPTY
        return _text(self._headers, render({"error": 0, "error_message": "", **reply.body}, self._format), gzip=gzip)


class Body:
    """A shared body, filled with the key of whoever asks. A body whose time is over is exchanged for the next one."""

    __slots__ = ("_bodies", "_body", "_countdown", "_headers", "_key", "_kind")

    def __init__(
        self,
        bodies: RenderedBodies,
        key: Hashable,
        body: RenderedBody,
        headers: Headers,
        *,
        content_type: str,
        countdown: bool,
    ) -> None:
        self._bodies = bodies
        self._key = key
        self._body = body
        self._headers = headers
        self._kind = (b"content-type", content_type.encode("ascii"))
        self._countdown = countdown

    def messages(
        self, now: datetime, caller: Caller | None, known: bytes, *, gzip: bool, agent: bytes = b""
    ) -> Messages | None:
        body = self._body
        if body.valid_until <= now:
            found = self._bodies.ready(self._key, now)
            if found is None:
                return None
            body = self._body = found
        body.used = True
        slots = len(body.segments) > 1
        if slots and caller is None:
            return None
        key = caller.key if caller is not None else b""
        mark = etag(body.etag, caller.mark if caller is not None and slots else "")
        headers = [(b"etag", mark), *self._headers]
        if self._countdown:
            headers.append((b"cache-control", max_age(body.valid_until, now).encode()))
        if known and mark in known:
            return {"type": "http.response.start", "status": 304, "headers": headers}, _EMPTY
        headers.append(self._kind)
        if body.size >= GZIP_FROM_BYTES:
            headers.append(_VARY)
            if gzip:
                packed = body.packed(key)
                if packed is None:
                    return None
                headers.append(_GZIP)
                return _complete(headers, packed)
        return _complete(headers, body.fill(key))


def _text(headers: Headers, content: bytes, *, gzip: bool) -> Messages | None:
    if len(content) >= GZIP_FROM_BYTES:
        headers = [*headers, _VARY]
        if gzip:
            if len(content) > LARGEST_TEXT:
                return None
            content, headers = _compressed(content), [*headers, _GZIP]
    return _complete(headers, content)


def etag(body_mark: str, session_mark: str) -> bytes:
    """The ETag of a shared body as one session gets it. Weak: the same content may come compressed or not."""
    return f'W/"{body_mark}{session_mark}"'.encode("ascii")


def max_age(until: datetime, now: datetime) -> str:
    """Cache-Control of an answer that counts down to the moment at which it changes."""
    return f"private, max-age={max(0, int(until.timestamp()) - int(now.timestamp()))}"


def split_slots(rendered: bytes, answer_format: str) -> list[bytes | Fill]:
    """Text and, in between, what fills the slots."""
    parts: list[bytes | Fill] = [rendered]
    for slot, fill in _SLOTS[answer_format].items():
        parts = [piece for part in parts for piece in (_split(part, slot, fill) if isinstance(part, bytes) else [part])]
    return parts


def fill_slots(parts: tuple[bytes | Fill, ...] | list[bytes | Fill], now: datetime) -> bytes:
    return b"".join([part if isinstance(part, bytes) else part(now) for part in parts])


def _split(text: bytes, slot: bytes, fill: Fill) -> list[bytes | Fill]:
    first, *rest = text.split(slot)
    return [first, *(piece for after in rest for piece in (fill, after))]


def _time(now: datetime) -> bytes:
    return b"%d" % int(now.timestamp())


def _random(_now: datetime) -> bytes:
    return str(uuid.uuid4()).encode("ascii")


def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, GZIP_LEVEL, mtime=0)


def _complete(headers: Headers, content: bytes) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return (
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [*headers, (b"content-length", b"%d" % len(content))],
        },
        {"type": "http.response.body", "body": content},
    )


_SLOTS: Final[Mapping[str, Mapping[bytes, Fill]]] = {
    # The time stands for a whole number, the identifier for a text.
    "json": {f'"{NOW_SLOT}"'.encode(): _time, UUID_SLOT.encode(): _random},
    "xml": {NOW_SLOT.encode(): _time, UUID_SLOT.encode(): _random},
}
NOT_STORED: Final = (b"cache-control", b"no-store")
_EMPTY: Final[Mapping[str, Any]] = {"type": "http.response.body", "body": b""}
_VARY: Final = (b"vary", b"Accept-Encoding")
_GZIP: Final = (b"content-encoding", b"gzip")
