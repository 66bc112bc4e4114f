"""The guide in memory: per channel of the guide and UTC day, everything on air that day.

A day is read once, many channels at a time, kept as ready objects in the process and as packed rows in the cache of
the installation, and dies with `epgchannel:<id>`. A programme that runs over midnight stands in both days.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from smarty_core.services.guide_tags import epg_tag
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import guide as rows
from smarty_core.storage.repositories.guide import ProgrammeRow

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

DAYS_KEPT: Final = 6_000
"""Channel days kept as objects; a day of a busy channel takes some 50 kB."""
CACHE_SECONDS: Final = 2 * 86_400.0
AT_ONCE: Final = 100
"""Channels read with one statement: what several threads wait for must not take long."""
FIRST_DAY: Final = date(1971, 1, 1)
LAST_DAY: Final = date(9990, 1, 1)

Key = tuple[int, date]


@dataclass(slots=True)
class Day:
    """A channel's programmes of one UTC day, in order of time."""

    programmes: tuple[ProgrammeRow, ...]
    tags: tuple[str, ...]
    versions: tuple[int, ...]
    folded: tuple[str, ...] | None = None
    """Every programme's names in a form that letter case does not matter to; made when somebody searches."""

    def searchable(self) -> tuple[str, ...]:
        if self.folded is None:
            self.folded = tuple("\n".join((*row.names, row.short_name)).casefold() for row in self.programmes)
        return self.folded


class Schedules:
    """The days of all guide channels. Safe between threads."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache
        self._versions = cache.tag_versions.vector
        self._days: OrderedDict[Key, Day] = OrderedDict()
        self._guard = threading.Lock()
        self._reading = threading.Lock()

    def day(self, epg_channel_id: int, day: date) -> Day:
        return self.days([epg_channel_id], [day])[epg_channel_id, day]

    def days(self, epg_channel_ids: Iterable[int], days: Sequence[date]) -> Mapping[Key, Day]:
        """Whole days of many channels; what is missing is read together."""
        wanted = [(channel, day) for channel in epg_channel_ids for day in days]
        found, missing = self._known(wanted)
        if missing:
            with self._reading:  # one reader: the others find ready what he read
                more, missing = self._known(missing)
                found.update(more)
                for channels, span in _runs(missing):
                    found.update(self._read(channels, span))
        return found

    def between(self, epg_channel_id: int, begin: int, end: int) -> list[ProgrammeRow]:
        """Programmes on air at any time of `[begin, end)` (Unix seconds), in order of time."""
        return self.between_all([epg_channel_id], begin, end)[epg_channel_id]

    def between_all(self, epg_channel_ids: Sequence[int], begin: int, end: int) -> dict[int, list[ProgrammeRow]]:
        """As `between`, for many channels."""
        span = days_between(begin, end)
        read = self.days(epg_channel_ids, span)
        found: dict[int, list[ProgrammeRow]] = {}
        for channel in epg_channel_ids:
            unique: dict[int, ProgrammeRow] = {}
            for day in span:
                for row in read[channel, day].programmes:
                    if row.start < end and row.stop > begin:
                        unique[row.id] = row
            found[channel] = sorted(unique.values(), key=attrgetter("start"))
        return found

    def _known(self, wanted: Iterable[Key]) -> tuple[dict[Key, Day], list[Key]]:
        found: dict[Key, Day] = {}
        missing: list[Key] = []
        with self._guard:
            for key in wanted:
                day = self._days.get(key)
                if day is not None and self._versions(day.tags) == day.versions:
                    self._days.move_to_end(key)
                    found[key] = day
                else:
                    missing.append(key)
        return found, missing

    def _read(self, channels: Sequence[int], span: Sequence[date]) -> dict[Key, Day]:
        keys = [(channel, day) for channel in channels for day in span]
        versions = {channel: self._versions((epg_tag(channel),)) for channel in channels}  # before reading
        packed = {key: self._cache.get(_cache_key(key)) for key in keys}
        absent = sorted({channel for (channel, _), value in packed.items() if value is None})
        if absent:
            packed.update(self._from_sql(absent, span, versions))
        found = {}
        for key, value in packed.items():
            tags = (epg_tag(key[0]),)
            found[key] = Day(tuple(_unpacked(row) for row in value or ()), tags, versions[key[0]])
        with self._guard:
            for key, day in found.items():
                self._days[key] = day
                self._days.move_to_end(key)
            while len(self._days) > DAYS_KEPT:
                self._days.popitem(last=False)
        return found

    def _from_sql(
        self, channels: Sequence[int], span: Sequence[date], versions: Mapping[int, tuple[int, ...]]
    ) -> dict[Key, list[list[Any]]]:
        begin, end = rows.day_bounds(span[0])[0], rows.day_bounds(span[-1])[1]
        with self._database.read() as session:
            programmes = rows.programmes_by_channel(session, channels, begin, end)
        found: dict[Key, list[list[Any]]] = {}
        for channel in channels:
            for day in span:
                first, last = (int(moment.timestamp()) for moment in rows.day_bounds(day))
                mine = [_packed(row) for row in programmes.get(channel, ()) if row.start < last and row.stop > first]
                found[channel, day] = mine
                self._share((channel, day), mine, versions[channel])
        return found

    def _share(self, key: Key, packed: list[list[Any]], versions: tuple[int, ...]) -> None:
        """Put a day into the common cache, unless the channel has changed since the reading began."""
        tags = (epg_tag(key[0]),)
        if self._versions(tags) != versions:
            return
        self._cache.set(_cache_key(key), packed, timeout=CACHE_SECONDS, deps=tags)
        if self._versions(tags) != versions:
            self._cache.delete(_cache_key(key))


def day_of(unix: int) -> date:
    """The UTC day of a Unix time; times far outside any guide count as the first or last day known."""
    try:
        return min(max(datetime.fromtimestamp(unix, UTC).date(), FIRST_DAY), LAST_DAY)
    except (OverflowError, ValueError, OSError):
        return LAST_DAY if unix > 0 else FIRST_DAY


def days_between(begin: int, end: int) -> list[date]:
    """The UTC days that `[begin, end)` touches; at least the one of `begin`."""
    first, last = day_of(begin), day_of(max(begin, end - 1))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _runs(missing: Iterable[Key]) -> Iterable[tuple[list[int], list[date]]]:
    """Missing days as blocks to read: channels that miss the same neighbouring days, at most `AT_ONCE` of them."""
    by_channel: dict[int, list[date]] = {}
    for channel, day in missing:
        by_channel.setdefault(channel, []).append(day)
    blocks: dict[tuple[date, ...], list[int]] = {}
    for channel, days in by_channel.items():
        run: list[date] = []
        for day in sorted(set(days)):
            if run and day != run[-1] + timedelta(days=1):
                blocks.setdefault(tuple(run), []).append(channel)
                run = []
            run.append(day)
        blocks.setdefault(tuple(run), []).append(channel)
    for run_of_days, channels in blocks.items():
        for begin in range(0, len(channels), AT_ONCE):
            yield channels[begin : begin + AT_ONCE], list(run_of_days)


def _cache_key(key: Key) -> str:
    return f"schedule:{key[0]}:{key[1].isoformat()}"


def _packed(row: ProgrammeRow) -> list[Any]:
    return [
        row.id, row.epg_channel_id, row.start, row.stop, list(row.names), row.short_name, list(row.descriptions),
        list(row.category_ids), list(row.genre_ids), row.rating, row.preview_url, row.meta,
    ]  # fmt: skip


def _unpacked(row: Sequence[Any]) -> ProgrammeRow:
    number, channel, start, stop, names, short, descriptions, categories, genres, rating, preview, meta = row
    return ProgrammeRow(
        number, channel, start, stop, tuple(names), short, tuple(descriptions), tuple(categories), tuple(genres),
        rating, preview, meta,
    )  # fmt: skip
