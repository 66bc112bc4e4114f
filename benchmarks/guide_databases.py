"""Databases for the benchmarks of the guide import: made, emptied and dropped on whatever servers answer."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.migrations import Migrations
from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgChannel, EpgSource
from smarty_core.testing.servers import answers

NAME: Final = f"smarty_bench_{os.getpid()}"
SERVERS: Final = {
    "postgresql": URL.create("postgresql+psycopg", getpass.getuser(), host="127.0.0.1", port=5432, database="postgres"),
    "mariadb": URL.create("mariadb+pymysql", "root", host="127.0.0.1", port=3306),
}
"""Where servers are on a developer's machine; `SMARTY_TEST_<KIND>_URL` names others."""


def no_hooks() -> Hooks:
    return Hooks(Discovery(environ={}, injected={}))


def server_of(kind: str) -> URL | None:
    """The address of a server of that kind; None when there is none."""
    given = os.environ.get(f"SMARTY_TEST_{kind.upper()}_URL")
    if given:
        url = make_url(given)
        return url if "+" in url.drivername else url.set(drivername=SERVERS[kind].drivername)
    port = SERVERS[kind].port
    return SERVERS[kind] if port and answers(port) else None


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """The address of a database of our own, gone afterwards. Raises `LookupError` when there is no server for it."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'guide.sqlite'}"
        return
    server = server_of(kind)
    if server is None:
        raise LookupError(kind)
    url = server.set(database=NAME).render_as_string(hide_password=False)
    try:
        yield url
    finally:
        empty(url, again=False)


def empty(url: str, *, again: bool = True) -> None:
    """Drop the database, and make it again without tables."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        for path in Path(str(parsed.database)).parent.glob(f"{Path(str(parsed.database)).name}*"):
            path.unlink()
        return
    postgresql = parsed.get_backend_name() == "postgresql"
    engine = create_engine(
        parsed.set(database="postgres" if postgresql else "information_schema"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {NAME}{' WITH (FORCE)' if postgresql else ''}"))
        if again:
            connection.execute(text(f"CREATE DATABASE {NAME}{'' if postgresql else ' CHARACTER SET utf8mb4'}"))
    engine.dispose()


def new_database(url: str, document: Path, channels: int) -> Database:
    """Emptied and made anew, with a source that reads `document` and its channels."""
    empty(url)
    database = Database(url)
    Migrations(database, no_hooks()).upgrade()
    with database.write() as session:
        source = EpgSource(name="bench", parser="xmltv_from_files", url_mask=str(document))
        session.add(source)
        session.flush()
        session.add_all(
            EpgChannel(source_id=source.id, source_channel_id=f"ch{number}", name=f"{number}")
            for number in range(channels)
        )
    return database
