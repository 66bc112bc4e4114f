"""Decides what has to be written for one channel, by comparing what was told with what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from smarty_core.services.epg_import.days import ToldDay
from smarty_core.services.epg_import.matching import MOVED, difference
from smarty_core.services.epg_import.normalise import Normaliser
from smarty_core.services.epg_import.repair import Slot
from smarty_core.storage.repositories.epg_days import DAY, DayDigest
from smarty_core.storage.repositories.epg_programmes import (
    ProgrammeRow,
    StoredProgramme,
    last_before,
    programmes_between,
)
from smarty_core.storage.repositories.epg_sources import GuideChannel

FOREVER: Final = 4_102_444_800
"""The year 2100, in seconds: no guide reaches further."""

Span = tuple[int, int]


@dataclass(slots=True)
class ChannelPlan:
    """What one channel's transaction does. An empty one still writes digests."""

    channel: GuideChannel
    add: list[ProgrammeRow] = field(default_factory=list)
    change: list[ProgrammeRow] = field(default_factory=list)
    move: list[tuple[int, ProgrammeRow]] = field(default_factory=list)
    remove: list[int] = field(default_factory=list)
    shorten: list[tuple[int, int]] = field(default_factory=list)
    """Programmes in front of what was told, and the time at which they have to end now."""
    forget: set[int] = field(default_factory=set)
    """Days whose digests are no longer true."""
    digests: list[DayDigest] = field(default_factory=list)
    lost: int = 0
    """Coming programmes that there would be fewer of."""

    @property
    def written(self) -> int:
        return len(self.add) + len(self.change) + len(self.move)

    @property
    def weight(self) -> int:
        return self.written + len(self.remove) + 1

    @property
    def changes(self) -> bool:
        return bool(self.written or self.remove or self.shorten)


class ChannelComparison:
    """One channel's timetable against the database.

    When everything was told (`complete`), it replaces whatever is stored from its first programme on; else only what
    lies where new programmes are.
    """

    def __init__(
        self,
        channel: GuideChannel,
        slots: Sequence[Slot],
        days: Sequence[ToldDay],
        known: Mapping[int, str],
        *,
        complete: bool,
        force: bool,
    ) -> None:
        self.channel = channel
        self._slots = slots
        self._known = known
        self._complete = complete
        self._force = force
        self._told = [(slots[0].start, FOREVER)] if complete else _runs(slots)
        self.changed = [one for one in days if force or known.get(one.day) != one.digest]
        self._after = (days[-1].day + 1) * DAY
        """From here on nothing was told."""

    @property
    def changed_days(self) -> frozenset[int]:
        return frozenset(one.day for one in self.changed)

    def rows(self, normaliser: Normaliser) -> list[ProgrammeRow]:
        """The programmes of the changed days as they would be stored. Opens transactions for new categories."""
        return [
            normaliser.row(self.channel.id, *self._slots[place])
            for one in self.changed
            for place in range(one.first, one.last)
        ]

    def doubles(self, rows: Sequence[ProgrammeRow], normaliser: Normaliser) -> Iterator[ProgrammeRow]:
        """Those of `rows` that have the name of the programme before them."""
        place = 0
        for one in self.changed:
            previous = normaliser.name(self._slots[one.first - 1].body) if one.first and one.programmes else ""
            for row in rows[place : place + one.programmes]:
                if row.name == previous:
                    yield row
                previous = row.name
            place += one.programmes

    def surplus(self, last_start: int | None) -> bool:
        """Whether programmes are stored after the last day that was told, though everything was told."""
        return self._complete and last_start is not None and last_start >= self._after

    def plan(self, session: Session, rows: Sequence[ProgrammeRow], *, surplus: bool, now: int) -> ChannelPlan:
        """What to write so that the guide is `rows` on the changed days; `session` is only read."""
        plan = ChannelPlan(self.channel)
        spans = _common(self._told, _dirty(self.changed, self._after if surplus else 0))
        around = _merged([(max(0, begin - MOVED), min(FOREVER, end + MOVED)) for begin, end in spans])
        inside: list[StoredProgramme] = []
        nearby: list[StoredProgramme] = []
        for one in programmes_between(session, self.channel.id, around):
            if _within(one.row.start, spans):
                inside.append(one)
            elif not _within(one.row.start, self._told):
                nearby.append(one)
        found = difference(rows, inside, nearby, rewrite=self._force)
        plan.add, plan.change = found.add, found.change
        plan.move = [(one.id, row) for one, row in found.move]
        plan.remove = [one.id for one in found.remove]
        moved = {one.id for one, _ in found.move}
        self._keep_apart(session, plan, rows, spans, moved)
        plan.forget |= {one.row.start // DAY for one in nearby if one.id in moved}
        self._note_days(plan, surplus=surplus)
        coming = sum(one.row.start >= now for one in found.remove)
        plan.lost = coming - sum(row.start >= now for row in found.add)
        return plan

    def _keep_apart(
        self, session: Session, plan: ChannelPlan, rows: Sequence[ProgrammeRow], spans: Sequence[Span], moved: set[int]
    ) -> None:
        """End what is on in front of what was told when the first new programme begins.

        A span that begins later than that has a told programme in front of it: one of a day that has not changed, or
        of a span before this one.
        """
        starts = [row.start for row in rows]
        told = {begin for begin, _ in self._told}
        for begin, end in spans:
            if begin not in told:
                continue
            first = next((start for start in starts if begin <= start < end), None)
            if first is None:
                continue
            before = last_before(session, self.channel.id, begin)
            if before is None or before.id in moved or _within(before.start, self._told):
                continue
            if before.stop > first:
                plan.shorten.append((before.id, first))
                plan.forget.add(before.start // DAY)

    def _note_days(self, plan: ChannelPlan, *, surplus: bool) -> None:
        plan.forget |= self.changed_days
        if surplus:
            plan.forget |= {day for day in self._known if day * DAY >= self._after}
        if self._complete:
            plan.digests = [DayDigest(one.day, one.digest, one.programmes) for one in self.changed]
        plan.forget &= self._known.keys()


def _runs(slots: Sequence[Slot]) -> list[Span]:
    """Where the programmes are, those without a pause between them joined."""
    return _merged([(slot.start, slot.stop) for slot in slots])


def _dirty(days: Sequence[ToldDay], surplus_from: int) -> list[Span]:
    spans = [(one.day * DAY, (one.day + 1) * DAY) for one in days]
    return _merged([*spans, (surplus_from, FOREVER)] if surplus_from else spans)


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Spans in order, those that touch joined."""
    found: list[Span] = []
    for begin, end in spans:
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _common(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """Where both are; both are in order."""
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        begin, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if begin < end:
            found.append((begin, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def _within(moment: int, spans: Sequence[Span]) -> bool:
    return any(begin <= moment < end for begin, end in spans)
