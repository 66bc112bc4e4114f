"""SQLAlchemy engines with our settings: WAL on SQLite, UTC everywhere, every wait bounded."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
import weakref
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

POOL_WAIT_SECONDS = 5.0
"""How long a thread waits for a free connection."""

LOCK_WAIT_SECONDS = 10
"""How long a statement waits for a row (SQLite: the database) that somebody else is writing."""

READ_ONLY = "smarty_read_only"

DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql", "oracle": "oracledb"}


def make_engine(url: URL, *, pool_size: int = 8) -> Engine:
    """An engine for `url`. Nothing is connected yet.

    What it raises never shows the values of a statement: they may be hashes and keys, and errors end in logs.
    An address without a file (`sqlite://`) gets a temporary file that goes when the engine is disposed of: unlike
    SQLite's own memory databases it can be shared between threads.
    """
    kind = url.get_backend_name()
    if kind == "sqlite":
        return _sqlite(url, pool_size=pool_size)
    if "+" not in url.drivername and kind in DRIVERS:
        url = url.set(drivername=f"{url.drivername}+{DRIVERS[kind]}")
    options: dict[str, Any] = {
        "hide_parameters": True,
        "pool_size": pool_size,
        "pool_timeout": POOL_WAIT_SECONDS,
        "pool_pre_ping": True,
        "pool_recycle": 1800,
    }
    if kind == "postgresql":
        settings = f"-c timezone=utc -c lock_timeout={LOCK_WAIT_SECONDS * 1000}"
        own = url.query.get("options", "")
        options["connect_args"] = {"connect_timeout": 5, "options": f"{settings} {own}".strip()}
    elif kind in ("mysql", "mariadb"):
        url = url.update_query_dict({"charset": "utf8mb4"})
        hello = f"SET time_zone='+00:00', innodb_lock_wait_timeout={LOCK_WAIT_SECONDS}"
        options["connect_args"] = {"connect_timeout": 5, "init_command": hello}
        options["isolation_level"] = "READ COMMITTED"
    return create_engine(url, **options)


def is_trouble(exc: BaseException) -> bool:
    """Whether the database did not do its work (away, full, read-only, overloaded), as opposed to a wrong statement
    or a violated constraint."""
    if isinstance(exc, (OperationalError, InterfaceError, InternalError, PoolTimeout)):
        return True
    return type(exc) is DatabaseError or (isinstance(exc, DBAPIError) and exc.connection_invalidated)


def describe_trouble(exc: BaseException) -> str:
    """One line for an error message, without the statement and its values."""
    if isinstance(exc, PoolTimeout):
        return f"no free connection within {POOL_WAIT_SECONDS:g} s"
    cause: object = exc.orig if isinstance(exc, DBAPIError) and exc.orig is not None else exc
    return f"{type(cause).__name__}: {cause}".strip().replace("\n", " ")[:300]


def _sqlite(url: URL, *, pool_size: int) -> Engine:
    temporary = url.database in (None, "", ":memory:")
    if temporary:
        handle, path = tempfile.mkstemp(prefix="smarty-", suffix=".sqlite")
        os.close(handle)
        url = url.set(database=path)
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False},
        pool_size=pool_size,
        max_overflow=2 * pool_size,
        pool_timeout=POOL_WAIT_SECONDS,
    )
    if temporary:
        event.listen(engine, "engine_disposed", lambda _engine: _remove(path))
        weakref.finalize(engine, _remove, path)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        _switch_to_wal(cursor)
        cursor.execute(f"PRAGMA synchronous={'OFF' if temporary else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that reads first and writes later fails with "database is locked" at once when another one
        # has written meanwhile; taking the write lock at its beginning makes it wait instead.
        read_only = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _switch_to_wal(cursor: Any) -> None:
    """Two processes that open a new file at once: the switch needs the file alone and does not wait by itself."""
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as exc:
            if "readonly" in str(exc):
                return  # a file opened for reading only stays as it is
            if "locked" not in str(exc) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _remove(path: str) -> None:
    for name in (path, f"{path}-wal", f"{path}-shm"):
        Path(name).unlink(missing_ok=True)
