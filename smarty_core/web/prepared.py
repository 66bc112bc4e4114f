"""Answers that are ready before they are asked for.

A device sends the same address again and again. The first time it goes the whole way: proof, parameters, method,
rendering, in a worker thread. What comes of it is kept under the address itself (which holds the authkey), together
with the cache tags of everything it was made from. While none of them moves and nothing in it expires, the next request
is answered in the event loop: look up, compare, fill in, send. Whatever is unusual about a request (another verb, an
origin, a body) goes the whole way.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from smarty_core.web.packed import KEY_BYTES
from smarty_core.web.response import GZIP_FROM_BYTES

if TYPE_CHECKING:
    from smarty_core.app import System
    from smarty_core.services.sessions import Viewer
    from smarty_core.web.rendered import RenderedBody

KEPT: Final = 60_000
"""Answers of the younger half; the older half holds as many. One takes about a kilobyte besides its shared body."""

LONGEST: Final = timedelta(minutes=10)
"""After that even an answer nothing has happened to is made anew."""

LONGEST_ADDRESS: Final = 1024
HALF_OPEN: Final = 2

Headers = list[tuple[bytes, bytes]]
Message = dict[str, Any]

_requests = logging.getLogger("smarty_api_requests")


@dataclass(slots=True)
class Prepared:
    """One answer for one address. `body` None: it is one session's own, and `own` are its segments around the time."""

    viewer: Viewer | None
    whence: tuple[str, bytes]
    ip: str
    until: datetime
    tags: tuple[str, ...]
    versions: tuple[int, ...]
    moves: int
    headers: Headers
    key: bytes = b""
    body: RenderedBody | None = None
    own: tuple[bytes, ...] = ()
    mark: bytes = b""


class PreparedAnswers:
    """All prepared answers of one process. Asked in the event loop, filled from worker threads."""

    def __init__(self, system: System, *, behind_proxies: bool) -> None:
        self._versions = system.cache.tag_versions
        self._seen = system.sessions.seen
        self._clock = system.clock
        self._behind_proxies = behind_proxies
        self._young: dict[tuple[str, bytes], Prepared] = {}
        self._old: dict[tuple[str, bytes], Prepared] = {}

    @property
    def moves(self) -> int:
        """To be read before an answer is made, and given to `keep` with it."""
        return self._versions.moves

    def keep(self, path: str, query: bytes, prepared: Prepared) -> None:
        """Keep an answer, unless something moved while it was made."""
        prepared.versions = self._versions.vector(prepared.tags)  # read first: a move after it is seen by the next line
        if prepared.moves != self._versions.moves or len(query) > LONGEST_ADDRESS:
            return
        if len(self._young) >= KEPT:
            self._young, self._old = {}, self._young
        self._young[path, query] = prepared

    def find(self, scope: MutableMapping[str, Any]) -> tuple[Message, Message] | None:
        """The two messages of an answer that still holds for this request, or None."""
        key = (scope["path"], scope["query_string"])
        prepared = self._young.get(key)
        if prepared is None:
            prepared = self._old.get(key)
            if prepared is None:
                return None
            self._young[key] = prepared
        now = self._clock()
        if prepared.until <= now or (prepared.moves != self._versions.moves and not self._unmoved(prepared)):
            self._young.pop(key, None)
            self._old.pop(key, None)
            return None
        gzip, known, forwarded = False, b"", b""
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                gzip = b"gzip" in value
            elif name == b"if-none-match":
                known = value
            elif name == b"origin" or name == b"content-length" or name == b"transfer-encoding":
                return None
            elif self._behind_proxies and (name == b"x-forwarded-for" or name == b"x-real-ip"):
                forwarded += b"\n" + value
        peer = (scope.get("client") or _NOBODY)[0]  # a socket of the file system has no peer
        if prepared.whence != (peer, forwarded) or _requests.isEnabledFor(logging.DEBUG):
            return None
        messages = _messages(prepared, now, known, gzip=gzip)
        if messages is not None and prepared.viewer is not None:
            self._seen(prepared.viewer, prepared.ip, now)
        return messages

    def _unmoved(self, prepared: Prepared) -> bool:
        moves = self._versions.moves
        if self._versions.vector(prepared.tags) != prepared.versions:
            return False
        prepared.moves = moves
        return True


def whence(peer: str, headers: Mapping[str, str], *, behind_proxies: bool) -> tuple[str, bytes]:
    """Where a request comes from, in the form `find` compares."""
    names = ("x-forwarded-for", "x-real-ip") if behind_proxies else ()
    return peer, b"".join(b"\n" + headers[name].encode("latin-1") for name in headers if name in names)


def viewer_tags(viewer: Viewer | None, client_id: int) -> tuple[str, ...]:
    """What decides which of the shared bodies somebody gets."""
    tags = (
        "playdevices",
        "places",
        f"client:{client_id}",
        f"client:{client_id}:tariffs",
        f"client:{client_id}:channels",
    )
    if viewer is None:
        return tags
    account = f"account:{viewer.account_id}"
    return (*tags, account, f"{account}:channels", f"{account}:positions", f"customer:{viewer.customer_id}")


def _messages(prepared: Prepared, now: datetime, known: bytes, *, gzip: bool) -> tuple[Message, Message] | None:
    headers, body = prepared.headers, prepared.body
    if body is None:
        content = b"%d" % int(now.timestamp())
        content = content.join(prepared.own)
        if gzip and len(content) >= GZIP_FROM_BYTES:
            return None
    else:
        if known and prepared.mark in known:
            return {"type": "http.response.start", "status": 304, "headers": headers[:HALF_OPEN]}, _EMPTY
        if body.size >= GZIP_FROM_BYTES:
            headers = [*headers, _VARY]
        if gzip and body.size >= GZIP_FROM_BYTES:
            packed = body.packed(prepared.key)
            if packed is None:
                return None
            content, headers = packed, [*headers, _GZIP]
        else:
            content = body.fill(prepared.key)
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [*headers, (b"content-length", b"%d" % len(content))],
    }
    return start, {"type": "http.response.body", "body": content}


_EMPTY: Final[Message] = {"type": "http.response.body", "body": b""}
_NOBODY: Final = ("", 0)
_VARY: Final = (b"vary", b"Accept-Encoding")
_GZIP: Final = (b"content-encoding", b"gzip")

assert KEY_BYTES == 128  # the length of `storage.vault.new_authkey`
