"""Version numbers behind cache tags (`client:7:channels`, `epgchannel:12`), the only way anything is invalidated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import cast

from sqlalchemy import BigInteger, ColumnElement, Select, Table, func, literal_column, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.orm import Session

from smarty_core.storage.models.system import TagVersion
from smarty_core.values import utc_now

ONE: ColumnElement[int] = literal_column("1", BigInteger)
"""Written into the statement, not bound: PyMySQL cannot bind a value behind the row of an `executemany`."""

CHUNK = 500
"""Names in one IN list; Oracle allows 1000."""


def bump_in_transaction(session: Session, tags: Iterable[str]) -> dict[str, int]:
    """Count up the versions of `tags` and give the new ones.

    Done in name order, so that two writers never wait for each other in a ring.
    """
    now = utc_now()
    names = sorted(set(tags))
    rows = [{"tag": tag, "version": 1, "changed_at": now} for tag in names]
    dialect = session.get_bind().dialect.name
    if dialect in ("mysql", "mariadb"):
        upsert = mysql.insert(TagVersion)
        session.execute(
            upsert.on_duplicate_key_update(version=TagVersion.version + ONE, changed_at=upsert.inserted.changed_at),
            rows,
        )
    elif dialect in ("sqlite", "postgresql"):
        insert = (sqlite if dialect == "sqlite" else postgresql).insert(TagVersion)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["tag"],
                set_={"version": TagVersion.version + ONE, "changed_at": insert.excluded.changed_at},
            ),
            rows,
        )
    else:
        for row in rows:
            known = session.get(TagVersion, row["tag"], with_for_update=True)
            if known is None:
                session.add(TagVersion(**row))
            else:
                known.version, known.changed_at = known.version + 1, now
        session.flush()
    versions: dict[str, int] = {}
    for begin in range(0, len(names), CHUNK):
        chunk = names[begin : begin + CHUNK]
        query = select(TagVersion.tag, TagVersion.version).where(TagVersion.tag.in_(chunk))
        versions.update((tag, version) for tag, version in session.execute(query))
    return versions


def versions_changed_within(session: Session, seconds: float) -> dict[str, int]:
    """Versions of the tags changed in the last `seconds`. Ask for more than the time since the last look: a
    transaction commits after it has taken its time, and hosts' clocks differ a little."""
    since = utc_now() - timedelta(seconds=seconds)
    return _read(session, _VERSIONS.where(_TAGS.c.changed_at >= since))


def all_versions(session: Session) -> dict[str, int]:
    """Every tag's version; read once at start."""
    return _read(session, _VERSIONS)


def _read(session: Session, query: Select[tuple[str, int]]) -> dict[str, int]:
    """Without the ORM: when thousands log in at once, thousands of tags are read again and again."""
    return dict(cast("Sequence[tuple[str, int]]", session.connection().execute(query).all()))


_TAGS = cast("Table", TagVersion.__table__)
_VERSIONS: Select[tuple[str, int]] = select(_TAGS.c.tag, _TAGS.c.version)


def count_tags(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(TagVersion)) or 0
