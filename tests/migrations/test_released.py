"""What a release has stored is there after the upgrade, and in the tables of this release."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from smarty_core.services.migrations import Migrations
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, Country, Programme, Tariff

from .dump import CORE, RELEASED, ROWS, no_plugins

DUMPS = sorted(RELEASED.glob("*.sqlite.sql"))

Rows = dict[str, list[dict[str, Any]]]


def rows_of(path: Path) -> Rows:
    """Every row as SQLite keeps it, in the order of the rows."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [name for name in names if not name.startswith(("alembic_version", "sqlite_"))]
        return {
            name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2')] for name in own
        }


@pytest.fixture(params=DUMPS, ids=[path.name.partition(".")[0] for path in DUMPS])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database as the release left it."""
    path = tmp_path / "smarty.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(request.param.read_text("utf-8"))
    return path


@pytest.fixture
def upgraded(stored: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{stored}")
    Migrations(database, no_plugins()).upgrade()
    yield database
    database.close()


def test_there_is_a_dump_of_the_first_release_and_each_is_of_a_step() -> None:
    names = [path.name.partition(".")[0] for path in DUMPS]
    assert names[:1] == ["0001"]
    assert set(names) <= set(CORE.revisions)


def test_every_stored_value_is_there_after_the_upgrade(stored: Path) -> None:
    before = rows_of(stored)
    assert min(len(rows) for rows in before.values()) == ROWS
    database = Database(f"sqlite:///{stored}")
    Migrations(database, no_plugins()).upgrade()
    database.close()
    after = rows_of(stored)
    for table, rows in before.items():
        kept = [{name: row[name] for name in old} for old, row in zip(rows, after[table], strict=True)]
        assert kept == rows, table


def test_the_upgraded_tables_are_those_of_the_models(upgraded: Database) -> None:
    with upgraded.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": CORE.version_table})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_heads() == (CORE.head,)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").all() == [("ok",)]


def test_the_models_read_what_was_stored(upgraded: Database) -> None:
    with upgraded.read() as session:
        assert session.get_one(Tariff, 1).price == Decimal("300.9900")
        assert session.get_one(Programme, 2).start == datetime(2026, 3, 2, 12, 30, 0, 250_000, tzinfo=UTC)
        assert session.get_one(Account, 2).allowed_device_groups == [2, "строка"]
        assert session.scalars(select(Country.name).order_by(Country.id)).all() == ["имя 1", "имя 2"]


def test_ids_go_on_where_they_were(upgraded: Database) -> None:
    with upgraded.write() as session:
        session.delete(session.get_one(Country, 2))
    with upgraded.write() as session:
        session.add(Country(code="RU", name="Россия"))
    with upgraded.read() as session:
        assert session.scalars(select(Country.id).order_by(Country.id)).all() == [1, 3]
