"""Digests of what was imported, per guide channel and UTC day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from smarty_core.storage.models import EpgChannel, EpgDay

DAY: Final = 86_400
_FIRST: Final = date(1970, 1, 1)
_TABLE: Final[Table] = EpgDay.__table__  # type: ignore[assignment]
_FORGET: Final = delete(_TABLE).where(
    _TABLE.c.epg_channel_id == bindparam("of_channel"), _TABLE.c.day == bindparam("of_day")
)


class StoredDay(NamedTuple):
    """What is remembered of a day: its digest and, packed by the import, its programmes one by one."""

    digest: str
    marks: bytes | None


class DayDigest(NamedTuple):
    """What a source told about a day. `day` counts from 1970-01-01."""

    day: int
    digest: str
    programmes: int
    marks: bytes | None


def date_of(day: int) -> date:
    return _FIRST + timedelta(days=day)


def days_of_source(session: Session, source: int) -> dict[int, dict[int, StoredDay]]:
    """Channel -> day -> what is remembered of it, for all channels of a source."""
    query = (
        select(_TABLE.c.epg_channel_id, _TABLE.c.day, _TABLE.c.digest, _TABLE.c.marks)
        .join(EpgChannel, EpgChannel.id == _TABLE.c.epg_channel_id)
        .where(EpgChannel.source_id == source)
    )
    known: dict[int, dict[int, StoredDay]] = {}
    for channel, day, digest, marks in session.execute(query):
        known.setdefault(channel, {})[(day - _FIRST).days] = StoredDay(digest, marks)
    return known


def forget_digests(session: Session, days: Iterable[tuple[int, int]]) -> None:
    """Forget the digests of pairs of channel and day."""
    gone = [{"of_channel": channel, "of_day": date_of(day)} for channel, day in days]
    if gone:
        session.connection().execute(_FORGET, gone)


def add_digests(session: Session, new: Iterable[tuple[int, DayDigest]]) -> None:
    """Write the digests of channels' days that have none."""
    rows: list[dict[str, Any]] = [
        {
            "epg_channel_id": channel,
            "day": date_of(one.day),
            "digest": one.digest,
            "programmes": one.programmes,
            "marks": one.marks,
        }
        for channel, one in new
    ]
    if rows:
        session.execute(insert(_TABLE), rows)


def forget_days_before(session: Session, channel: int, day: int) -> None:
    session.execute(delete(_TABLE).where(_TABLE.c.epg_channel_id == channel, _TABLE.c.day < date_of(day)))
