"""The stream tokens a process knows, so that a check asks no database.

A token is remembered with the cache tags of everything that may end it or change what is said about it. A session that
ends moves the tag of its account, in every process within a second. What is not found, or has expired, is remembered
for a moment only, and only after the database said so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from smarty_core.contracts.stream_router import TokenFacts
from smarty_core.storage.cache import TagVersions
from smarty_core.storage.repositories.streams import ServiceFacts
from smarty_core.storage.repositories.tokens import Grant

KEPT_SECONDS: Final = 3600.0
"""After that a token is read anew, whatever its tags say."""

KEPT: Final = 60_000
"""Tokens of the younger half; the older half holds as many. One takes about a kilobyte."""

REFUSED_SECONDS: Final = 1.0
"""How long the word of the database that a token is unknown or expired is repeated without asking again."""

REFUSED: Final = 50_000


@dataclass(slots=True)
class CheckedToken:
    """A good token: what the video server is told, and the service it was issued for."""

    facts: TokenFacts
    service: ServiceFacts
    headers: dict[str, str] | None = None
    """What the router wants said with the answer; None until it was asked, or when it must be asked each time."""
    said: Any = None
    """What the web has made of `headers`, kept with them."""


@dataclass(slots=True)
class KnownToken:
    """A token in memory. `stored_until` is what every other process knows its end to be, `expires_at` later than that
    after a check here prolonged it."""

    grant: Grant
    max_expires_at: datetime
    stored_until: datetime
    service: ServiceFacts
    expires_at: datetime
    steady_until: datetime
    """Until then `checked` is the answer to every check that may be answered with yes."""
    checked: CheckedToken | None = None
    tags: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    moves: int = -1
    dies_at: float = field(default_factory=lambda: time.monotonic() + KEPT_SECONDS)


class TokenMemory:
    """By the text of the token. Safe between threads: each step is one operation on a dictionary."""

    def __init__(self, versions: TagVersions) -> None:
        self._versions = versions
        self._young: dict[str, KnownToken] = {}
        self._old: dict[str, KnownToken] = {}
        self._refused: dict[str, float] = {}

    def find(self, token: str) -> KnownToken | None:
        """The token, unless something behind it has changed."""
        known = self._young.get(token)
        if known is None:
            known = self._old.get(token)
            if known is None:
                return None
            self._young[token] = known
        versions = self._versions
        moves = versions.moves
        if known.moves != moves:
            if versions.vector(known.tags) != known.versions:
                self.forget(token)
                return None
            known.moves = moves
        if known.dies_at <= time.monotonic() or not versions.trusted:
            self.forget(token)
            return None
        return known

    def learn(self, token: str, read: Callable[[], KnownToken | None]) -> KnownToken | None:
        """What `read` gives, remembered unless anything moved meanwhile: perhaps what was read is old already."""
        moves = self._versions.moves
        known = read()
        if known is None:
            return None
        known.tags = tags_of(known.grant)
        known.versions = self._versions.vector(known.tags)  # read first: a move after it is seen by the next line
        if moves == self._versions.moves:
            known.moves = moves
            if len(self._young) >= KEPT:
                self._young, self._old = {}, self._young
            self._young[token] = known
        return known

    def forget(self, token: str) -> None:
        self._young.pop(token, None)
        self._old.pop(token, None)

    def refuse(self, token: str) -> None:
        """The database has just said that this token is unknown or has expired."""
        if len(self._refused) >= REFUSED:
            self._refused = {}
        self._refused[token] = time.monotonic() + REFUSED_SECONDS

    def is_refused(self, token: str) -> bool:
        """Whether that was a moment ago. Nobody can have asked about a token before it was stored, so one that was
        just issued, here or elsewhere, is never among them."""
        until = self._refused.get(token)
        return until is not None and until > time.monotonic()


def tags_of(grant: Grant) -> tuple[str, ...]:
    """The tags of what a token hangs on: its account and sessions, its operator, his services."""
    client = f"client:{grant.client_id}"
    tags = (client, f"{client}:channels", f"{client}:tariffs")
    return (f"account:{grant.account_id}", *tags) if grant.account_id else tags
