"""What is on air, and when that changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import Final

from smarty_core.services.schedules import Day, Schedules, day_of
from smarty_core.storage.repositories.guide import ProgrammeRow

HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class OnAir:
    """A channel at a moment. `programmes` begins with the present one, or None in a hole, then come the next ones.

    `changes_at`: Unix time at which this is no longer true.
    """

    programmes: tuple[ProgrammeRow | None, ...]
    changes_at: int

    def at(self, place: int) -> ProgrammeRow | None:
        """The present programme (0), the next one (1) ..."""
        return self.programmes[place] if place < len(self.programmes) else None


class NowNext:
    """Reads the present out of the schedules."""

    def __init__(self, schedules: Schedules) -> None:
        self._schedules = schedules

    def on_air(self, epg_channel_id: int, at: int, *, following: int = 1) -> OnAir:
        """The programme at `at` (Unix seconds) and up to `following` next ones."""
        return self.on_air_all([(epg_channel_id, at)], following=following)[epg_channel_id, at]

    def on_air_all(self, wanted: Iterable[tuple[int, int]], *, following: int = 1) -> dict[tuple[int, int], OnAir]:
        """As `on_air`, for pairs of channel and moment. Today is read for all of them, tomorrow where it is needed."""
        asked = list(dict.fromkeys(wanted))
        found: dict[tuple[int, int], OnAir] = {}
        for ahead in (0, 1, 2):
            for moment in {at for channel, at in asked if (channel, at) not in found}:
                short = [channel for channel, at in asked if at == moment and (channel, at) not in found]
                days = [day_of(moment) + timedelta(days=number) for number in range(ahead + 1)]
                read = self._schedules.days(short, days)
                for channel in short:
                    seen = look(_joined([read[channel, day] for day in days]), moment, following=following)
                    if len(seen.programmes) > following or ahead == 2:
                        found[channel, moment] = seen
        return found


def look(programmes: Sequence[ProgrammeRow], at: int, *, following: int) -> OnAir:
    """What is on air at `at`, from programmes in order of time. Of two that overlap the later one is on air."""
    place = bisect_right(programmes, at, key=attrgetter("start"))
    now = programmes[place - 1] if place and programmes[place - 1].stop > at else None
    coming = tuple(programmes[place : place + following])
    changes = [row.start for row in coming[:1]]
    if now is not None:
        changes.append(now.stop)
    return OnAir((now, *coming), min(changes, default=at - at % HOUR + HOUR))


def _joined(days: Sequence[Day]) -> Sequence[ProgrammeRow]:
    if len(days) == 1:
        return days[0].programmes
    unique = {row.id: row for day in days for row in day.programmes}
    return sorted(unique.values(), key=attrgetter("start"))
