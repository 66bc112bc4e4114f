"""Guide categories and genres, and how each source spells them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smarty_core.storage.base import LANGUAGE_SUFFIXES
from smarty_core.storage.database import bump
from smarty_core.storage.models import EpgCategory, EpgGenre, EpgSourceCategoryMap, EpgSourceGenreMap


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The categories, or the genres, that a source may mean.

    `mapped`: the source's spelling -> id. `known`: name in small letters -> id. `names`: id -> name.
    """

    mapped: dict[str, int]
    known: dict[str, int]
    names: dict[int, str]


def categories_for(session: Session, source: int) -> Vocabulary:
    query = select(EpgSourceCategoryMap).where(EpgSourceCategoryMap.source_id == source)
    mapped = {row.source_name: row.category_id for row in session.scalars(query)}
    rows = session.scalars(select(EpgCategory).order_by(EpgCategory.id)).all()
    return Vocabulary(mapped, _known(rows), {row.id: row.name for row in rows})


def genres_for(session: Session, source: int) -> Vocabulary:
    query = select(EpgSourceGenreMap).where(EpgSourceGenreMap.source_id == source)
    mapped = {row.source_name: row.genre_id for row in session.scalars(query)}
    rows = session.scalars(select(EpgGenre).order_by(EpgGenre.id)).all()
    return Vocabulary(mapped, _known(rows), {row.id: row.name for row in rows})


def add_category(session: Session, source: int, source_name: str) -> int:
    """A category named as the source says, and the mapping to it; its id."""
    sort = (session.scalar(select(func.max(EpgCategory.sort))) or 0) + 1
    row = EpgCategory(system_name=_system_name(session, EpgCategory, source_name), name=source_name[:255], sort=sort)
    session.add(row)
    session.flush()
    map_category(session, source, source_name, row.id)
    return row.id


def add_genre(session: Session, source: int, source_name: str) -> int:
    """A genre named as the source says, and the mapping to it; its id."""
    sort = (session.scalar(select(func.max(EpgGenre.sort))) or 0) + 1
    row = EpgGenre(system_name=_system_name(session, EpgGenre, source_name), name=source_name[:255], sort=sort)
    session.add(row)
    session.flush()
    map_genre(session, source, source_name, row.id)
    return row.id


def map_category(session: Session, source: int, source_name: str, category: int) -> None:
    session.add(EpgSourceCategoryMap(source_id=source, source_name=source_name, category_id=category))
    bump(session, "epg:categories")


def map_genre(session: Session, source: int, source_name: str, genre: int) -> None:
    session.add(EpgSourceGenreMap(source_id=source, source_name=source_name, genre_id=genre))
    bump(session, "epg:categories")


def _known(rows: object) -> dict[str, int]:
    known: dict[str, int] = {}
    for row in rows:  # type: ignore[attr-defined]
        for text in (row.system_name, row.name, *(getattr(row, f"name{suffix}") for suffix in LANGUAGE_SUFFIXES)):
            if text:
                known.setdefault(text.casefold(), row.id)
    return known


def _system_name(session: Session, model: type[EpgCategory] | type[EpgGenre], source_name: str) -> str:
    """The source's name in small letters, made unique."""
    wanted = source_name.casefold()[:60]
    taken = set(session.scalars(select(model.system_name).where(model.system_name.startswith(wanted, autoescape=True))))
    number = 1
    while (wanted if number == 1 else f"{wanted}_{number}") in taken:
        number += 1
    return wanted if number == 1 else f"{wanted}_{number}"
