"""Rows that many tests begin with: made once by what makes them, then copied into one database after another."""

from __future__ import annotations

import contextlib
import pickle
import sqlite3
from collections.abc import Callable
from typing import Generic, TypeVar

from smarty_core.storage.database import Database

Told = TypeVar("Told")


class Snapshot(Generic[Told]):
    """What `make` adds to an empty SQLite database, and what it tells about it (must be picklable).

    Into a database of another kind, or one with rows in it, `make` adds it anew each time.
    """

    def __init__(self, make: Callable[[Database], Told]) -> None:
        self._make = make
        self._kept: dict[str, tuple[sqlite3.Connection, bytes]] = {}
        """By the statements that make the tables: plugins may have added some."""

    def into(self, database: Database) -> Told:
        """Add the rows to `database`; a new copy of what is told about them."""
        path = database.engine.url.database
        if database.dialect != "sqlite" or not path:
            return self._make(database)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            schema = _schema(connection)
            if not _is_empty(connection):
                return self._make(database)
            if schema in self._kept:
                rows, told = self._kept[schema]
                connection.execute("PRAGMA synchronous=OFF")
                rows.backup(connection)
            else:
                told = pickle.dumps(self._make(database))
                rows = sqlite3.connect(":memory:", check_same_thread=False)
                connection.backup(rows)
                self._kept[schema] = rows, told
        return pickle.loads(told)  # type: ignore[no-any-return]


def _schema(connection: sqlite3.Connection) -> str:
    return "\n".join(str(sql) for (sql,) in connection.execute("SELECT sql FROM sqlite_master ORDER BY name"))


def _is_empty(connection: sqlite3.Connection) -> bool:
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    names = [name for name in names if not name.startswith(("alembic_version", "sqlite_"))]
    asked = " OR ".join(f'EXISTS (SELECT 1 FROM "{name}")' for name in names)
    return not connection.execute(f"SELECT {asked or 0}").fetchone()[0]
