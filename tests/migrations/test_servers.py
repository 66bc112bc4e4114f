"""What each kind of server needs said aloud in the steps."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from smarty_core.services.migrations import Migrations
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.models import Country

from .dump import fill, no_plugins


@pytest.mark.parametrize("empty_database_url", ["mariadb"], indirect=True)
def test_mariadb_keeps_every_letter_whatever_the_database_was_made_with(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with database.engine.begin() as connection:
        connection.execute(text("ALTER DATABASE CHARACTER SET latin1"))
    Migrations(database, no_plugins()).upgrade()
    with database.write() as session:
        session.add(Country(code="RU", name="Россия 🛰"))
    with database.engine.connect() as connection:
        found = connection.execute(
            text("SELECT table_name, engine, table_collation FROM information_schema.tables"
                 " WHERE table_schema = DATABASE() AND table_name NOT LIKE 'alembic%'")
        ).all()  # fmt: skip
    with database.read() as session:
        assert session.get_one(Country, 1).name == "Россия 🛰"
    database.close()
    assert {row[0] for row in found} == set(Base.metadata.tables)
    assert {(row[1], row[2].partition("_")[0]) for row in found} == {("InnoDB", "utf8mb4")}


def test_every_column_takes_a_value_on_every_server(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    Migrations(database, no_plugins()).upgrade()
    fill(database)
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            assert len(session.execute(table.select()).all()) == 2, table.name
    database.close()
