"""What is known of the programmes that are stored: 16 bytes of each, beside the digest of its day.

A record holds start and stop, in seconds from the day's begin, and the mark that stands for everything else. In front
of a day's records stand 8 bytes for how the source was read: under other settings the same mark means something else.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from smarty_core.contracts.epg_parser import Known
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import epg_days
from smarty_core.storage.repositories.epg_days import StoredDay
from smarty_core.storage.repositories.epg_sources import GuideChannel

MARK: Final = 8
READING: Final = 8
RECORD: Final = struct.Struct("<II8s")
MOST: Final = 4000
"""Programmes of a day whose records are stored: the largest value MariaDB keeps in a plain BLOB is 64 kB."""


def stored_form(records: bytes, reading: bytes) -> bytes | None:
    """A day's records as they are stored; None when there are too many."""
    return reading + records if len(records) <= MOST * RECORD.size else None


def records_of(day: StoredDay | None, reading: bytes) -> frozenset[bytes]:
    """The records stored for a day, if it was read the same way."""
    told = _told(day, reading)
    return frozenset(told[place : place + RECORD.size] for place in range(0, len(told), RECORD.size))


class KnownMarks:
    """Whether a mark is stored, for a hundred thousand questions. Eight bytes of memory per programme."""

    def __init__(self, channels: Mapping[str, Iterable[StoredDay]], reading: bytes) -> None:
        """`channels`: the source's name of each channel and its stored days."""
        self._known: dict[str, array[int]] = {}
        for name, days in channels.items():
            records = array("Q", b"".join(_told(day, reading) for day in days))
            self._known[name] = array("Q", sorted(records[1::2]))

    def __call__(self, channel: str, mark: bytes) -> bool:
        known = self._known.get(channel)
        if known is None or len(mark) != MARK:
            return False
        number = int.from_bytes(mark, sys.byteorder)
        place = bisect_left(known, number)
        return place < len(known) and known[place] == number


class Remembered:
    """The days of one source as the last imports left them, read from the database when somebody first asks."""

    def __init__(self, database: Database, source: int, reading: bytes) -> None:
        self._database = database
        self._source = source
        self.reading: Final = reading

    @cached_property
    def days(self) -> Mapping[int, Mapping[int, StoredDay]]:
        """Channel -> day -> what is remembered of it."""
        with self._database.read_master() as session:
            return epg_days.days_of_source(session, self._source)

    def marks(self, channels: Sequence[GuideChannel]) -> Known:
        """Whether a channel of the source has a mark."""
        named = {one.source_channel_id: self.days[one.id].values() for one in channels if one.id in self.days}
        return KnownMarks(named, self.reading)


def nothing_known(_channel: str, _mark: bytes) -> bool:
    """For an import that is to read everything."""
    return False


def _told(day: StoredDay | None, reading: bytes) -> bytes:
    if day is None or not day.marks or not day.marks.startswith(reading):
        return b""
    told = day.marks[len(reading) :]
    return told if len(told) % RECORD.size == 0 else b""
