"""The way to SQL: engines, and one context manager each for reading and for writing.

A service opens exactly one `write()` per use case; repositories only ever receive its session. Tags named with
`bump()` are counted up in the same transaction, and whoever must hear of it is told after the commit.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from smarty_core.errors import StorageError
from smarty_core.storage.engines import LOCK_WAIT_SECONDS, READ_ONLY, describe_trouble, is_trouble, make_engine
from smarty_core.storage.tags import bump_in_transaction

if TYPE_CHECKING:
    from smarty_core.config.databases import DatabaseAddresses

__all__ = ["Database", "DatabaseUrls", "after_commit", "bump", "make_engine"]

REPLICA_LAG_SECONDS: Final = 2.0
"""After a change is known of, reading goes to the master for so long: a replica may not have it yet, and what is read
now may be cached under the new tag versions."""

log = logging.getLogger("smarty_main")


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The master and its read replicas. A replica that failed is left out for `downtime` seconds."""

    master: URL
    replicas: tuple[URL, ...] = ()
    downtime: float = 30.0


class Database:
    """One installation's database. Safe to share between threads."""

    def __init__(self, urls: DatabaseUrls | str, *, pool_size: int = 8) -> None:
        if isinstance(urls, str):
            urls = DatabaseUrls(make_url(urls))
        self.urls = urls
        self.engine = make_engine(urls.master, pool_size=pool_size)
        self._replicas = [make_engine(url, pool_size=pool_size) for url in urls.replicas]
        self._rested: dict[int, float] = {}
        self._master_until = 0.0
        self._turn = itertools.count()
        self._sessions = sessionmaker(expire_on_commit=False)
        self._listeners: list[Callable[[Mapping[str, int]], None]] = []
        # SQLite has one writer at a time and hands its lock to nobody in particular; threads queue up here first.
        self._writer = threading.Lock() if self.dialect == "sqlite" else None

    @classmethod
    def at(cls, addresses: DatabaseAddresses) -> Database:
        """The database the settings name. The folder of a SQLite file is made when it is missing."""
        master = make_url(addresses.master)
        if master.get_backend_name() == "sqlite" and master.database not in (None, "", ":memory:"):
            Path(str(master.database)).parent.mkdir(parents=True, exist_ok=True)
        return cls(DatabaseUrls(master, tuple(map(make_url, addresses.replicas)), addresses.downtime))

    @property
    def dialect(self) -> str:
        """`sqlite`, `postgresql`, `mysql`, `mariadb` or `oracle`."""
        return self.engine.dialect.name

    @property
    def engines(self) -> dict[str, Engine]:
        """The master and the replicas, by what to call them."""
        return {"master": self.engine, **{f"replica{number}": e for number, e in enumerate(self._replicas, 1)}}

    def troubles(self) -> dict[str, str]:
        """Master and replicas that do not answer now, by their names, and why. Each is asked, within its time-outs."""
        found = {}
        for name, engine in self.engines.items():
            try:
                with engine.connect() as connection:
                    connection.exec_driver_sql("SELECT 1 FROM DUAL" if self.dialect == "oracle" else "SELECT 1")
            except SQLAlchemyError as exc:
                found[name] = describe_trouble(exc)
        return found

    def on_bump(self, listener: Callable[[Mapping[str, int]], None]) -> None:
        """Call `listener` with tag -> new version of every committed change made through this object."""
        self._listeners.append(listener)

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing done in it is kept. Uses a replica when there is one that answers.

        Raises `StorageError` when the database is away or overloaded.
        """
        engine, session = self._open_reader()
        with _for_reading(session, lambda: self._rest(engine)):
            yield session

    @contextlib.contextmanager
    def read_master(self) -> Iterator[Session]:
        """As `read`, but never from a replica."""
        with _for_reading(self._sessions(bind=self.engine.execution_options(**{READ_ONLY: True}))) as session:
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends and undone when it raises.

        Raises `StorageError` when the database is away, full, read-only or overloaded; constraint violations come as
        they are (`sqlalchemy.exc.IntegrityError`), for the use case to translate.
        """
        versions: Mapping[str, int] = {}
        try:
            with self._my_turn(), self._sessions(bind=self.engine) as session:
                with session.begin():
                    yield session
                    tags = session.info.pop("tags", ())
                    if tags:
                        session.flush()
                        versions = bump_in_transaction(session, tags)
                callbacks = session.info.pop("after_commit", ())
        except SQLAlchemyError as exc:
            if not is_trouble(exc):
                raise
            raise StorageError(f"the database failed while writing: {describe_trouble(exc)}") from exc
        self.prefer_master()
        if versions:
            for listener in self._listeners:
                _tell(lambda listener=listener: listener(versions))  # type: ignore[misc]
        for callback in callbacks:
            _tell(callback)

    def prefer_master(self) -> None:
        """Read from the master for a moment, because something has changed."""
        self._master_until = time.monotonic() + REPLICA_LAG_SECONDS

    def close(self) -> None:
        """Close all connections. A temporary database is gone after that."""
        for engine in (self.engine, *self._replicas):
            engine.dispose()

    @contextlib.contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=3 * LOCK_WAIT_SECONDS):
            raise StorageError(f"the database was being written by others for {3 * LOCK_WAIT_SECONDS} s")
        try:
            yield
        finally:
            self._writer.release()

    def _open_reader(self) -> tuple[Engine, Session]:
        """A session on a replica that was just seen to answer, else on the master (connected at its first query)."""
        for engine in self._usable_replicas():
            session = self._sessions(bind=engine.execution_options(**{READ_ONLY: True}))
            try:
                session.connection()
            except SQLAlchemyError as exc:
                session.close()
                self._rest(engine)
                log.warning("a read replica does not answer and is left out: %s", describe_trouble(exc))
            else:
                return engine, session
        return self.engine, self._sessions(bind=self.engine.execution_options(**{READ_ONLY: True}))

    def _usable_replicas(self) -> Iterator[Engine]:
        now = time.monotonic()
        if now < self._master_until:
            return
        first = next(self._turn)
        for offset in range(len(self._replicas)):
            number = (first + offset) % len(self._replicas)
            if self._rested.get(number, 0.0) <= now:
                yield self._replicas[number]

    def _rest(self, engine: Engine) -> None:
        for number, replica in enumerate(self._replicas):
            if replica is engine:
                self._rested[number] = time.monotonic() + self.urls.downtime


@contextlib.contextmanager
def _for_reading(session: Session, failed: Callable[[], None] = lambda: None) -> Iterator[Session]:
    """Closes the session in the end; a database that is lost only then has been read all the same."""
    try:
        yield session
    except SQLAlchemyError as exc:
        if not is_trouble(exc):
            raise
        failed()
        raise StorageError(f"the database failed while reading: {describe_trouble(exc)}") from exc
    finally:
        try:
            session.close()
        except SQLAlchemyError as exc:
            if not is_trouble(exc):
                raise
            with contextlib.suppress(SQLAlchemyError):
                session.invalidate()


def bump(session: Session, *tags: str) -> None:
    """Say that the data behind `tags` changes with this transaction."""
    session.info.setdefault("tags", set()).update(tags)


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Call `callback` once this transaction is committed; never if it is undone. What it raises is logged."""
    session.info.setdefault("after_commit", []).append(callback)


def _tell(call: Callable[[], None]) -> None:
    """The transaction is committed: whatever goes wrong now must not look as if it were not."""
    try:
        call()
    except Exception:
        log.exception("a listener failed after a commit")
