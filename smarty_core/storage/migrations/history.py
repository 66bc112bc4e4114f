"""One owner's history: its steps on disk, the version its tables have, and the way from one to the other.

The core and every plugin with tables are owners, each with steps of its own and a version table
`alembic_version_<owner>`; nobody's steps depend on another's.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, delete, inspect, text

from smarty_core.errors import LockTaken, StorageError

FOLDER: Final = Path(__file__).parent
LOCK_SECONDS: Final = 600
"""How long a second host waits while another one migrates."""

LOCK_NAME: Final = "smarty_migrate"
LOCK_NUMBER: Final = 0x534D_4152_5459


@dataclass(frozen=True)
class History:
    """The steps of one owner. `metadata` are the tables its newest step ends at, when they are known."""

    owner: str
    versions: Path
    metadata: MetaData | None = None

    @property
    def version_table(self) -> str:
        return f"alembic_version_{self.owner}"

    @cached_property
    def revisions(self) -> tuple[str, ...]:
        """Every step, oldest first."""
        return tuple(script.revision for script in self._scripts.walk_revisions())[::-1]

    @property
    def head(self) -> str:
        """The newest step; empty when there is none."""
        return self.revisions[-1] if self.revisions else ""

    @cached_property
    def _scripts(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self._config())

    def current(self, connection: Connection) -> tuple[str, ...]:
        """What the version table says, mistakes included."""
        context = MigrationContext.configure(connection, opts={"version_table": self.version_table})
        return tuple(sorted(context.get_current_heads()))

    def upgrade(self, connection: Connection) -> None:
        """Take every step that is missing, in the transaction of `connection`."""
        command.upgrade(self._config(connection), "head")

    def stamp(self, connection: Connection, revision: str = "head") -> None:
        """Write into the version table that the tables are at `revision`, whatever it said before."""
        command.stamp(self._config(connection), revision, purge=True)

    def keep_only(self, connection: Connection, revision: str) -> None:
        """Take all other rows out of the version table."""
        context = MigrationContext.configure(connection, opts={"version_table": self.version_table})
        table = context._version
        connection.execute(delete(table).where(table.c.version_num != revision))

    def write_step(self, connection: Connection, message: str, number: str) -> None:
        """A new step from the difference between the tables and `metadata` (for developers)."""
        command.revision(
            self._config(connection), message, autogenerate=True, rev_id=number, version_path=str(self.versions)
        )

    def _config(self, connection: Connection | None = None) -> Config:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("version_locations", str(self.versions).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.attributes.update(connection=connection, version_table=self.version_table, metadata=self.metadata)
        return config


@contextlib.contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """A transaction in which no other host migrates the same database; undone when the block raises.

    MariaDB cannot undo changes of tables: what a failed step has made there stays and is recognised the next time.
    """
    with engine.connect() as connection:
        _set_foreign_keys(connection, on=False)
        try:
            with connection.begin():
                _lock(connection)
                before = _dangling(connection)
                yield connection
                if worse := _dangling(connection) - before:
                    table, target = min(worse)
                    raise StorageError(
                        f"a step left rows of {table} that refer to nothing in {target}; nothing was changed"
                    )
        finally:
            _unlock(connection)
            _set_foreign_keys(connection, on=True)


def tables_of(connection: Connection, prefix: str = "") -> frozenset[str]:
    """Names of the tables that are there, version tables left out."""
    names = inspect(connection).get_table_names()
    return frozenset(name for name in names if name.startswith(prefix) and not name.startswith("alembic_version"))


def filled(connection: Connection, tables: Sequence[str]) -> list[str]:
    """Those of the tables that hold a row."""
    quote = connection.dialect.identifier_preparer.quote
    return [name for name in tables if connection.execute(text(f"SELECT 1 FROM {quote(name)}")).first() is not None]  # noqa: S608


def _lock(connection: Connection) -> None:
    kind = connection.dialect.name
    if kind == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
    elif kind in ("mysql", "mariadb"):
        taken = connection.scalar(
            text("SELECT GET_LOCK(CONCAT(:name, DATABASE()), :seconds)"), {"name": LOCK_NAME, "seconds": LOCK_SECONDS}
        )
        if taken != 1:
            raise LockTaken(f"another host has been migrating this database for {LOCK_SECONDS} s; nothing was done")


def _unlock(connection: Connection) -> None:
    if connection.dialect.name in ("mysql", "mariadb") and not connection.invalidated:
        connection.execute(text("SELECT RELEASE_LOCK(CONCAT(:name, DATABASE()))"), {"name": LOCK_NAME})
        connection.rollback()


def _set_foreign_keys(connection: Connection, *, on: bool) -> None:
    """SQLite changes a table by making it anew, which must not take the rows that refer to it along."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _dangling(connection: Connection) -> Counter[tuple[str, str]]:
    """(table, table referred to) -> rows whose target is missing; only SQLite can have such rows."""
    if connection.dialect.name != "sqlite":
        return Counter()
    return Counter((row[0], row[2]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))
