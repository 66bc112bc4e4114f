"""The guide import beside a floor that writes the same rows: `python -m benchmarks.epg_import`.

The floor reads the same document with the same parser and normaliser in one thread and writes the same columns into
the same table by plain `executemany` (PostgreSQL: COPY), nothing compared and nothing guarded. A bare pass is lxml
alone going through the document. Times are those inside the work, without the start of the process.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from lxml import etree
from smarty_epg_xmltv.parser import XmltvFromFiles
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from benchmarks.guide_documents import write_document
from smarty_core.config import Settings
from smarty_core.contracts.epg_parser import EpgDocument, RawProgramme
from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.epg_import.mapping import Classifier
from smarty_core.services.epg_import.normalise import Normaliser, packed
from smarty_core.services.epg_import.options import ImportOptions
from smarty_core.services.epg_import.run import EpgImport
from smarty_core.services.epg_import.times import TimeReader
from smarty_core.services.migrations import Migrations
from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgChannel, EpgSource, Programme
from smarty_core.storage.repositories.epg_programmes import COLUMNS, ProgrammeRow, moment
from smarty_core.storage.vault import Vault
from smarty_core.testing.fake_host import FakeHost

FIRST, SAME, CHANGED = 0.70, 0.30, 3.5
BATCH = 5_000


class Bench:
    """One kind of database and one order of the document."""

    def __init__(self, url: str, folder: Path, *, programmes: int, channels: int, by_time: bool) -> None:
        self.url, self.folder, self.channels = url, folder, channels
        self.programmes, self.by_time = programmes, by_time
        self.document = folder / "guide.xml"
        self.total = self.make(0.0)

    def make(self, changed_percent: float) -> int:
        """Write the document; how many programmes it holds."""
        return write_document(
            self.document, programmes=self.programmes, channels=self.channels, by_time=self.by_time,
            changed_percent=changed_percent,
        )  # fmt: skip

    def bare_pass(self) -> float:
        begun = time.perf_counter()
        for _, element in etree.iterparse(str(self.document), tag="programme", recover=True):
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        return time.perf_counter() - begun

    def database(self) -> Database:
        """Emptied and made anew, with the source and its channels."""
        empty(self.url)
        database = Database(self.url)
        Migrations(database, Hooks(Discovery(environ={}, injected={}))).upgrade()
        with database.write() as session:
            source = EpgSource(name="bench", parser="xmltv_from_files", url_mask=str(self.document))
            session.add(source)
            session.flush()
            session.add_all(
                EpgChannel(source_id=source.id, source_channel_id=f"ch{number}", name=f"{number}")
                for number in range(self.channels)
            )
        return database

    def floor(self, database: Database) -> float:
        with database.read() as session:
            ids = {row.source_channel_id: row.id for row in session.scalars(select(EpgChannel))}
        normaliser = Normaliser(
            default_language="ru", additional_languages=("en",), complain=_nothing,
            classifier=Classifier(database, 1, several=True, create=False, complain=_nothing),
        )  # fmt: skip
        times = TimeReader(ZoneInfo("UTC"), lambda _name: None)
        parser = XmltvFromFiles("bench", XmltvFromFiles.Settings(), cast(Any, FakeHost.make("bench")))
        document = EpgDocument(str(self.document))
        begun = time.perf_counter()
        with self.document.open("rb") as stream, database.write() as session:
            batch: list[ProgrammeRow] = []
            for raw in parser.parse(stream, document, _nothing):
                if not isinstance(raw, RawProgramme):
                    continue
                start, stop = times.seconds(raw.start), times.seconds(raw.stop)
                batch.append(normaliser.row(ids[raw.channel], start, stop, packed(raw)))
                if len(batch) == BATCH:
                    plain_write(session.connection(), batch)
                    batch = []
            if batch:
                plain_write(session.connection(), batch)
        return time.perf_counter() - begun

    def importer(self, database: Database) -> Callable[[], float]:
        host = FakeHost.make("epg_xmltv")
        settings = Settings.for_tests(
            SMARTY_ADDITIONAL_LANGUAGES=["en"], EPG_DAYS_AHEAD=3650, EPG_CREATE_CATEGORIES=False
        )
        importing = EpgImport(
            database=database, settings=settings, vault=Vault("bench"), hooks=Hooks(Discovery(environ={}, injected={})),
            registry=DriverRegistry(None, lambda _plugin: cast(Any, host), discovery=Discovery(environ={})),
        )  # fmt: skip

        def run() -> float:
            begun = time.perf_counter()
            importing.run(ImportOptions()).demand_ok()
            return time.perf_counter() - begun

        return run


def _nothing(_kind: str, _detail: str = "") -> None:
    """Nobody listens to complaints here."""


def plain_write(connection: Any, rows: list[ProgrammeRow]) -> None:
    """The rows as they are, by the plainest fast way of the driver."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    values = [(row[0], moment(row[1]), moment(row[2]), *row[3:]) for row in rows]
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.driver_connection.cursor()
        with cursor, cursor.copy(f"COPY epg_programme ({names}) FROM STDIN") as copy:
            for value in values:
                copy.write_row(value)
        return
    marks = ", ".join("?" * len(COLUMNS))
    plain = [(v[0], f"{v[1]:%Y-%m-%d %H:%M:%S}.000000", f"{v[2]:%Y-%m-%d %H:%M:%S}.000000", *v[3:]) for v in values]
    connection.exec_driver_sql(f"INSERT INTO epg_programme ({names}) VALUES ({marks})", plain)


def empty(url: str) -> None:
    """A database of that name without tables."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        for path in Path(str(parsed.database)).parent.glob(f"{Path(str(parsed.database)).name}*"):
            path.unlink()
        return
    engine = create_engine(
        parsed.set(database="postgres", drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{parsed.database}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{parsed.database}"'))
    engine.dispose()


def measure(bench: Bench, name: str, rounds: int) -> None:
    bares, floors, firsts, sames, changes = [], [], [], [], []
    for _ in range(rounds):
        bares.append(bench.bare_pass())
        database = bench.database()
        floors.append(bench.floor(database))
        database.close()
        database = bench.database()
        run = bench.importer(database)
        firsts.append(run())
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Programme)) == bench.total
        sames.append(run())
        bench.make(1.0)
        bares.append(bench.bare_pass())
        changes.append(run())
        bench.make(0.0)
        database.close()
    bare, floor, first, same, changed = map(statistics.median, (bares, floors, firsts, sames, changes))
    print(f"{name}: {bench.total} programmes, {bench.document.stat().st_size / 1e6:.0f} MB, bare pass {bare:.2f} s")
    tell("first import", f"{first:.2f} s, floor {floor:.2f} s", floor / first, FIRST, at_least=True)
    tell("the same again", f"{same:.2f} s", same / bare, SAME)
    tell("1 % changed", f"{changed:.2f} s", changed / bare, CHANGED)


def tell(what: str, seconds: str, ratio: float, limit: float, *, at_least: bool = False) -> None:
    good = ratio >= limit if at_least else ratio <= limit
    sign = ">=" if at_least else "<="
    print(f"  {what:16} {seconds:28} ratio {ratio:.2f} (limit {sign} {limit:.2f}, {'ok' if good else 'missed'})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programmes", type=int, default=100_000)
    parser.add_argument("--channels", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", metavar="URL", default="", help="also there; the database is made anew")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="smarty-bench-"))
    try:
        urls = [f"sqlite:///{folder / 'guide.sqlite'}", *([options.postgresql] if options.postgresql else [])]
        for url in urls:
            for by_time in (False, True):
                bench = Bench(url, folder, programmes=options.programmes, channels=options.channels, by_time=by_time)
                order = "by time" if by_time else "by channel"
                measure(bench, f"{make_url(url).get_backend_name()}, {order}", options.rounds)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory of the process: {peak:.0f} MB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
