"""What finding a past programme needs: programmes of guide channels and blockings of operators, kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from smarty_core.services.guide_tags import epg_tag
from smarty_core.services.remembered import Remembered
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import guide, streams
from smarty_core.storage.repositories.streams import Blocking, ProgrammeTimes

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

KEPT_SECONDS: Final = 3600.0
PROGRAMMES_KEPT: Final = 20_000
DAYS_KEPT: Final = 3_000
"""Days of channels. One takes ten to twenty kilobytes."""
OPERATORS_KEPT: Final = 2_000

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Blockings:
    by_programme: dict[int, list[Blocking]]
    by_prefix: dict[str, list[Blocking]]


class ArchiveFacts:
    """Safe between threads; without SQL until a tag moves."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        versions = cache.tag_versions.vector
        self._programmes: Remembered[ProgrammeTimes | None] = Remembered(
            versions, limit=PROGRAMMES_KEPT, seconds=KEPT_SECONDS
        )
        self._days: Remembered[Sequence[ProgrammeTimes]] = Remembered(versions, limit=DAYS_KEPT, seconds=KEPT_SECONDS)
        self._blockings: Remembered[_Blockings] = Remembered(versions, limit=OPERATORS_KEPT, seconds=KEPT_SECONDS)

    def programme(self, epg_channel_id: int, programme_id: int) -> ProgrammeTimes | None:
        """A programme of this guide channel; one of another channel is None."""

        def build() -> ProgrammeTimes | None:
            with self._database.read() as session:
                return streams.programme_by_id(session, epg_channel_id, programme_id)

        tags = (epg_tag(epg_channel_id),)
        return self._programmes.get((epg_channel_id, programme_id), tags=tags, build=build)

    def programme_at(self, epg_channel_id: int, moment: datetime) -> ProgrammeTimes | None:
        """The programme on air at `moment`; of two that overlap the later one."""
        for programme in reversed(self._day(epg_channel_id, moment.astimezone(UTC).date())):
            if programme.listed_start <= moment < programme.listed_stop:
                return programme
        return None

    def programmes_between(self, epg_channel_id: int, begin: datetime, end: datetime) -> Sequence[ProgrammeTimes]:
        """The programmes that touch `[begin, end)`, by time; read anew."""
        with self._database.read() as session:
            return streams.programmes_between(session, epg_channel_id, begin, end)

    def blockings(self, client_id: int, programme_id: int | None, prefix: str) -> list[Blocking]:
        """The operator's blockings that may concern a programme or a channel prefix."""

        def build() -> _Blockings:
            found = _Blockings({}, {})
            with self._database.read() as session:
                for blocking in guide.operator_blockings(session, client_id):
                    if blocking.programme_id is not None:
                        found.by_programme.setdefault(blocking.programme_id, []).append(blocking)
                    if blocking.channel_prefix:
                        found.by_prefix.setdefault(blocking.channel_prefix, []).append(blocking)
            return found

        tags = (f"client:{client_id}:channels", f"client:{client_id}:blockings")
        known = self._blockings.get(client_id, tags=tags, build=build)
        return known.by_programme.get(programme_id or 0, []) + known.by_prefix.get(prefix, [])

    def _day(self, epg_channel_id: int, day: date) -> Sequence[ProgrammeTimes]:
        """The programmes on air at some moment of a UTC day, by their start."""

        def build() -> Sequence[ProgrammeTimes]:
            begin = datetime.combine(day, time(), UTC)
            with self._database.read() as session:
                return tuple(streams.programmes_between(session, epg_channel_id, begin, begin + DAY))

        return self._days.get((epg_channel_id, day), tags=(epg_tag(epg_channel_id),), build=build)
