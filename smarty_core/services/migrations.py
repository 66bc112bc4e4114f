"""Brings the tables of the core and of all plugins to the newest step, and mends histories that went wrong.

Running servers never change tables: `demand_current` only says which command to run.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from smarty_core.errors import ConfigError, StorageError
from smarty_core.plugins.hooks import Hooks
from smarty_core.storage import models
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.engines import describe_trouble, is_trouble
from smarty_core.storage.migrations.history import FOLDER, History, alone, filled, tables_of

CORE: Final = "core"
COMMAND: Final = "smarty_manage migrate"

assert models  # importing them fills the metadata


@dataclass(frozen=True, slots=True)
class Change:
    """What was done for one owner: `notes` say what was found wrong and mended, `taken` names the steps."""

    owner: str
    taken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Migrations:
    """The histories of one database. Two hosts that upgrade at once do it one after the other."""

    def __init__(self, database: Database, hooks: Hooks) -> None:
        self._database = database
        self._hooks = hooks

    def histories(self) -> list[History]:
        """The core's first, then the plugins' by name.

        The hooks of a plugin whose steps are not there, or need a step of the core that is not, are taken out of use
        (`Hooks.problems` says why); its tables stay as they are and everybody else goes on.
        """
        core = History(CORE, FOLDER / "versions", Base.metadata)
        found = [core]
        for plugin, package in self._hooks.collect("register_migrations"):
            try:
                steps = importlib.import_module(str(package))
                folder = Path(next(iter(steps.__path__)))
            except (ImportError, AttributeError, StopIteration) as failure:
                self._hooks.disable(plugin, f"its migrations {package!r} cannot be found: {failure}")
                continue
            needed = getattr(steps, "requires_core", core.head)
            if needed not in core.revisions:
                self._hooks.disable(
                    plugin,
                    f"it needs step {needed} of the core, and this release ends at {core.head}: upgrade smarty-core, "
                    "or take a plugin made for this release",
                )
                continue
            found.append(History(plugin, folder))
        return found

    def upgrade(self) -> list[Change]:
        """Mend what can be mended and take the missing steps, each owner in a transaction of its own.

        Raises `ConfigError` with an explanation for a history that only a person can judge, `StorageError` when the
        database fails; then nothing of that owner is changed (but on MariaDB, see `history.alone`).
        """
        changes = []
        for history in self.histories():
            with self._alone() as connection:
                notes = list(_mended(history, connection))
                before = history.current(connection)
                if before != (history.head,) and history.head:
                    history.upgrade(connection)
                position = history.revisions.index(before[0]) + 1 if before else 0
                changes.append(Change(history.owner, history.revisions[position:], tuple(notes)))
        return changes

    def fake(self) -> list[Change]:
        """Only write down that all steps are taken (`--fake`), for tables that were brought up by hand."""
        changes = []
        for history in self.histories():
            with self._alone() as connection:
                if history.head and history.current(connection) != (history.head,):
                    history.stamp(connection)
                    changes.append(
                        Change(history.owner, (), (f"noted as being at {history.head}; no table was touched",))
                    )
        return changes

    def tables(self) -> frozenset[str]:
        """The tables that are there, whosoever they are."""
        with self._database.read_master() as session:
            return tables_of(session.connection())

    def pending(self, histories: Sequence[History] | None = None) -> dict[str, tuple[str, ...]]:
        """Owner -> steps that were not taken yet. A version this release does not know is a newer one's: none.

        Who asks again and again gives the `histories` he has.
        """
        found = {}
        with self._database.read_master() as session:
            for history in self.histories() if histories is None else histories:
                current = history.current(session.connection())
                known = [history.revisions.index(name) for name in current if name in history.revisions]
                steps = history.revisions[max(known) + 1 :] if known else () if current else history.revisions
                if steps:
                    found[history.owner] = tuple(steps)
        return found

    def demand_current(self) -> None:
        """Raise `ConfigError` with the command to run when steps are missing."""
        missing = self.pending()
        if missing:
            steps = "; ".join(f"{owner}: {', '.join(names)}" for owner, names in missing.items())
            raise ConfigError(f"the database is not up to date ({steps}); run: {COMMAND}")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[Connection]:
        try:
            with alone(self._database.engine) as connection:
                yield connection
        except SQLAlchemyError as failure:
            word = "the database failed" if is_trouble(failure) else "a step failed"
            raise StorageError(f"{word} while migrating: {describe_trouble(failure)}") from failure
        except CommandError as failure:
            raise ConfigError(f"the steps do not fit together: {failure}") from failure


def _mended(history: History, connection: Connection) -> Iterator[str]:
    """Repair the version table where its truth can be seen from the tables; what was found and done."""
    current = history.current(connection)
    if len(current) > 1 and all(name in history.revisions for name in current):
        newest = max(current, key=history.revisions.index)
        history.keep_only(connection, newest)
        yield f"the version table named {', '.join(current)} at once; kept the newest, {newest}"
    elif unknown := [name for name in current if name not in history.revisions]:
        if history.metadata is None or _differences(history, connection):
            raise ConfigError(_unknown(history, unknown, connection))
        history.stamp(connection)
        yield f"the version table named {', '.join(unknown)}, which no step is called; the tables are those of " \
              f"{history.head}, so that is noted now"  # fmt: skip
    elif not current and history.metadata is not None:
        yield from _unversioned(history, history.metadata.tables.keys() & tables_of(connection), connection)


def _unversioned(history: History, there: set[str], connection: Connection) -> Iterator[str]:
    """Tables without a version: all of them, or the rest of a first step that did not come to its end."""
    if not there:
        return
    assert history.metadata is not None
    if not _differences(history, connection):
        history.stamp(connection)
        yield f"the tables were there without a version; they are those of {history.head}, so that is noted now"
        return
    if kept := filled(connection, sorted(there)):
        raise ConfigError(
            f"{history.owner}: the database has tables but no version of them, they are not those of {history.head}, "
            f"and some hold data ({', '.join(kept[:5])}). Nothing was changed. If you brought them up by hand, run "
            f"{COMMAND} --fake; else restore a backup or name an empty database"
        )
    for table in reversed(history.metadata.sorted_tables):
        if table.name in there:
            table.drop(connection)
    yield f"a first step that did not come to its end had left {len(there)} empty tables; they were made anew"


def _differences(history: History, connection: Connection) -> list[str]:
    """How the tables differ from the newest step, in words; other owners' tables do not count."""
    assert history.metadata is not None
    own = history.metadata.tables

    def counts(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or name in own

    context = MigrationContext.configure(connection, opts={"include_name": counts, "compare_type": False})
    return [
        str(part[0] if isinstance(part, tuple) else part[0][0]) for part in compare_metadata(context, history.metadata)
    ]


def _unknown(history: History, unknown: list[str], connection: Connection) -> str:
    differ = _differences(history, connection) if history.metadata is not None else []
    more = f" The tables differ from {history.head} in {len(differ)} places." if differ else ""
    return (
        f"{history.owner}: the version table names {', '.join(unknown)}, a step this release does not have (it knows "
        f"{', '.join(history.revisions)}).{more} A newer release has migrated this database: install that one. If you "
        f"know that the tables are those of {history.head}, run {COMMAND} --fake. Nothing was changed"
    )
