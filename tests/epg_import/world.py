"""A guide to import into: sources that are real files or a real HTTP server, read by the real XMLTV plugin."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from xml.sax.saxutils import escape, quoteattr

from sqlalchemy import select

from smarty_core.config import Settings
from smarty_core.events import Event
from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.epg_import.options import ImportOptions
from smarty_core.services.epg_import.report import ImportReport, SourceReport
from smarty_core.services.epg_import.run import EpgImport
from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgChannel, EpgSource, Programme, TagVersion
from smarty_core.storage.vault import Vault
from smarty_core.testing.fake_host import FakeHost
from smarty_core.testing.subscribers import START, RecordedHooks

Show = tuple[str, str | None, str]
"""Begin and end as XMLTV times ("10:00" means today, UTC), and the name."""


class GuideWorld:
    """One installation's guide. Today is 10 March 2026, noon UTC."""

    def __init__(self, database: Database, folder: Path, **settings: Any) -> None:
        self.database = database
        self.folder = folder
        self.now = START
        self.vault = Vault("a key for tests only")
        self.hooks = RecordedHooks()
        self.host = FakeHost.make("epg_xmltv")
        self.registry = DriverRegistry(None, lambda _plugin: cast(Any, self.host), discovery=Discovery(environ={}))
        self.configure(**settings)

    def configure(self, **settings: Any) -> None:
        """Start over with other settings, as after a restart."""
        self.importing = EpgImport(
            database=self.database,
            settings=Settings.for_tests(**{"SMARTY_ADDITIONAL_LANGUAGES": ["en"], **settings}),
            registry=self.registry,
            vault=self.vault,
            hooks=cast(Hooks, self.hooks),
            clock=lambda: self.now,
        )

    def close(self) -> None:
        self.registry.close()
        self.host.close()

    def source(self, name: str = "Source", mask: object = None, *, parser: str = "", **columns: Any) -> int:
        """A source; without a mask it reads `guide.xml` in the test's folder."""
        told = str(mask or self.folder / "guide.xml")
        parser = parser or ("xmltv_common" if told.startswith("http") else "xmltv_from_files")
        with self.database.write() as session:
            row = EpgSource(name=name, parser=parser, url_mask=told, **columns)
            session.add(row)
            session.flush()
            return row.id

    def channel(self, source: int | None, identity: str = "one", name: str = "", **columns: Any) -> int:
        with self.database.write() as session:
            row = EpgChannel(source_id=source, source_channel_id=identity, name=name or identity.title(), **columns)
            session.add(row)
            session.flush()
            return row.id

    def change(self, model: type[Any], id: int, **columns: Any) -> None:
        with self.database.write() as session:
            row = session.get_one(model, id)
            for name, value in columns.items():
                setattr(row, name, value)

    def write(self, text: str | bytes, name: str = "guide.xml") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, **options: Any) -> ImportReport:
        return self.importing.run(ImportOptions(**options))

    def take(self, *shows: Show, **options: Any) -> SourceReport:
        """Write `guide.xml` with these programmes of channel `one`, import it, give the report of the source."""
        self.write(xmltv(one=shows))
        return self.run(**options).sources[0]

    def programmes(self, channel: int) -> list[Programme]:
        with self.database.read() as session:
            query = select(Programme).where(Programme.epg_channel_id == channel).order_by(Programme.start)
            return list(session.scalars(query))

    def shows(self, channel: int) -> list[str]:
        """`10:00-11:00 News`, with the number of days from today in front when it is not today."""
        return [f"{_told(one.start)}-{_told(one.stop)} {one.name}" for one in self.programmes(channel)]

    def ids(self, channel: int) -> dict[str, int]:
        return {one.name: one.id for one in self.programmes(channel)}

    def stored(self) -> list[tuple[Any, ...]]:
        """Everything about all programmes but their ids."""
        with self.database.read() as session:
            columns = [column for column in Programme.__table__.columns if column.name != "id"]
            return [tuple(row) for row in session.execute(
                select(*columns).order_by(Programme.epg_channel_id, Programme.start)
            )]  # fmt: skip

    def everything(self) -> list[Any]:
        """All rows an import may write, ids and versions of tags included."""
        with self.database.read() as session:
            sources = select(EpgSource.id, EpgSource.content_hash, EpgSource.etag, EpgSource.imported_at)
            channels = select(EpgChannel.id, EpgChannel.imported_at)
            tags = select(TagVersion.tag, TagVersion.version)
            rows = select(*Programme.__table__.columns)
            return [sorted(map(tuple, session.execute(query)), key=repr) for query in (sources, channels, tags, rows)]

    def version(self, tag: str) -> int:
        with self.database.read() as session:
            return session.scalar(select(TagVersion.version).where(TagVersion.tag == tag)) or 0


def _told(moment: datetime) -> str:
    days = (moment.date() - START.date()).days
    return f"{f'{days:+}d ' if days else ''}{moment:%H:%M}" + (f":{moment:%S}" if moment.second else "")


def when(told: str) -> str:
    """`10:00` today, `+2d 10:00` the day after tomorrow, anything longer as it is."""
    day, _, time = told.rpartition("d ")
    if len(time) != 5 or time[2] != ":":
        return told
    date = START + timedelta(days=int(day or 0))
    return f"{date:%Y%m%d}{time.replace(':', '')}00 +0000"


def programme(channel: str, begin: str, end: str | None, name: str, inside: str = "") -> str:
    stop = f" stop={quoteattr(when(end))}" if end is not None else ""
    return (
        f"<programme start={quoteattr(when(begin))}{stop} channel={quoteattr(channel)}>"
        f'<title lang="ru">{escape(name)}</title>{inside}</programme>\n'
    )


def xmltv(inside: str = "", /, **channels: Any) -> str:
    """A document: programmes by channel, and whatever else stands in it."""
    rows = [programme(channel, *show) for channel, shows in channels.items() for show in shows]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n{inside}{"".join(rows)}</tv>\n'


class Heard(logging.Handler):
    """The events of the log smarty_epg, with their contexts."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        if isinstance(record.msg, Event):
            self.events.append((record.msg.name, dict(record.msg.context)))

    def of(self, name: str) -> list[dict[str, Any]]:
        return [context for event, context in self.events if event == name]
