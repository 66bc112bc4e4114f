"""Notes of players that wait to be written: positions, and channels watched last.

While the background writing goes on, whoever leaves a note waits until it is stored; what comes meanwhile is stored
together with the next transaction. So nothing a player was told to be saved is lost with the process.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from smarty_core.errors import StorageError
from smarty_core.events import log_event
from smarty_core.storage.database import Database, bump
from smarty_core.storage.repositories import positions as rows

POSITIONS_EVERY_SECONDS: Final = 1.0
"""How long notes wait at most that could not be written at once."""

STORED_WITHIN_SECONDS: Final = 5.0
"""How long a player waits. His note is not given up with that."""

WAITING_LIMIT: Final = 200_000
BATCH: Final = 200

_log = logging.getLogger("smarty_main")


@dataclass(frozen=True, slots=True)
class PositionNote:
    """A position to be written."""

    client_id: int
    account_id: int
    content_type: str
    content_id: int
    asset_id: int
    seconds: int
    duration: int
    is_viewed: bool
    at: datetime

    @property
    def key(self) -> tuple[int, str, int, int]:
        return self.account_id, self.content_type, self.content_id, self.asset_id


@dataclass(frozen=True, slots=True)
class WatchedNote:
    """A channel watched at a moment."""

    client_id: int
    account_id: int
    channel_id: int
    at: datetime


class PositionNotes:
    """Gathers notes, the newest of each, and writes them. Safe between threads; bounded."""

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._positions: dict[int, dict[tuple[int, str, int, int], PositionNote]] = {}
        self._watched: dict[int, dict[int, WatchedNote]] = {}
        self._count = 0
        self._guard = threading.Lock()
        self._told = threading.Condition(self._guard)
        self._round = self._stored = self._failed = 0
        self._writing = threading.Lock()
        self._wanted = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, note: PositionNote) -> None:
        """Leave a note. Raises `StorageError` when it is not stored in time (it still will be), or when too much waits
        already (it will not)."""
        with self._guard:
            mine = self._positions.setdefault(note.account_id, {})
            self._make_room(note.key in mine)
            mine[note.key] = note
            its_round = self._round + 1
        self._wait(its_round)

    def add_watched(self, note: WatchedNote) -> None:
        """Leave a note. Raises `StorageError` as `add` does."""
        with self._guard:
            mine = self._watched.setdefault(note.account_id, {})
            self._make_room(note.channel_id in mine)
            mine.pop(note.channel_id, None)  # the newest stands last
            mine[note.channel_id] = note
            its_round = self._round + 1
        self._wait(its_round)

    def positions_of(self, account_id: int) -> Sequence[PositionNote]:
        """What waits of an account."""
        with self._guard:
            return tuple(self._positions.get(account_id, {}).values())

    def wait(self, account_id: int) -> bool:
        """Whether positions of an account wait to be written. Takes no lock."""
        return account_id in self._positions

    def watched_by(self, account_id: int) -> Sequence[WatchedNote]:
        """What waits of an account, the newest first."""
        with self._guard:
            return tuple(reversed(self._watched.get(account_id, {}).values()))

    @property
    def waiting(self) -> int:
        with self._guard:
            return self._count

    @contextlib.contextmanager
    def held(self, account_id: int, content_type: str, content_id: int, asset_id: int | None) -> Iterator[None]:
        """Drop the notes of a content and write none while the block removes what is stored of it."""
        with self._writing:
            with self._guard:
                mine = self._positions.get(account_id, {})
                for key in [key for key in mine if key[1:3] == (content_type, content_id)]:
                    if asset_id is None or key[3] == asset_id:
                        del mine[key]
                        self._count -= 1
                if not mine:
                    self._positions.pop(account_id, None)
            yield

    def flush(self) -> int:
        """Write everything that waits; how many notes. What cannot be written now waits on."""
        with self._writing:
            with self._guard:
                self._round += 1
                positions = [note for mine in self._positions.values() for note in mine.values()]
                watched = [note for mine in self._watched.values() for note in mine.values()]
            both: list[PositionNote | WatchedNote] = [*positions, *watched]
            notes = sorted(both, key=lambda note: note.account_id)
            stored = False
            try:
                for begin in range(0, len(notes), BATCH):
                    batch = notes[begin : begin + BATCH]
                    self._write(batch)
                    self._written(batch)
                stored = True
            finally:
                with self._told:
                    if stored:
                        self._stored, self._failed = self._round, 0
                    else:
                        self._failed = self._round
                    self._told.notify_all()
            return len(notes)

    def start(self) -> None:
        """Write in the background from now on."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="position-writer", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop the background writing and write what waits. Never raises: the process is going down."""
        if self._thread is not None:
            self._stop.set()
            self._wanted.set()
            self._thread.join(timeout=10)
            self._thread = None
        self._flush_or_say()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wanted.wait(POSITIONS_EVERY_SECONDS)
            self._wanted.clear()
            if not self._flush_or_say():
                self._stop.wait(POSITIONS_EVERY_SECONDS)

    def _flush_or_say(self) -> bool:
        try:
            self.flush()
        except (StorageError, SQLAlchemyError) as exc:
            log_event(_log, logging.WARNING, "POSITIONS_NOT_WRITTEN", waiting=self.waiting, error=str(exc))
            return False
        return True

    def _wait(self, its_round: int) -> None:
        """Until everything that waited when a round began is stored. Without a background writer nobody waits, and
        while the database fails nobody waits in vain."""
        if self._thread is None or self._stop.is_set():
            return
        self._wanted.set()
        with self._told:
            if self._failed <= self._stored:
                self._told.wait_for(lambda: max(self._stored, self._failed) >= its_round, STORED_WITHIN_SECONDS)
            if self._stored < its_round:
                self._failed = max(self._failed, its_round)
                raise StorageError("the note waits until the database works again")

    def _make_room(self, known: bool) -> None:
        if not known:
            if self._count >= WAITING_LIMIT:
                raise StorageError("too many positions wait to be written")
            self._count += 1

    def _write(self, notes: Sequence[PositionNote | WatchedNote]) -> None:
        with self._database.write() as session:
            last: dict[tuple[int, int], WatchedNote] = {}
            for note in notes:
                if isinstance(note, WatchedNote):
                    rows.save_watched(session, note.client_id, note.account_id, note.channel_id, note.at)
                    last[note.client_id, note.account_id] = note
                else:
                    rows.save_position(session, _values(note))
                    bump(session, f"account:{note.account_id}:positions")
            for note in last.values():
                rows.save_last_channel(session, note.client_id, note.account_id, note.channel_id)

    def _written(self, notes: Sequence[PositionNote | WatchedNote]) -> None:
        """Drop notes that are stored now, unless a newer one has come meanwhile."""
        with self._guard:
            for note in notes:
                if isinstance(note, WatchedNote):
                    self._drop(self._watched, note.account_id, note.channel_id, note)
                else:
                    self._drop(self._positions, note.account_id, note.key, note)

    def _drop(self, waiting: dict[int, dict[Any, Any]], account_id: int, key: object, note: object) -> None:
        mine = waiting.get(account_id, {})
        if mine.get(key) is note:
            del mine[key]
            self._count -= 1
        if not mine:
            waiting.pop(account_id, None)


def _values(note: PositionNote) -> dict[str, Any]:
    return {
        "client_id": note.client_id,
        "account_id": note.account_id,
        "content_type": note.content_type,
        "content_id": note.content_id,
        "asset_id": note.asset_id,
        "position": note.seconds,
        "duration": note.duration,
        "is_viewed": note.is_viewed,
        "updated_at": note.at,
    }
