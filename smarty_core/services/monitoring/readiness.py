"""Whether a server can do its work: what a load balancer asks before it sends anybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import text

from smarty_core.errors import SmartyError
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.migrations import COMMAND, Migrations
from smarty_core.storage.cache.tagversions import TagVersions
from smarty_core.storage.database import Database
from smarty_core.storage.migrations.history import History

GOOD_SECONDS: Final = 1.0
"""How long an answer of the database is told again: anybody may ask, as often as he likes."""

MIGRATIONS_SECONDS: Final = 30.0
"""Between two looks at the versions of the tables."""

DRAINING: Final = "the server is about to stop"


class Readiness:
    """Answers in no more than `seconds`, however the database is. Safe to share between threads."""

    def __init__(
        self, *, database: Database, hooks: Hooks, tag_versions: TagVersions, draining: threading.Event, seconds: float
    ) -> None:
        self._database = database
        self._migrations = Migrations(database, hooks)
        self._histories: list[History] = []
        self._pending = ""
        self._pending_at = float("-inf")
        self._tag_versions = tag_versions
        self._draining: Callable[[], bool] = draining.is_set
        self._seconds = seconds
        self._lock = threading.Lock()
        self._look: _Look | None = None

    def problems(self) -> list[str]:
        """What is in the way, in words; nothing when the server is ready."""
        return [*self._found()]

    def _found(self) -> Iterator[str]:
        if self._draining():
            yield DRAINING
        look = self._current_look()
        if not look.done.wait(max(0.0, look.begun + self._seconds - time.monotonic())):
            yield f"the database has not answered within {self._seconds:g} s"
        elif look.problem:
            yield look.problem
        if not self._tag_versions.trusted:
            yield "it is not known what has changed: the versions of the cache cannot be read"

    def _current_look(self) -> _Look:
        """The look that is being taken, or was a moment ago; at most one at a time, whatever becomes of it."""
        with self._lock:
            look = self._look
            if look is None or (look.done.is_set() and time.monotonic() - look.begun > GOOD_SECONDS):
                look = self._look = _Look()
                threading.Thread(target=self._take, args=(look,), name="readiness", daemon=True).start()
            return look

    def _take(self, look: _Look) -> None:
        try:
            with self._database.read_master() as session:
                session.execute(text("SELECT 1 FROM DUAL" if self._database.dialect == "oracle" else "SELECT 1"))
            now = time.monotonic()
            if now - self._pending_at > MIGRATIONS_SECONDS:
                self._histories = self._histories or self._migrations.histories()
                missing = self._migrations.pending(self._histories)
                self._pending = f"tables of {', '.join(missing)} are not up to date; run: {COMMAND}" if missing else ""
                self._pending_at = now
            look.problem = self._pending
        except SmartyError as failure:
            look.problem = f"the database does not do its work: {type(failure).__name__}"
        except Exception as failure:  # noqa: BLE001 - whatever it is, this server is not ready
            look.problem = f"the database cannot be asked: {type(failure).__name__}"
        finally:
            look.done.set()


class _Look:
    """One look at the database."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.done = threading.Event()
        self.problem = ""
