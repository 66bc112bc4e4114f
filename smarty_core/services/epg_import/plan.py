"""Decides what has to be written for one channel, by comparing what was told with what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from smarty_core.services.epg_import.days import ToldDay
from smarty_core.services.epg_import.marks import RECORD, records_of, stored_form
from smarty_core.services.epg_import.matching import MOVED, difference
from smarty_core.services.epg_import.spans import FOREVER, Spans
from smarty_core.services.epg_import.spool import Slot
from smarty_core.storage.repositories.epg_days import DAY, DayDigest, StoredDay
from smarty_core.storage.repositories.epg_programmes import (
    Broadcast,
    ProgrammeRow,
    StoredProgramme,
    broadcasts_between,
    last_before,
    programmes_between,
    programmes_by_id,
)
from smarty_core.storage.repositories.epg_sources import GuideChannel


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
    """One channel's timetable against the database: first `look`, then `rows`, then `plan`.

    When everything was told (`complete`), it replaces whatever is stored from its first programme on; else only what
    lies where new programmes are. Programmes of a changed day that are stored as they are told are left alone: nobody
    reads or writes more of them than their times.
    """

    def __init__(
        self,
        channel: GuideChannel,
        slots: Sequence[Slot],
        days: Sequence[ToldDay],
        known: Mapping[int, StoredDay],
        *,
        reading: bytes,
        complete: bool,
        force: bool,
    ) -> None:
        """`reading` stands for how the source is read: marks that were stored under another one mean nothing."""
        self.channel = channel
        self._slots = slots
        self._known = known
        self._reading = reading
        self._complete = complete
        self._force = force
        self._told = Spans([(slots[0].start, FOREVER)] if complete else [(slot.start, slot.stop) for slot in slots])
        self.changed = [one for one in days if force or one.day not in known or known[one.day].digest != one.digest]
        self._after = (days[-1].day + 1) * DAY
        """From here on nothing was told."""
        self._same = set() if force else self._known_slots()
        """Places in `slots` of programmes that are stored as they are told."""
        self._inside: list[StoredProgramme] = []
        self._nearby: list[StoredProgramme] = []
        self._in_front: list[tuple[Broadcast, int]] = []

    def surplus(self, last_start: int | None) -> bool:
        """Whether programmes are stored after the last day that was told, though everything was told."""
        return self._complete and last_start is not None and last_start >= self._after

    def look(self, session: Session, *, surplus: bool) -> None:
        """Read what is stored, as far as it matters."""
        dirty = [(one.day * DAY, (one.day + 1) * DAY) for one in self.changed]
        spans = self._told.common(Spans([*dirty, (self._after, FOREVER)] if surplus else dirty))
        around = spans.widened(MOVED)
        for one in self._stored_around(session, spans, around):
            if one.row.start in spans:
                self._inside.append(one)
            elif one.row.start not in self._told:
                self._nearby.append(one)
        self._look_in_front(session, spans)

    def new_slots(self) -> Iterator[int]:
        """Places in `slots` of the changed days' programmes that are not stored as they are told."""
        return (place for one in self.changed for place in range(one.first, one.last) if place not in self._same)

    def rows(self, made: Callable[[int, Slot], ProgrammeRow]) -> list[ProgrammeRow]:
        """The new programmes as they would be stored; `made` makes the row of a channel's slot."""
        return [made(self.channel.id, self._slots[place]) for place in self.new_slots()]

    def plan(self, rows: Sequence[ProgrammeRow], *, surplus: bool, now: int) -> ChannelPlan:
        """What to write so that the guide has `rows` on the changed days."""
        plan = ChannelPlan(self.channel)
        found = difference(rows, self._inside, self._nearby, rewrite=self._force)
        plan.add, plan.change = found.add, found.change
        plan.move = [(one.id, row) for one, row in found.move]
        plan.remove = [one.id for one in found.remove]
        moved = {one.id for one, _ in found.move}
        for before, begin in self._in_front:
            if before.id not in moved:
                plan.shorten.append((before.id, begin))
                plan.forget.add(before.start // DAY)
        plan.forget |= {one.row.start // DAY for one in self._nearby if one.id in moved}
        self._note_days(plan, surplus=surplus)
        coming = sum(one.row.start >= now for one in found.remove)
        plan.lost = coming - sum(row.start >= now for row in found.add)
        return plan

    def _known_slots(self) -> set[int]:
        same = set()
        for one in self.changed:
            stored = records_of(self._known.get(one.day), self._reading)
            if stored:
                size = RECORD.size
                same |= {
                    place
                    for place in range(one.first, one.last)
                    if one.records[(place - one.first) * size : (place - one.first + 1) * size] in stored
                }
        return same

    def _stored_around(self, session: Session, spans: Spans, around: Spans) -> list[StoredProgramme]:
        """Stored programmes around what changed, without those that need not change; sees that they are there."""
        if not self._same:
            return programmes_between(session, self.channel.id, around.all)
        known = {self._slots[place].start: place for place in self._same}
        there: set[int] = set()
        others: list[int] = []
        for one in broadcasts_between(session, self.channel.id, around.all):
            place = known.get(one.start)
            if place is not None and self._slots[place].stop == one.stop:
                there.add(place)
            elif one.start in spans or one.start not in self._told:
                others.append(one.id)
        self._same = there
        return programmes_by_id(session, others)

    def _look_in_front(self, session: Session, spans: Spans) -> None:
        """Find what is on in front of what was told when its first programme begins.

        A span that begins later than that has a told programme in front of it: one of a day that has not changed, or
        of a span before this one.
        """
        told = {begin for begin, _ in self._told.all}
        for begin, _ in spans.all:
            before = last_before(session, self.channel.id, begin) if begin in told else None
            if before is not None and before.start not in self._told and before.stop > begin:
                self._in_front.append((before, begin))

    def _note_days(self, plan: ChannelPlan, *, surplus: bool) -> None:
        plan.forget |= {one.day for one in self.changed}
        if surplus:
            plan.forget |= {day for day in self._known if day * DAY >= self._after}
        if self._complete:
            plan.digests = [
                DayDigest(one.day, one.digest, one.programmes, stored_form(one.records, self._reading))
                for one in self.changed
            ]
        plan.forget &= self._known.keys()
