"""Imports one channel: timetable, comparison, guard, plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from smarty_core.services.epg_import.days import told_days
from smarty_core.services.epg_import.normalise import Normaliser
from smarty_core.services.epg_import.options import ImportPeriod, ImportSettings
from smarty_core.services.epg_import.plan import ChannelComparison, ChannelPlan
from smarty_core.services.epg_import.repair import Finding, timetable
from smarty_core.services.epg_import.report import Complaints, SourceReport
from smarty_core.services.epg_import.spool import Slot
from smarty_core.services.epg_import.telling import ChannelFindings
from smarty_core.services.epg_import.words import Words
from smarty_core.storage.database import Database
from smarty_core.storage.repositories.epg_days import StoredDay
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
        words: Words,
        salt: bytes,
        reading: bytes,
        period: ImportPeriod,
        force: bool,
        report: SourceReport,
        complain: Complaints,
    ) -> None:
        self._database = database
        self._settings = settings
        self._normaliser = normaliser
        self._words = words
        self._salt: Final = salt
        self._reading: Final = reading
        self._period = period
        self._force = force
        self._report = report
        self._complain = complain

    def plan(
        self,
        channel: GuideChannel,
        told: list[Slot],
        known: Mapping[int, StoredDay],
        *,
        last_start: int | None,
        complete: bool,
    ) -> ChannelPlan | None:
        """What to write for the channel; None when nothing has changed or the guard keeps the old guide.

        `known` are its days as they are remembered, `last_start` is when its last stored programme starts.
        """
        slots, findings = timetable(told, name=self._name, complain=self._complain)
        floor = max(self._period.keep_from, self._period.import_from)
        slots = [slot for slot in slots if slot.stop > floor]
        if not slots:
            return None
        self._report.channels += 1
        days = told_days(slots, self._salt)
        comparison = ChannelComparison(
            channel, slots, days, known, reading=self._reading, complete=complete, force=self._force
        )
        surplus = comparison.surplus(last_start)
        if not comparison.changed and not surplus:
            return None
        with self._database.read_master() as session:
            comparison.look(session, surplus=surplus)
        rows = comparison.rows(self._row)
        new = dict(zip(comparison.new_slots(), rows, strict=True))
        self._tell(channel, slots, new, findings)
        plan = comparison.plan(rows, surplus=surplus, now=self._period.now)
        if plan.lost > 0 and not self._force:
            with self._database.read_master() as session:
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

    def _row(self, channel: int, slot: Slot) -> ProgrammeRow:
        """Opens a transaction when a category is new."""
        return self._normaliser.row(channel, slot.start, slot.stop, self._words.body(slot.place))

    def _name(self, place: int) -> str:
        return self._normaliser.name(self._words.body(place))

    def _tell(
        self, channel: GuideChannel, slots: list[Slot], new: Mapping[int, ProgrammeRow], findings: list[Finding]
    ) -> None:
        """Log what is wrong with the programmes that are new; of the others it was told when they were.

        `new`: place in `slots` -> row.
        """
        names = {slots[place].place: row.name for place, row in new.items()}

        def name(place: int) -> str:
            return names[place] if place in names else self._name(place)

        voice = ChannelFindings(channel.name, self._report.source, name)
        for one in findings:
            if one.place in names or one.previous_place in names:
                if one.kind == "double":
                    voice.double(one.place)
                else:
                    tell = voice.overlap if one.kind == "overlap" else voice.hole
                    tell(one.place, one.previous_place, one.start, one.previous_stop)
        for place, row in new.items():
            if place and name(slots[place - 1].place) == row.name:
                voice.double(slots[place].place)
            if place + 1 < len(slots) and place + 1 not in new and name(slots[place + 1].place) == row.name:
                voice.double(slots[place + 1].place)
        voice.close()
