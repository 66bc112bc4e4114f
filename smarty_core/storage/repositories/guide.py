"""Programmes of the guide, and what operators forbid of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.storage.models import ProgramBlocking, Programme
from smarty_core.storage.repositories.streams import Blocking

CHUNK: Final = 300
"""Channels asked for in one statement."""

LONGEST: Final = timedelta(hours=48)
"""A programme that has begun longer ago than this is not looked for among those on air."""

_COLUMNS: Final = (
    Programme.id,
    Programme.epg_channel_id,
    Programme.start,
    Programme.stop,
    Programme.name,
    Programme.name_lang1,
    Programme.name_lang2,
    Programme.name_lang3,
    Programme.name_lang4,
    Programme.name_lang5,
    Programme.short_name,
    Programme.description,
    Programme.description_lang1,
    Programme.description_lang2,
    Programme.description_lang3,
    Programme.description_lang4,
    Programme.description_lang5,
    Programme.category_id,
    Programme.category_ids,
    Programme.genre_ids,
    Programme.rating,
    Programme.preview_url,
    Programme.meta,
)


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme. `start` and `stop` are Unix seconds; `names` and `descriptions` hold the default text first."""

    id: int
    epg_channel_id: int
    start: int
    stop: int
    names: tuple[str, ...]
    short_name: str
    descriptions: tuple[str, ...]
    category_ids: tuple[int, ...]
    """The main category first."""
    genre_ids: tuple[int, ...]
    rating: int
    preview_url: str
    meta: str


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a UTC day and of the next one."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begin, begin + timedelta(days=1)


def programmes_by_channel(
    session: Session, epg_channel_ids: Sequence[int], begin: datetime, end: datetime
) -> dict[int, list[ProgrammeRow]]:
    """Programmes on air at any time of `[begin, end)`, by channel, in order of time."""
    found: defaultdict[int, list[ProgrammeRow]] = defaultdict(list)
    for first in range(0, len(epg_channel_ids), CHUNK):
        query = (
            select(*_COLUMNS)
            .where(
                Programme.epg_channel_id.in_(epg_channel_ids[first : first + CHUNK]),
                Programme.start > begin - LONGEST,
                Programme.start < end,
                Programme.stop > begin,
            )
            .order_by(Programme.epg_channel_id, Programme.start)
        )
        for row in session.execute(query):
            found[row.epg_channel_id].append(_programme(row))
    return dict(found)


def programme(session: Session, programme_id: int, epg_channel_ids: Iterable[int]) -> ProgrammeRow | None:
    """A programme of one of these channels."""
    row = session.execute(select(*_COLUMNS).where(Programme.id == programme_id)).first()
    if row is None or row.epg_channel_id not in frozenset(epg_channel_ids):
        return None
    return _programme(row)


def programme_length(session: Session, programme_id: int) -> tuple[int, int] | None:
    """The guide channel of a programme and its length in seconds."""
    query = select(Programme.epg_channel_id, Programme.start, Programme.stop).where(Programme.id == programme_id)
    row = session.execute(query).first()
    return None if row is None else (row.epg_channel_id, max(0, int((row.stop - row.start).total_seconds())))


def operator_blockings(session: Session, client_id: int) -> list[Blocking]:
    """Everything the operator forbids."""
    query = select(
        ProgramBlocking.programme_id, ProgramBlocking.channel_prefix, ProgramBlocking.start, ProgramBlocking.days
    ).where(ProgramBlocking.client_id == client_id)
    return [Blocking(*row) for row in session.execute(query)]


def _programme(row: Any) -> ProgrammeRow:
    categories = dict.fromkeys([*([row.category_id] if row.category_id else []), *(row.category_ids or [])])
    return ProgrammeRow(
        id=row.id,
        epg_channel_id=row.epg_channel_id,
        start=int(row.start.timestamp()),
        stop=int(row.stop.timestamp()),
        names=_without_end([row.name, *(getattr(row, f"name_lang{number}") for number in range(1, 6))]),
        short_name=row.short_name,
        descriptions=_without_end(
            [row.description, *(getattr(row, f"description_lang{number}") for number in range(1, 6))]
        ),
        category_ids=tuple(categories),
        genre_ids=tuple(row.genre_ids or ()),
        rating=row.rating,
        preview_url=row.preview_url,
        meta=row.meta,
    )


def _without_end(found: list[str | None]) -> tuple[str, ...]:
    texts = [text or "" for text in found]
    while len(texts) > 1 and not texts[-1]:
        texts.pop()
    return tuple(texts)
