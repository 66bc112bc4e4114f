"""Categories of channels (one operator's) and of programmes (everybody's), and genres of programmes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.storage.models import Category, EpgCategory, EpgGenre, Programme

CHUNK = 500
"""Ids in one IN list; Oracle allows 1000."""


def categories(session: Session, client_id: int) -> list[Category]:
    query = select(Category).where(Category.client_id == client_id).order_by(Category.sort, Category.id)
    return list(session.scalars(query))


def programme_categories(session: Session) -> list[EpgCategory]:
    return list(session.scalars(select(EpgCategory).order_by(EpgCategory.sort, EpgCategory.id)))


def programme_genres(session: Session) -> list[EpgGenre]:
    return list(session.scalars(select(EpgGenre).order_by(EpgGenre.sort, EpgGenre.id)))


def used_between(
    session: Session, epg_channel_ids: Iterable[int], begin: datetime, end: datetime
) -> tuple[frozenset[int], frozenset[int]]:
    """Ids of the categories and of the genres of programmes that began in `[begin, end)` on these channels."""
    wanted = sorted(epg_channel_ids)
    found_categories: set[int] = set()
    found_genres: set[int] = set()
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(Programme.category_id, Programme.category_ids, Programme.genre_ids)
            .where(
                Programme.epg_channel_id.in_(wanted[start : start + CHUNK]),
                Programme.start >= begin,
                Programme.start < end,
            )
            .distinct()
        )
        for category_id, category_ids, genre_ids in session.execute(query):
            found_categories.update(chain([category_id] if category_id else [], category_ids or []))
            found_genres.update(genre_ids or [])
    return frozenset(found_categories), frozenset(found_genres)
