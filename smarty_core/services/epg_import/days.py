"""A timetable by UTC days, and the digest that tells whether a day is told as it was told before."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from smarty_core.services.epg_import.marks import RECORD
from smarty_core.services.epg_import.spool import Slot
from smarty_core.storage.repositories.epg_days import DAY

_HEAD: Final = struct.Struct("<qq")


class ToldDay(NamedTuple):
    """The programmes that start on one day: `slots[first:last]`, and their records. `day` counts from 1970-01-01."""

    day: int
    first: int
    last: int
    digest: str
    records: bytes

    @property
    def programmes(self) -> int:
        return self.last - self.first


def told_days(slots: Sequence[Slot], salt: bytes) -> list[ToldDay]:
    """All days from the first to the last programme, also those between on which nothing starts.

    `salt` stands for whatever else decides how a programme is stored. The first day is told only from its first
    programme on, which the digest says by that programme's start.
    """
    if not slots:
        return []
    found = []
    place, count = 0, len(slots)
    opening = slots[0].start
    pack = RECORD.pack
    for day in range(opening // DAY, slots[-1].start // DAY + 1):
        begin = day * DAY
        end = begin + DAY
        first = place
        told = []
        while place < count:
            start, stop, mark, _ = slots[place]
            if start >= end:
                break
            told.append(pack(start - begin, stop - begin, mark))
            place += 1
        records = b"".join(told)
        head = _HEAD.pack(max(opening, begin), end)
        digest = hashlib.blake2b(b"".join((salt, head, records)), digest_size=32).hexdigest()
        found.append(ToldDay(day, first, place, digest, records))
    return found
