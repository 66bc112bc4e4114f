"""Which session stands behind an authkey: from memory, else from Redis, else from SQL.

A session is remembered until a tag of its account, customer or operator moves, which every change of it does, or for
ten minutes. One that is not remembered costs a single look into Redis where there is one, and else one reading.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from smarty_core.errors import StorageError
from smarty_core.services.viewer import Known, Viewer
from smarty_core.storage.cache.tagversions import FLUSH_TAG
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import sessions as rows
from smarty_core.storage.repositories.sessions import SessionCard
from smarty_core.storage.repositories.tariffs import Holding

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

KEPT_SECONDS: Final = 600.0
KEPT: Final = 200_000
FLUSHED_SECONDS: Final = 60.0
"""Emptying the cache makes sessions be read again too, but spread over this time: all at once would be an outage."""


@dataclass(slots=True)
class _Local:
    viewer: Viewer
    known: Known
    dies_at: float
    flushed: int
    """The number of the last emptying of the cache that this one has heard of."""


class SessionMemory:
    """Safe between threads."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache
        self._tag_versions = cache.tag_versions
        self._version = cache.tag_versions.version
        self._local: OrderedDict[str, _Local] = OrderedDict()
        self._guard = threading.Lock()
        self._ended = 0

    def find(self, hashed: str) -> Viewer | None:
        """The viewer behind a hashed key, None when there is no such session."""
        viewer = self._remembered(hashed)
        if viewer is not None:
            return viewer
        try:
            return self._read(hashed)
        except StorageError:
            viewer = self._remembered(hashed, old=True)
            if viewer is None:
                raise
            return viewer

    def forget(self, hashes: Iterable[str]) -> None:
        """These sessions have ended here: at once, not only when the news of their tags arrives."""
        with self._guard:
            self._ended += 1
            for hashed in hashes:
                self._local.pop(hashed, None)

    def __len__(self) -> int:
        return len(self._local)

    def _remembered(self, hashed: str, *, old: bool = False) -> Viewer | None:
        """An `old` one is good enough while nobody can be asked and the tag versions are still believed."""
        with self._guard:
            local = self._local.get(hashed)
            if local is None:
                return None
            flushed = self._version(FLUSH_TAG)
            if local.flushed != flushed:
                local.flushed = flushed
                local.dies_at = min(local.dies_at, time.monotonic() + FLUSHED_SECONDS * int(hashed[:4], 16) / 0xFFFF)
            if not local.known.whose_session(self._version):
                del self._local[hashed]
                return None
            good = self._tag_versions.trusted if old else local.dies_at > time.monotonic()
            return local.viewer if good else None

    def _read(self, hashed: str) -> Viewer | None:
        ended, moves = self._ended, self._tag_versions.moves
        (card, list_mark), from_cache = self._from_cache(hashed), True
        if card is None:
            with self._database.read() as session:
                card, from_cache = rows.find_card(session, hashed), False
            if card is None:
                self.forget([hashed])
                return None
        viewer = Viewer(**card.viewer)
        tags = viewer.tags
        versions = self._tag_versions.current(tags)
        if moves != self._tag_versions.moves:
            return viewer  # something changed while we were reading, perhaps of this session
        if not from_cache and self._cache.shared:
            self._cache.set(_key(hashed), _stored(card), timeout=KEPT_SECONDS, deps=tags, as_of=versions)
        known = Known(card.holdings, card.lacks, tags, tuple(versions.values()), list_key(hashed), list_mark)
        viewer = replace(viewer, known=known)
        dies_at = time.monotonic() + KEPT_SECONDS
        with self._guard:
            if ended == self._ended:
                self._local[hashed] = _Local(viewer, known, dies_at, self._version(FLUSH_TAG))
                while len(self._local) > KEPT:
                    self._local.popitem(last=False)
        return viewer

    def _from_cache(self, hashed: str) -> tuple[SessionCard | None, str]:
        """The card, and the mark under `list_key`: both are wanted together, so one round trip brings both."""
        if not self._cache.shared:
            return None, ""
        found, mark = self._cache.get_many([_key(hashed), list_key(hashed)])
        return _card(found), mark if isinstance(mark, str) else ""


def list_key(hashed: str) -> str:
    """Where the cache keeps which list of channels a session was told about last."""
    return f"channel_list:{hashed}"


def _card(found: Any) -> SessionCard | None:
    if found is not None:
        with suppress(TypeError, ValueError, KeyError):  # written by another release: as good as nothing
            holdings = tuple(Holding(*holding) for holding in found["holdings"])
            Viewer(**found["viewer"])
            return SessionCard(found["viewer"], holdings, frozenset(found["lacks"]))
    return None


def _stored(card: SessionCard) -> dict[str, Any]:
    return {
        "viewer": card.viewer,
        "holdings": [[one.tariff_id, one.valid_from, one.valid_until] for one in card.holdings],
        "lacks": sorted(card.lacks),
    }


def _key(hashed: str) -> str:
    return f"session:{hashed}"
