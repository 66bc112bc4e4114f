"""Imports one source from its first document to its last channel."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

from smarty_core.contracts.epg_parser import EpgRequest
from smarty_core.errors import SmartyError, StorageError
from smarty_core.plugins.isolation import GuardedDriver
from smarty_core.services.epg_import.fetch import Fetcher
from smarty_core.services.epg_import.intake import Intake
from smarty_core.services.epg_import.mapping import Classifier
from smarty_core.services.epg_import.marks import READING, Remembered, nothing_known
from smarty_core.services.epg_import.options import ImportOptions, ImportPeriod, Progress
from smarty_core.services.epg_import.reading import Deadline, SourceReader, Telling, all_documents
from smarty_core.services.epg_import.report import Complaints, SourceReport
from smarty_core.services.epg_import.spool import Spool
from smarty_core.services.epg_import.storing import GuideStoring, ImportParts
from smarty_core.services.epg_import.times import TimeReader, zone_named
from smarty_core.services.epg_import.words import Words
from smarty_core.storage.repositories import epg_sources
from smarty_core.storage.repositories.epg_sources import GuideChannel, GuideSource

CAPABILITY: Final = "epg_parser"
FORM: Final = 2
"""Raised when this release would store the same document differently than the one before."""

MARK: Final = 32
"""Characters of a source's stored hash that stand for how it was read; the others stand for what was read."""

log = logging.getLogger("smarty_epg")


class SourceImport:
    """One source in one run."""

    def __init__(
        self,
        parts: ImportParts,
        source: GuideSource,
        options: ImportOptions,
        period: ImportPeriod,
        progress: Progress,
    ) -> None:
        self._parts = parts
        self._source = source
        self._options = options
        self._period = period
        self._progress: Callable[[str, int, int], None] = lambda step, done, total: progress(
            source.name, step, done, total
        )
        self._report = SourceReport(source.name)
        self._complain = Complaints(self._report)
        self._deadline = Deadline(parts.settings.source_seconds)
        # Only a run over everything may say what the source held.
        self._whole = options.channel_id is None and options.start_date is None

    def run(self) -> SourceReport:
        """Import it. What goes wrong is in the report; nothing is raised for it."""
        try:
            self._import()
        except SmartyError as failure:
            self._report.failed(str(failure))
            log.error("the guide of source %s was not imported: %s", self._source.name, failure)
        except Exception as failure:
            self._report.failed(f"{type(failure).__name__}: {failure}")
            log.exception("the guide of source %s was not imported", self._source.name)
        return self._report

    def _import(self) -> None:
        settings, source = self._parts.settings, self._source
        with self._parts.database.read_master() as session:
            channels = epg_sources.channels_of_source(
                session, source.id, only=self._options.channel_id, used_only=not settings.unused_channels
            )
        if not channels:
            self._report.status, self._report.error = "skipped", "no EPG channel belongs to this source"
            return
        driver = self._driver()
        classifier = Classifier(
            self._parts.database, source.id, several=settings.several_categories, create=settings.create_categories,
            complain=self._complain,
        )  # fmt: skip
        zone = self._zone()
        documents = all_documents(
            driver, self._request(channels, zone), most=settings.documents, complain=self._complain
        )
        salt = repr((FORM, settings.default_language, settings.additional_languages, classifier.fingerprint)).encode()
        mark = self._mark(salt, channels)
        known = source.content_hash[MARK:] if self._whole and source.content_hash[:MARK] == mark else ""
        reading = hashlib.blake2b(salt, digest_size=READING).digest()
        remembered = Remembered(self._parts.database, source.id, reading)
        with (
            tempfile.TemporaryDirectory(prefix="smarty-epg-", dir=settings.folder) as folder,
            Spool(Path(folder), most_per_channel=settings.programmes_per_channel) as spool,
        ):
            intake = Intake(
                driver=driver, spool=spool, times=TimeReader(zone, lambda name: self._complain("unknown_zone", name)),
                channels=channels, period=self._period, report=self._report, complain=self._complain,
            )  # fmt: skip
            reader = SourceReader(
                driver=driver,
                fetcher=Fetcher(Path(folder), max_bytes=settings.document_bytes, timeout=settings.download_seconds),
                intake=intake,
                marks=lambda: nothing_known if self._options.force else remembered.marks(channels),
                report=self._report,
                complain=self._complain,
                deadline=self._deadline,
                unpacked_bytes=settings.unpacked_bytes,
                progress=self._progress,
            )
            telling = reader.read(
                documents, known="" if self._options.force else known, etag=source.etag,
                last_modified=source.last_modified,
            )  # fmt: skip
            if telling.unchanged:
                self._report.status = "unchanged"
                return
            storing = GuideStoring(
                parts=self._parts, source=source.id, period=self._period, options=self._options, salt=salt,
                remembered=remembered, classifier=classifier, report=self._report, complain=self._complain,
                deadline=self._deadline, progress=self._progress,
            )  # fmt: skip
            storing.store(channels, spool, Words(spool, driver), telling)
        if self._whole:
            self._remember(telling, mark)

    def _driver(self) -> GuardedDriver:
        """Raises `DriverNotFound` or `DriverBroken`, and `StorageError` when a secret cannot be read."""
        attributes = {name: self._clear(name, value) for name, value in self._source.attributes.items()}
        instance = f"EPG source {self._source.id} ({self._source.name})"
        return self._parts.registry.instance(CAPABILITY, self._source.parser, instance, attributes)

    def _clear(self, name: str, value: Any) -> Any:
        try:
            return self._parts.vault.revealed(value)
        except StorageError as exc:
            raise StorageError(f"EPG source {self._source.name!r}, {name}: {exc}") from exc

    def _zone(self) -> tzinfo:
        zone = zone_named(self._source.time_zone or "UTC")
        if zone is None:
            self._complain("unknown_zone", self._source.time_zone)
        return zone or UTC

    def _request(self, channels: Sequence[GuideChannel], zone: tzinfo) -> EpgRequest:
        """Days are those of the source's zone: its files are named by them."""
        now = datetime.fromtimestamp(self._period.now, zone)
        begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if self._options.start_date is not None:
            day = self._options.start_date
            begin = datetime(day.year, day.month, day.day, tzinfo=zone)
        return EpgRequest(
            url_mask=self._source.url_mask,
            begin=begin,
            end=now + timedelta(days=self._parts.settings.days_ahead),
            channels=tuple(channel.source_channel_id for channel in channels),
        )

    def _mark(self, salt: bytes, channels: Sequence[GuideChannel]) -> str:
        """Stands for everything but the documents that decides what is stored; each day has another one."""
        source = self._source
        told = (
            salt, source.parser, source.url_mask, sorted(source.attributes.items(), key=lambda item: item[0]),
            source.time_zone, self._period.keep_from, self._period.until,
            [(one.id, one.source_channel_id, one.shift) for one in channels],
        )  # fmt: skip
        return hashlib.sha256(repr(told).encode()).hexdigest()[:MARK]

    def _remember(self, telling: Telling, mark: str) -> None:
        """Write down what was imported, so that the next run can see that nothing has changed."""
        with self._parts.database.write() as session:
            if self._report.status == "imported" and not telling.partial and not telling.partial_channels:
                epg_sources.remember_import(
                    session, self._source.id, at=self._parts.clock(), content_hash=mark + telling.digest,
                    etag=telling.etag, last_modified=telling.last_modified,
                )  # fmt: skip
            else:
                epg_sources.remember_import(session, self._source.id, at=self._parts.clock(), content_hash="")
