"""Later ends of stream tokens, gathered and written in batches.

A check leaves a note instead of waiting for the database, and a thread writes the notes of all tokens every few
seconds. What waits is bounded; what is still waiting at shutdown is written then.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from smarty_core.errors import StorageError
from smarty_core.events import log_event
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import tokens as rows

WRITE_EVERY_SECONDS: Final = 3.0
BATCH: Final = 500
WAITING_LIMIT: Final = 200_000

Note = tuple[rows.Grant, datetime, datetime]
"""What a token grants, its new end, and the end it may have at the latest."""

_log = logging.getLogger("smarty_main")


class Prolongations:
    """Notes by the hash of the token, the latest end of each. Safe between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, Note] = {}
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, token_hash: str, note: Note) -> bool:
        """Leave a note. False when too many wait: then the token keeps its end."""
        with self._guard:
            known = self._waiting.get(token_hash)
            if known is None and len(self._waiting) >= WAITING_LIMIT:
                return False
            if known is None or known[1] < note[1]:
                self._waiting[token_hash] = note
        return True

    def noted(self, token_hash: str) -> datetime | None:
        """The end that still waits to be written."""
        note = self._waiting.get(token_hash)
        return None if note is None else note[1]

    def write_now(self, token_hash: str, note: Note) -> None:
        """Write one end without waiting for the others. Raises `StorageError`."""
        self._store({token_hash: note})

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def flush(self) -> int:
        """Write everything that waits; how many tokens. Notes that cannot be written now wait on."""
        written = 0
        with self._writing:
            with self._guard:
                left = sorted(self._waiting)
            while left:
                # A note stays where `noted` finds it until its end is stored.
                batch, left = left[:BATCH], left[BATCH:]
                ends = {token_hash: self._waiting[token_hash] for token_hash in batch}
                self._store(ends)
                with self._guard:
                    for token_hash, note in ends.items():
                        if self._waiting[token_hash] == note:
                            del self._waiting[token_hash]
                written += len(ends)
        return written

    def _store(self, ends: rows.Ends) -> None:
        try:
            self._write(ends)
        except IntegrityError:  # one of them was stored by another process, or its session or service went, just now
            for token_hash, note in ends.items():
                self._write_alone({token_hash: note})

    def _write(self, ends: rows.Ends) -> None:
        with self._database.write() as session:
            rows.store_ends(session, ends)

    def _write_alone(self, end: rows.Ends) -> None:
        for _ in range(2):
            with contextlib.suppress(IntegrityError):
                return self._write(end)

    def start(self) -> None:
        """Write in the background from now on."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="token-prolonger", daemon=True)
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
            log_event(_log, logging.WARNING, "TOKENS_NOT_PROLONGED", waiting=self.waiting, error=str(exc))
