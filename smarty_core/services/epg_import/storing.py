"""Brings what a source told into the database, one channel after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from smarty_core.errors import StorageError
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.epg_import.channel import ChannelImport
from smarty_core.services.epg_import.mapping import Classifier
from smarty_core.services.epg_import.marks import Remembered
from smarty_core.services.epg_import.normalise import Normaliser
from smarty_core.services.epg_import.options import ImportOptions, ImportPeriod, ImportSettings
from smarty_core.services.epg_import.reading import Deadline, Telling
from smarty_core.services.epg_import.report import Complaints, SourceReport
from smarty_core.services.epg_import.spool import Spool
from smarty_core.services.epg_import.telling import GuideEvents
from smarty_core.services.epg_import.words import Words
from smarty_core.services.epg_import.writing import PlanWriter
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import epg_programmes
from smarty_core.storage.repositories.epg_sources import GuideChannel
from smarty_core.storage.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportParts:
    """What every source's import works with."""

    database: Database
    settings: ImportSettings
    registry: DriverRegistry
    vault: Vault
    events: GuideEvents
    clock: Callable[[], datetime]


class GuideStoring:
    """One source in one run."""

    def __init__(
        self,
        *,
        parts: ImportParts,
        source: int,
        period: ImportPeriod,
        options: ImportOptions,
        salt: bytes,
        remembered: Remembered,
        classifier: Classifier,
        report: SourceReport,
        complain: Complaints,
        deadline: Deadline,
        progress: Callable[[str, int, int], None],
    ) -> None:
        self._parts = parts
        self._source = source
        self._period = period
        self._options = options
        self._salt = salt
        self._remembered = remembered
        self._classifier = classifier
        self._report = report
        self._complain = complain
        self._deadline = deadline
        self._progress = progress

    def store(self, channels: Sequence[GuideChannel], spool: Spool, words: Words, telling: Telling) -> None:
        """Compare and write everything that is in the spool; channels that fail are named in the report.

        Raises `StorageError` when the database or the disk is away, `ProviderUnavailable` when the time is over.
        """
        if not spool.counts:
            told = f"; {self._report.error}" if self._report.error else ""
            self._report.failed(f"the source tells no programme of our channels; the old guide is kept{told}")
            return
        with self._parts.database.read_master() as session:
            last_starts = epg_programmes.last_starts(session, self._source)
        known = self._remembered.days
        importing = self._importing(words)
        writer = PlanWriter(
            database=self._parts.database, events=self._parts.events, report=self._report, clock=self._parts.clock
        )
        for number, channel in enumerate(channels):
            self._deadline.check()
            self._progress("write", number, len(channels))
            if channel.id not in spool.counts:
                self._complain("channel_without_programmes", channel.name)
                continue
            try:
                plan = importing.plan(
                    channel, spool.rows(channel.id), known.get(channel.id, {}),
                    last_start=last_starts.get(channel.id), complete=telling.complete(channel.id),
                )  # fmt: skip
            except StorageError:
                raise
            except Exception as failure:  # noqa: BLE001  one bad channel never stops the others
                writer.failed(channel, failure)
                continue
            if plan is not None:
                writer.put(plan)
        writer.flush()

    def _importing(self, words: Words) -> ChannelImport:
        settings = self._parts.settings
        normaliser = Normaliser(
            default_language=settings.default_language, additional_languages=settings.additional_languages,
            classifier=self._classifier, complain=self._complain,
        )  # fmt: skip
        return ChannelImport(
            database=self._parts.database, settings=settings, normaliser=normaliser, words=words, salt=self._salt,
            reading=self._remembered.reading, period=self._period, force=self._options.force, report=self._report,
            complain=self._complain,
        )  # fmt: skip
