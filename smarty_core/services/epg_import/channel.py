"""Imports one channel: timetable, comparison, guard, plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from smarty_core.services.epg_import.days import told_days
from smarty_core.services.epg_import.normalise import Normaliser
from smarty_core.services.epg_import.options import ImportPeriod, ImportSettings
from smarty_core.services.epg_import.plan import ChannelComparison, ChannelPlan
from smarty_core.services.epg_import.reading import Complaints
from smarty_core.services.epg_import.repair import Finding, timetable
from smarty_core.services.epg_import.report import SourceReport
from smarty_core.services.epg_import.spool import SpooledRow
from smarty_core.services.epg_import.telling import ChannelFindings
from smarty_core.storage.database import Database
from smarty_core.storage.repositories.epg_days import DAY
from smarty_core.storage.repositories.epg_programmes import ProgrammeRow, count_from
from smarty_core.storage.repositories.epg_sources import GuideChannel


class ChannelImport:
    """Makes the plans of a source's channels, one after the other."""

    def __init__(
        self,
        *,
        database: Database,
        settings: ImportSettings,
        normaliser: Normaliser,
        salt: bytes,
        period: ImportPeriod,
        force: bool,
        report: SourceReport,
        complain: Complaints,
    ) -> None:
        self._database = database
        self._settings = settings
        self._normaliser = normaliser
        self._salt: Final = salt
        self._period = period
        self._force = force
        self._report = report
        self._complain = complain

    def plan(
        self,
        channel: GuideChannel,
        told: list[SpooledRow],
        known: Mapping[int, str],
        *,
        last_start: int | None,
        complete: bool,
    ) -> ChannelPlan | None:
        """What to write for the channel; None when nothing has changed or the guard keeps the old guide.

        `known` are the digests of its days, `last_start` is when its last stored programme starts.
        """
        slots, findings = timetable(told, name=self._normaliser.name, complain=self._complain)
        floor = max(self._period.keep_from, self._period.import_from)
        slots = [slot for slot in slots if slot.stop > floor]
        if not slots:
            return None
        self._report.channels += 1
        days = told_days(slots, self._salt)
        comparison = ChannelComparison(channel, slots, days, known, complete=complete, force=self._force)
        surplus = comparison.surplus(last_start)
        if not comparison.changed and not surplus:
            return None
        rows = comparison.rows(self._normaliser)
        self._tell(channel, comparison, rows, findings)
        with self._database.read_master() as session:
            plan = comparison.plan(session, rows, surplus=surplus, now=self._period.now)
            if plan.lost > 0 and not self._force:
                coming = count_from(session, channel.id, self._period.now)
                if coming >= self._settings.guard_least and plan.lost > self._settings.guard_share * coming:
                    self._guarded(channel, plan.lost, coming)
                    return None
        return plan

    def _guarded(self, channel: GuideChannel, lost: int, coming: int) -> None:
        self._report.kept_by_guard.append(channel.name)
        self._report.incomplete(
            f"{channel.name}: the old guide is kept, because the new one would lose {lost} of {coming} coming "
            "programmes; --force_reimport takes it nevertheless"
        )

    def _tell(
        self,
        channel: GuideChannel,
        comparison: ChannelComparison,
        rows: list[ProgrammeRow],
        findings: list[Finding],
    ) -> None:
        """Log what is wrong on the days that changed; the others were told of when they changed."""
        days = comparison.changed_days
        voice = ChannelFindings(channel.name, self._report.source)
        name = self._normaliser.name
        for one in findings:
            if one.start // DAY not in days:
                continue
            if one.kind == "double":
                voice.double(name(one.body))
            else:
                tell = voice.overlap if one.kind == "overlap" else voice.hole
                tell(name(one.body), name(one.previous_body), one.start, one.previous_stop)
        for row in comparison.doubles(rows, self._normaliser):
            voice.double(row.name)
        voice.close()
