"""Signs of life of devices, gathered and written in batches.

A poll never waits for the database: it leaves a note, and a thread writes the notes of all devices every few seconds.
What waits is bounded; what is still waiting at shutdown is written then.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Table, bindparam, or_, update
from sqlalchemy.exc import SQLAlchemyError

from smarty_core.errors import NotFound, StorageError
from smarty_core.events import log_event
from smarty_core.services.geo import Places
from smarty_core.services.operators import Operators
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, Session

WRITE_EVERY_SECONDS: Final = 3.0
BATCH: Final = 500
WAITING_LIMIT: Final = 300_000

_log = logging.getLogger("smarty_main")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A session was heard of, at the address `ip` (empty = not known). The last three are what is stored so far."""

    session_id: int
    account_id: int
    client_id: int
    at: datetime
    ip: str = ""
    known_ip: str = ""
    country_id: int = 0
    city_id: int = 0


class SeenWriter:
    """Gathers sightings, the newest per session, and writes them. Safe between threads.

    The place of the address is looked up with every sign of life that is written: a new geo base, a locator that works
    again and a new city reach the viewers who are logged in within about a minute. As long as the address stays the
    same, a place once known is not given up because nobody knows it now.
    """

    def __init__(self, *, database: Database, operators: Operators, places: Places) -> None:
        self._database = database
        self._operators = operators
        self._places = places
        self._waiting: dict[int, Sighting] = {}
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, sighting: Sighting) -> None:
        """Leave a note. A note beyond the limit is dropped: the device will be heard of again."""
        with self._guard:
            if len(self._waiting) < WAITING_LIMIT or sighting.session_id in self._waiting:
                self._waiting[sighting.session_id] = sighting

    @property
    def waiting(self) -> int:
        with self._guard:
            return len(self._waiting)

    def flush(self) -> int:
        """Write everything that waits; how many sessions. Notes that cannot be written now wait on."""
        with self._writing:
            with self._guard:
                taken, self._waiting = self._waiting, {}
            notes = sorted(taken.values(), key=lambda note: note.session_id)
            done = 0
            try:
                for start in range(0, len(notes), BATCH):
                    self._write(notes[start : start + BATCH])
                    done = start + BATCH
            except (StorageError, SQLAlchemyError):
                with self._guard:
                    for note in notes[done:]:
                        self._waiting.setdefault(note.session_id, note)
                raise
            return len(notes)

    def start(self) -> None:
        """Write in the background from now on."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="seen-writer", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop the background writing and write what waits. Never raises: the process is going down."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join(timeout=10)
            self._thread = None
        self._flush_or_say()

    def _run(self) -> None:
        while not self._stop.wait(WRITE_EVERY_SECONDS):
            self._flush_or_say()

    def _flush_or_say(self) -> None:
        try:
            self.flush()
        except (StorageError, SQLAlchemyError) as exc:
            log_event(_log, logging.WARNING, "SEEN_NOT_WRITTEN", waiting=self.waiting, error=str(exc))

    def _write(self, notes: Sequence[Sighting]) -> None:
        moved = [(note, place) for note in notes if note.ip and (place := self._news(note)) is not None]
        sessions, accounts = cast("Table", Session.__table__), cast("Table", Account.__table__)
        seen = (
            update(sessions)
            .where(sessions.c.id == bindparam("b_id"), sessions.c.last_seen_at < bindparam("b_at"))
            .values(last_seen_at=bindparam("b_at"))
        )
        with self._database.write() as session:
            session.connection().execute(seen, [{"b_id": note.session_id, "b_at": note.at} for note in notes])
            for note, (country_id, city_id) in moved:
                session.execute(
                    update(Session)
                    .where(Session.id == note.session_id)
                    .values(ip=note.ip, country_id=country_id or None, city_id=city_id or None)
                )
                bump(session, f"account:{note.account_id}")
        # A transaction of its own, in another order: accounts are what a login locks first.
        newest: dict[int, datetime] = {}
        for note in notes:
            newest[note.account_id] = max(note.at, newest.get(note.account_id, note.at))
        with self._database.write() as session:
            session.connection().execute(
                update(accounts)
                .where(
                    accounts.c.id == bindparam("b_id"),
                    or_(accounts.c.last_seen_at.is_(None), accounts.c.last_seen_at < bindparam("b_at")),
                )
                .values(last_seen_at=bindparam("b_at"), updated_at=accounts.c.updated_at),
                [{"b_id": account_id, "b_at": newest[account_id]} for account_id in sorted(newest)],
            )

    def _news(self, note: Sighting) -> tuple[int, int] | None:
        """Country and city to be stored with the address; None when nothing is new."""
        stayed = note.ip == note.known_ip
        try:
            found = self._places.locate(note.ip, self._operators.by_id(note.client_id))
            place = found.country_id, found.city_id
        except NotFound:
            place = 0, 0
        if stayed and place in ((0, 0), (note.country_id, note.city_id)):
            return None
        return place
