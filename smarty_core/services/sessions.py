"""Sessions: who stands behind an authkey.

Whatever ends or changes a session bumps `account:<id>`, so other processes notice within a second; the process that
ends it forgets it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as SqlSession

from smarty_core.contracts.events import SessionClosed
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.geo import Places
from smarty_core.services.operators import Operators
from smarty_core.services.seen import SeenWriter, Sighting
from smarty_core.services.session_memory import SessionMemory
from smarty_core.services.viewer import Viewer
from smarty_core.storage.database import Database, after_commit, bump
from smarty_core.storage.models import Session
from smarty_core.storage.repositories import sessions as rows
from smarty_core.storage.vault import key_hash, new_authkey

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.storage.cache import Cache

SEEN_EVERY: Final = timedelta(seconds=60)
"""How old the stored time of the last sign of life may get before it is written again."""
NOTED: Final = 200_000
"""Sessions whose last note is remembered."""
AUTHKEY_LENGTH: Final = 128

__all__ = ["NewSession", "Sessions", "Viewer"]

EndReason = Literal["logout", "expired", "pushed_out", "removed"]


@dataclass(frozen=True, slots=True)
class NewSession:
    """What is stored about a login."""

    client_id: int
    account_id: int
    device_id: int | None
    device: str
    device_uid: str
    basic: bool
    ip: str
    model: str = ""
    app_build_version: str = ""
    profile_id: int | None = None
    country_id: int = 0
    city_id: int = 0


class Sessions:
    """The sessions of the installation. Safe between threads."""

    def __init__(
        self,
        *,
        database: Database,
        cache: Cache,
        settings: Settings,
        operators: Operators,
        places: Places,
        hooks: Hooks,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._settings = settings
        self._hooks = hooks
        self._clock = clock
        self._noted: dict[int, datetime] = {}
        self.memory = SessionMemory(database=database, cache=cache)
        self.writer = SeenWriter(database=database, operators=operators, places=places)

    def find(self, authkey: str, client_id: int) -> Viewer | None:
        """The viewer behind a key of this operator, or None when there is no such session."""
        if len(authkey) != AUTHKEY_LENGTH or not authkey.isascii():
            return None
        viewer = self.memory.find(key_hash(authkey))
        return viewer if viewer is not None and viewer.client_id == client_id else None

    def by_id(self, session_id: int, client_id: int) -> Viewer | None:
        """The viewer of a session of this operator by its number, read anew; None when it has ended."""
        with self._database.read() as session:
            found = rows.find_viewer_by_id(session, client_id, session_id)
        return Viewer(**found) if found is not None else None

    def create_all(self, new: Iterable[NewSession], *, session: SqlSession, now: datetime) -> list[tuple[str, int]]:
        """Add sessions inside the caller's transaction; their authkeys, which are kept nowhere, and ids, in order."""
        made = [(new_authkey(), each) for each in new]
        rows_of = [
            Session(
                client_id=each.client_id,
                authkey_hash=key_hash(authkey),
                account_id=each.account_id,
                device_id=each.device_id,
                device=each.device,
                device_uid=each.device_uid,
                basic=each.basic,
                ip=each.ip,
                model=each.model,
                app_build_version=each.app_build_version,
                profile_id=each.profile_id,
                country_id=each.country_id or None,
                city_id=each.city_id or None,
                created_at=now,
                last_seen_at=now,
            )
            for authkey, each in made
        ]
        session.add_all(rows_of)
        session.flush()
        return [(authkey, row.id) for (authkey, _), row in zip(made, rows_of, strict=True)]

    def delete(self, authkey: str, client_id: int) -> bool:
        """End the session of a key (logout): at once here, within a second elsewhere. False when there is none."""
        with self._database.write() as session:
            query = select(Session).where(Session.authkey_hash == key_hash(authkey), Session.client_id == client_id)
            found = session.scalar(query)
            if found is not None:
                self.end(session, [found], reason="logout")
        return found is not None

    def end(self, session: SqlSession, ended: Iterable[Session], *, reason: EndReason) -> None:
        """End sessions inside the caller's transaction; `reason` is told to plugins."""
        gone = sorted((row for row in ended if row in session), key=lambda row: row.id)
        if not gone:
            return
        session.execute(
            delete(Session).where(Session.id.in_([row.id for row in gone])),
            execution_options={"synchronize_session": False},
        )
        bump(session, *{f"account:{row.account_id}" for row in gone})
        hashes = [row.authkey_hash for row in gone]
        closed = [SessionClosed(row.client_id, row.account_id, row.id, reason) for row in gone]
        for row in gone:
            session.expunge(row)

        def tell() -> None:
            self.memory.forget(hashes)
            for event in closed:
                self._hooks.notify("session_closed", event=event)

        after_commit(session, tell)

    def delete_all(self, client_id: int) -> int:
        """End every session of an operator; how many there were."""
        ended = 0
        while True:
            with self._database.write() as session:
                batch = session.scalars(
                    select(Session).where(Session.client_id == client_id).order_by(Session.id).limit(500)
                ).all()
                self.end(session, batch, reason="removed")
            ended += len(batch)
            if len(batch) < 500:
                return ended

    def clean(self, days: int) -> int:
        """End the sessions not seen for `days` days (TVMIDDLEWARE_CLEAN_OLD_SESSIONS_DAYS); how many."""
        before, ended = self._clock() - timedelta(days=days), 0
        while True:
            with self._database.write() as session:
                batch = session.scalars(
                    select(Session).where(Session.last_seen_at < before).order_by(Session.id).limit(500)
                ).all()
                self.end(session, batch, reason="expired")
            ended += len(batch)
            if len(batch) < 500:
                return ended

    def seen(self, viewer: Viewer, ip: str, now: datetime) -> None:
        """Note a sign of life; written later together with others (see `SeenWriter`)."""
        moved = bool(ip) and ip != viewer.ip
        last = self._noted.get(viewer.session_id, viewer.last_seen_at)
        if moved or last is None or now - last >= SEEN_EVERY:
            if len(self._noted) >= NOTED:
                self._noted = {}  # what is noted once too often is only written once too often
            self._noted[viewer.session_id] = now
            self.writer.note(
                Sighting(
                    viewer.session_id, viewer.account_id, viewer.client_id, now,
                    ip, viewer.ip, viewer.country_id, viewer.city_id,
                )
            )  # fmt: skip

    def name_model(self, viewer: Viewer, model: str) -> None:
        """Store the device's model when it differs from what is known."""
        if not model or model[:128] == viewer.model:
            return
        with self._database.write() as session:
            session.execute(update(Session).where(Session.id == viewer.session_id).values(model=model[:128]))
            bump(session, f"account:{viewer.account_id}")

    def online_since(self, now: datetime) -> datetime:
        """A session seen at this moment or later is online."""
        return now - timedelta(seconds=self._settings.ONLINE_SECONDS)

    def start(self) -> None:
        """Begin to write signs of life in the background; called by the server, not by commands."""
        self.writer.start()

    def close(self) -> None:
        """Write what is still waiting and stop."""
        self.writer.close()
