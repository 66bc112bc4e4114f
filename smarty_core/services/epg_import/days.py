"""A timetable by UTC days, and the digest that tells whether a day is told as it was told before."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from smarty_core.services.epg_import.repair import Slot
from smarty_core.storage.repositories.epg_days import DAY

_HEAD: Final = struct.Struct("<qqI")


class ToldDay(NamedTuple):
    """The programmes that start on one day: `slots[first:last]`. `day` counts from 1970-01-01."""

    day: int
    first: int
    last: int
    digest: str

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
    place = 0
    opening = slots[0].start
    for day in range(slots[0].start // DAY, slots[-1].start // DAY + 1):
        end = (day + 1) * DAY
        first = place
        told = [salt, _HEAD.pack(max(opening, day * DAY), end, 0)]
        while place < len(slots) and slots[place].start < end:
            start, stop, body = slots[place]
            told += (_HEAD.pack(start, stop, len(body)), body)
            place += 1
        digest = hashlib.blake2b(b"".join(told), digest_size=32).hexdigest()
        found.append(ToldDay(day, first, place, digest))
    return found
