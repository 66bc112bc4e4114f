"""Answers that are ready before they are asked for.

A device sends the same address again and again. The first time it goes the whole way: proof, parameters, method,
rendering, in a worker thread. What comes of it is kept: the session under its key, the answer under the address without
the key and what the session may watch, so that thousands of sessions find it. While no cache tag of either moves and
nothing in them expires, the next request is answered in the event loop: look up, compare, fill in, send. Whatever is
unusual about a request (another verb, an origin, a body) goes the whole way.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from smarty_core.web.callers import Address, Caller, without_key
from smarty_core.web.contents import Content
from smarty_core.web.method import Messages

if TYPE_CHECKING:
    from smarty_core.app import System

CALLERS: Final = 75_000
"""Sessions of the younger half; the older half holds as many. One takes about two kilobytes."""

ANSWERS: Final = 20_000
"""Shared answers of each half."""

OWN: Final = 8
"""Answers of its own a session may have ready."""

LONGEST: Final = timedelta(minutes=10)
"""After that even an answer nothing has happened to is made anew."""

SIGN_EVERY: Final = timedelta(seconds=10)
"""How often a session's sign of life is noted."""

LONGEST_ADDRESS: Final = 1024
EVERYBODY: Final[tuple[Hashable, ...]] = ()
"""Stands for the viewer where there is none."""

T = TypeVar("T")

_requests = logging.getLogger("smarty_api_requests")


@dataclass(slots=True)
class Prepared:
    """What to send, and how long that holds. `positions`: not while positions of the viewer wait to be written."""

    content: Content
    until: datetime
    tags: tuple[str, ...]
    versions: tuple[int, ...] = ()
    moves: int = -1
    positions: bool = False


class Halves(Generic[T]):
    """A bounded dictionary. When its younger half is full the older one goes; what is used moves to the younger."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[Hashable, T] = {}
        self._old: dict[Hashable, T] = {}

    def get(self, key: Hashable) -> T | None:
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: Hashable, value: T) -> None:
        if len(self._young) >= self._size:
            self._young, self._old = {}, self._young
        self._young[key] = value

    def drop(self, key: Hashable) -> None:
        self._young.pop(key, None)
        self._old.pop(key, None)

    def __len__(self) -> int:
        return len(self._young) + len(self._old)


class PreparedAnswers:
    """All prepared answers of one process. Asked in the event loop, filled from worker threads."""

    def __init__(self, system: System, *, behind_proxies: bool) -> None:
        self._versions = system.cache.tag_versions
        self._seen = system.sessions.seen
        self._waits = system.positions.notes.wait
        self._clock = system.clock
        self._behind_proxies = behind_proxies
        self._callers: Halves[Caller] = Halves(CALLERS)
        self._shared: Halves[Prepared] = Halves(ANSWERS)
        self.hits = 0
        """Requests answered so, since the start."""

    @property
    def moves(self) -> int:
        """To be read before an answer is made, and given to `keep` with it."""
        return self._versions.moves

    def caller(self, key: bytes) -> Caller | None:
        """The session with this key, when it still is as it was."""
        caller = self._callers.get(key)
        return caller if caller is not None and self._holds(caller, self._clock()) else None

    def keep(
        self, address: Address, prepared: Prepared, caller: Caller | None, moves: int, *, own: bool = False
    ) -> None:
        """Keep an answer made for a caller (or for everybody), unless something moved while it was made.

        `own`: it is this session's alone.
        """
        if len(address[1]) > LONGEST_ADDRESS:
            return
        prepared.versions = self._versions.vector(prepared.tags)  # read first: a move after it is seen by the last line
        prepared.moves = moves
        if caller is not None and caller.moves < 0:
            caller.versions = self._versions.vector(caller.tags)
            caller.moves = moves
        if moves != self._versions.moves:
            return
        if caller is None:
            self._shared.put((*address, EVERYBODY), prepared)
            return
        if own:
            if len(caller.own) >= OWN:
                caller.own = {}
            caller.own[address] = prepared
        else:
            self._shared.put((*address, caller.share), prepared)
        self._callers.put(caller.key, caller)

    def find(self, scope: MutableMapping[str, Any]) -> Messages | None:
        """The two messages of an answer that still holds for this request, or None."""
        parts = without_key(scope["query_string"])
        if parts is None:
            return None
        query, key = parts
        path, now, moves = scope["path"], self._clock(), self._versions.moves
        caller: Caller | None = None
        if key:
            caller = self._callers.get(key)
            if caller is None:
                return None
            if (caller.moves != moves or caller.until <= now) and not self._holds(caller, now):
                self._callers.drop(key)
                return None
            prepared = caller.own.get((path, query)) or self._shared.get((path, query, caller.share))
        else:
            prepared = self._shared.get((path, query, EVERYBODY))
        if prepared is None or ((prepared.moves != moves or prepared.until <= now) and not self._holds(prepared, now)):
            return None
        messages = self._answer(scope, prepared, caller, now)
        self.hits += messages is not None
        return messages

    def _answer(
        self, scope: MutableMapping[str, Any], prepared: Prepared, caller: Caller | None, now: datetime
    ) -> Messages | None:
        gzip, known, forwarded, agent = False, b"", b"", b""
        for name, value in scope["headers"]:
            if name not in _LOOKED_AT:
                continue
            if name == b"accept-encoding":
                gzip = b"gzip" in value
            elif name == b"if-none-match":
                known = value
            elif name == b"user-agent":
                agent = value
            elif name == b"cookie":
                if caller is None and b"authkey" in value:
                    return None  # a session after all
            elif name in _UNUSUAL:
                return None
            elif self._behind_proxies:
                forwarded += b"\n" + value
        if _requests.isEnabledFor(logging.DEBUG):
            return None
        if caller is None:
            return prepared.content.messages(now, None, known, gzip=gzip)
        peer = (scope.get("client") or _NOBODY)[0]  # a socket of the file system has no peer
        if caller.whence != (peer, forwarded) or (prepared.positions and self._waits(caller.viewer.account_id)):
            return None
        messages = prepared.content.messages(now, caller, known, gzip=gzip, agent=agent)
        if messages is not None and now >= caller.sign_due:
            caller.sign_due = now + SIGN_EVERY
            self._seen(caller.viewer, caller.ip, now)
        return messages

    def _holds(self, kept: Caller | Prepared, now: datetime) -> bool:
        if kept.until <= now:
            return False
        moves = self._versions.moves
        if kept.moves == moves:
            return True
        if self._versions.vector(kept.tags) != kept.versions:
            return False
        kept.moves = moves
        return True


_NOBODY: Final = ("", 0)
_UNUSUAL: Final = frozenset((b"origin", b"content-length", b"transfer-encoding"))
_LOOKED_AT: Final = _UNUSUAL | {
    b"accept-encoding", b"if-none-match", b"user-agent", b"cookie", b"x-forwarded-for", b"x-real-ip"
}  # fmt: skip
