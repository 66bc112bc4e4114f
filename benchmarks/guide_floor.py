"""What the guide import is measured against: a bare pass over the document, and a plain program that stores it.

The plain program reads the same document with the same parser and normaliser in one thread and writes the same columns
into the same table by plain `executemany` (PostgreSQL: COPY), nothing compared and nothing guarded.
"""

from __future__ import annotations

import time
from datetime import UTC
from pathlib import Path
from typing import Any, cast

from lxml import etree
from smarty_epg_xmltv.parser import XmltvFromFiles
from sqlalchemy import select

from smarty_core.contracts.epg_parser import EpgDocument, RawProgramme
from smarty_core.services.epg_import.mapping import Classifier
from smarty_core.services.epg_import.normalise import Normaliser, packed
from smarty_core.services.epg_import.times import TimeReader
from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgChannel
from smarty_core.storage.repositories.epg_programmes import COLUMNS, ProgrammeRow, moment
from smarty_core.testing.fake_host import FakeHost

BATCH = 5_000


def bare_pass(document: Path) -> float:
    """Seconds lxml takes to go through the document."""
    begun = time.perf_counter()
    for _, element in etree.iterparse(str(document), tag="programme", recover=True):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return time.perf_counter() - begun


def floor_pass(database: Database, document: Path) -> float:
    """Seconds a program takes that does nothing but store the document in an empty database."""
    with database.read() as session:
        ids = {row.source_channel_id: row.id for row in session.scalars(select(EpgChannel))}
    normaliser = Normaliser(
        default_language="ru", additional_languages=("en",), complain=_nothing,
        classifier=Classifier(database, 1, several=True, create=False, complain=_nothing),
    )  # fmt: skip
    times = TimeReader(UTC, lambda _name: None)
    parser = XmltvFromFiles("bench", XmltvFromFiles.Settings(), cast(Any, FakeHost.make("bench")))
    begun = time.perf_counter()
    with document.open("rb") as stream, database.write() as session:
        batch: list[ProgrammeRow] = []
        for raw in parser.parse(stream, EpgDocument(str(document)), _nothing):
            if not isinstance(raw, RawProgramme):
                continue
            start, stop = times.seconds(raw.start), times.seconds(raw.stop)
            batch.append(normaliser.row(ids[raw.channel], start, stop, packed(raw)))
            if len(batch) == BATCH:
                _write(session.connection(), batch)
                batch = []
        if batch:
            _write(session.connection(), batch)
    return time.perf_counter() - begun


def _nothing(_kind: str, _detail: str = "") -> None:
    """Nobody listens to complaints here."""


def _write(connection: Any, rows: list[ProgrammeRow]) -> None:
    """The rows as they are, by the plainest fast way of the driver."""
    kind = connection.dialect.name
    names = ", ".join(COLUMNS)
    values = [(row[0], moment(row[1]), moment(row[2]), *row[3:]) for row in rows]
    if kind == "postgresql":
        cursor = connection.connection.driver_connection.cursor()
        with cursor, cursor.copy(f"COPY epg_programme ({names}) FROM STDIN") as copy:
            for value in values:
                copy.write_row(value)
        return
    if kind == "sqlite":
        values = [
            (v[0], f"{v[1]:%Y-%m-%d %H:%M:%S}.000000", f"{v[2]:%Y-%m-%d %H:%M:%S}.000000", *v[3:]) for v in values
        ]
    marks = ", ".join(["?" if kind == "sqlite" else "%s"] * len(COLUMNS))
    connection.exec_driver_sql(f"INSERT INTO epg_programme ({names}) VALUES ({marks})", values)
