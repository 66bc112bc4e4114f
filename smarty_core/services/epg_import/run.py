"""`epg_import`: the guide of all sources, and the end of what is too old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.epg_import.cleaning import remove_old
from smarty_core.services.epg_import.options import ImportOptions, ImportPeriod, ImportSettings, Progress
from smarty_core.services.epg_import.report import ImportReport
from smarty_core.services.epg_import.source import SourceImport
from smarty_core.services.epg_import.storing import ImportParts
from smarty_core.services.epg_import.telling import GuideEvents
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import epg_sources
from smarty_core.storage.repositories.epg_days import DAY
from smarty_core.storage.repositories.epg_sources import GuideSource
from smarty_core.storage.vault import Vault
from smarty_core.values import utc_now

if TYPE_CHECKING:
    from smarty_core.config import Settings


def _silent(source: str, step: str, done: int, total: int) -> None:
    """The progress nobody watches."""


class EpgImport:
    """Imports guides. Give it a lock of its own (`services.commands`): two runs at once would do the work twice."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        registry: DriverRegistry,
        vault: Vault,
        hooks: Hooks,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._settings = ImportSettings.of(settings)
        self._registry = registry
        self._vault = vault
        self._hooks = hooks
        self._clock = clock

    def run(self, options: ImportOptions, progress: Progress = _silent) -> ImportReport:
        """Import what `options` name, one source after the other; then delete the guide that is too old.

        A source that fails is in the report and does not stop the others. Raises `NotFound` when a source or channel
        was named that does not exist, `InvalidValue` for options that contradict each other, `StorageError` when the
        database is away.
        """
        events = GuideEvents(database=self._database, hooks=self._hooks)
        sources = self._sources(options)
        period = self._period(options)
        parts = ImportParts(
            database=self._database, settings=self._settings, registry=self._registry, vault=self._vault,
            events=events, clock=self._clock,
        )  # fmt: skip
        report = ImportReport()
        if not options.ignore_import:
            for source in sources:
                report.sources.append(SourceImport(parts, source, options, period, progress).run())
        report.removed_old = remove_old(
            self._database, events, before=period.keep_from, channels=self._channels(options, sources),
            progress=progress,
        )  # fmt: skip
        events.finished(report)
        return report

    def import_all(self) -> ImportReport:
        """What the periodic job does: all sources. Raises `GuideIncomplete` when one of them failed."""
        report = self.run(ImportOptions())
        report.demand_ok()
        return report

    def _sources(self, options: ImportOptions) -> list[GuideSource]:
        with self._database.read_master() as session:
            if options.channel_id is None:
                return epg_sources.sources_to_import(session, id=options.source_id, name=options.source_name)
            id = epg_sources.source_of_channel(session, options.channel_id)
            found = epg_sources.sources_to_import(session, id=id)
        if options.source_id not in (None, id) or (options.source_name and options.source_name != found[0].name):
            raise NotFound(f"EPG channel {options.channel_id} belongs to source {id} ({found[0].name})")
        return found

    def _channels(self, options: ImportOptions, sources: list[GuideSource]) -> list[int] | None:
        """The channels whose old guide is deleted; None = all there are."""
        if options.channel_id is not None:
            return [options.channel_id]
        if options.source_id is None and not options.source_name:
            return None
        with self._database.read_master() as session:
            return [channel.id for source in sources for channel in epg_sources.channels_of_source(session, source.id)]

    def _period(self, options: ImportOptions) -> ImportPeriod:
        now = int(self._clock().timestamp())
        days = options.actual_days
        if days is None:
            with self._database.read_master() as session:
                days = max(self._settings.actual_days, epg_sources.longest_archive(session))
        if not 0 <= days <= 36_500:
            raise InvalidValue("actual_days: from 0 to 36500 days")
        today = now // DAY
        keep_from = max(0, today - days) * DAY
        import_from = keep_from
        if options.start_date is not None:
            import_from = int(datetime.combine(options.start_date, time(), UTC).timestamp())
        until = (today + self._settings.days_ahead + 1) * DAY
        return ImportPeriod(now=now, keep_from=keep_from, import_from=import_from, until=until)
