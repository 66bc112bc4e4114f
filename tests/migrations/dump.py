"""Writes what a release leaves in a SQLite database, with a row in every table: `python -m tests.migrations.dump`.

Run once for each release, when its last step is final; the file is never written again after that.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Boolean, Column, Date, Float, LargeBinary, Numeric, Table
from sqlalchemy.types import Integer, String, TypeEngine

from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.migrations import Migrations
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.migrations.history import FOLDER, History
from smarty_core.storage.types import Json, MoneyAmount, UtcDateTime

RELEASED: Final = Path(__file__).parent / "released"
CORE: Final = History("core", FOLDER / "versions", Base.metadata)

ROWS: Final = 2
VALUES: Final[Mapping[type[TypeEngine[Any]], Any]] = {
    UtcDateTime: lambda number: datetime(2026, 3, number, 12, 30, 0, 250_000, tzinfo=UTC),
    MoneyAmount: lambda number: Decimal("299.9900") + number,
    Json: lambda number: [number, "строка"],
    Boolean: lambda number: bool(number % 2),
    Date: lambda number: date(2026, 3, number),
    Float: lambda number: number + 0.5,
    LargeBinary: lambda number: bytes([0, number]) * 8,
    Numeric: lambda number: Decimal(number),
    Integer: lambda number: number,
    String: lambda number: f"имя {number}",
}
"""The first kind a column is of gives its value."""


def no_plugins() -> Hooks:
    return Hooks(Discovery(environ={}, injected={}))


def fill(database: Database) -> None:
    """Two rows in every table, each with a value in every column."""
    with database.write() as session:
        for table in Base.metadata.sorted_tables:
            for number in range(1, ROWS + 1):
                session.execute(table.insert().values(_row(table, number)))


def _row(table: Table, number: int) -> dict[str, Any]:
    """A row that refers to the rows of the same number, to itself only through later rows."""
    own = {column.name for column in table.c for key in column.foreign_keys if key.column.table is table}
    return {column.name: None if column.name in own and number == 1 else _value(column, number) for column in table.c}


def _value(column: Column[Any], number: int) -> Any:
    make = next(make for kind, make in VALUES.items() if isinstance(column.type, kind))
    value = make(number)
    length = getattr(column.type, "length", None)
    return value if length is None or len(value) <= length else str(number)[-length:]


def dumped(path: Path) -> str:
    """The database as SQL statements."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def main() -> None:
    target = RELEASED / f"{CORE.head}.sqlite.sql"
    if target.exists() and "--again" not in sys.argv:
        sys.exit(
            f"{target.name} is there already; a released schema does not change (--again while it is not released)"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "smarty.sqlite"
        database = Database(f"sqlite:///{path}")
        Migrations(database, no_plugins()).upgrade()
        fill(database)
        database.close()
        target.write_text(dumped(path), encoding="utf-8")


if __name__ == "__main__":
    main()
