"""Databases on a SQL server for one test after another: made, emptied and removed."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import URL

from smarty_core.storage.base import Base
from smarty_core.storage.database import Database

numbers = itertools.count(1)


def worker() -> str:
    """Name of this pytest process among those of one run."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


class _Kept(NamedTuple):
    """A database that one test after another gets, and what its tables look like."""

    name: str
    shape: str


class SqlServer:
    """A PostgreSQL or MariaDB server: makes, empties and removes databases of this run."""

    def __init__(self, kind: str, admin: URL) -> None:
        self.kind = kind
        self.admin = admin
        self.prefix = f"smarty_test_{worker()}_{os.getpid()}"
        self._template = ""
        self._kept = _Kept("", "")
        self._lent = False

    def fresh(self) -> URL:
        """A new database without tables."""
        name = f"{self.prefix}_{next(numbers)}"
        self._create(name)
        return self.admin.set(database=name)

    def with_schema(self) -> URL:
        """A database with the newest schema and no rows. It is the same one, emptied, wherever that will do."""
        if self.kind == "postgresql":
            return self._postgresql_with_schema()
        name = f"{self.prefix}_schema"
        url = self.admin.set(database=name)
        if not self._template:
            self._create(name)
            create_schema(url)
            self._template = name
        else:
            _empty_mariadb(url)
        return url

    def _postgresql_with_schema(self) -> URL:
        if not self._template:
            template = f"{self.prefix}_template"
            self._create(template)
            create_schema(self.admin.set(database=template))
            self._template = template
        if self._kept.name and not self._lent:
            url = self.admin.set(database=self._kept.name)
            if _empty_postgresql(url) == self._kept.shape:
                self._lent = True
                return url
            self._drop(self._kept.name)  # a test has changed its tables
            self._kept = _Kept("", "")
        name = f"{self.prefix}_{next(numbers)}"
        self._create(name, f' TEMPLATE "{self._template}"')
        url = self.admin.set(database=name)
        if not self._kept.name:
            self._kept, self._lent = _Kept(name, _empty_postgresql(url)), True
        return url

    def drop(self, url: URL) -> None:
        """Take a database back; the one that is used again stays."""
        if url.database == self._kept.name:
            self._lent = False
        elif url.database != self._template:
            self._drop(url.database or "")

    def clean(self) -> None:
        """Remove this run's databases, and those of runs that died."""
        with self._connected() as connection:
            sql = "SHOW DATABASES" if self.kind == "mariadb" else "SELECT datname FROM pg_database"
            names = [row[0] for row in connection.execute(text(sql))]
        for name in names:
            found = re.match(r"smarty_test_[a-z0-9]+_(\d+)_", name)
            if found and (int(found[1]) == os.getpid() or not is_alive(int(found[1]))):
                self._drop(name)

    def _create(self, name: str, clause: str = "") -> None:
        with self._connected() as connection:
            if self.kind == "mariadb":
                connection.execute(text(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4"))
            else:
                connection.execute(text(f'CREATE DATABASE "{name}"{clause}'))

    def _drop(self, name: str) -> None:
        with self._connected() as connection:
            if self.kind == "mariadb":
                connection.execute(text(f"DROP DATABASE IF EXISTS `{name}`"))
            else:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self.admin, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def create_schema(url: URL) -> None:
    from smarty_core.plugins.discovery import Discovery
    from smarty_core.plugins.hooks import Hooks
    from smarty_core.services.migrations import Migrations

    database = Database(str(url.render_as_string(hide_password=False)))
    try:
        Migrations(database, Hooks(Discovery(environ={}, injected={}))).upgrade()
    finally:
        database.close()


_POSTGRESQL_SHAPE: Final = """
    SELECT md5(string_agg(line, chr(10) ORDER BY line)) FROM (
        SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, atttypmod, attnotnull) AS line FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, contype, condeferrable, confdeltype)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    ) AS lines"""
"""Columns of tables, indexes and sequences, and what binds them."""


def _empty_postgresql(url: URL) -> str:
    """Delete all rows, which is far faster than copying the template again; the shape of the tables."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    ours = "datname = current_database() AND pid <> pg_backend_pid()"
    try:
        with engine.connect() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {ours}"))
            found = connection.execute(text(_POSTGRESQL_SHAPE)).scalar_one()
            names = set(inspect(connection).get_table_names())
            tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name in names]
            asked = " UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in tables)
            filled = {row[0] for row in connection.execute(text(asked))}
            for name in tables:
                if name in filled:
                    connection.execute(text(f'DELETE FROM "{name}"'))
            connection.execute(text("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"))
            return str(found)
    finally:
        engine.dispose()


def _empty_mariadb(url: URL) -> None:
    """TRUNCATE what holds rows; on an InnoDB without syncing that is far faster than creating the tables again."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            names = [name for name in inspect(connection).get_table_names() if not name.startswith("alembic_version")]
            asked = " UNION ALL ".join(f"(SELECT '{name}' FROM `{name}` LIMIT 1)" for name in names)
            filled = [row[0] for row in connection.execute(text(asked))]
            connection.execute(text("SET FOREIGN_KEY_CHECKS=0"))
            for name in filled:
                connection.execute(text(f"TRUNCATE TABLE `{name}`"))
            connection.execute(text("SET FOREIGN_KEY_CHECKS=1"))
    finally:
        engine.dispose()


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
