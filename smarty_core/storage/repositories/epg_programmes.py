"""Programmes in bulk: the import writes hundreds of thousands of them, so it speaks to the driver directly.

Times are whole seconds since 1970, UTC; JSON columns are the text that is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from smarty_core.errors import Conflict, StorageError
from smarty_core.storage.models import EpgChannel, Programme

IDS_AT_ONCE: Final = 500
_COPY_FROM: Final = 50
"""From so many new rows on COPY is faster than INSERT on PostgreSQL."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PARKED: Final = datetime(1901, 1, 1, tzinfo=UTC)


class ProgrammeRow(NamedTuple):
    """What the import knows of a programme; the fields are the columns, in this order."""

    epg_channel_id: int
    start: int
    stop: int
    name: str
    short_name: str
    description: str
    name_lang1: str | None
    name_lang2: str | None
    name_lang3: str | None
    name_lang4: str | None
    name_lang5: str | None
    description_lang1: str | None
    description_lang2: str | None
    description_lang3: str | None
    description_lang4: str | None
    description_lang5: str | None
    category_id: int | None
    category_ids: str | None
    genre_ids: str | None
    rating: int
    preview_url: str
    meta: str
    event_id: str


class StoredProgramme(NamedTuple):
    """A row of the database: its id and what the import would compare."""

    id: int
    row: ProgrammeRow


COLUMNS: Final = ProgrammeRow._fields
_TABLE: Final[Table] = Programme.__table__  # type: ignore[assignment]
_JSON: Final = frozenset({"category_ids", "genre_ids"})
_RAW: Final[dict[str, Any]] = {
    **dict.fromkeys(("category_ids", "genre_ids"), Text()),
    **dict.fromkeys(("start", "stop"), NullType()),
}
"""Columns that are read as the driver gives them: their types are made for few rows."""

_READ: Final = [type_coerce(_TABLE.c[n], _RAW[n]).label(n) if n in _RAW else _TABLE.c[n] for n in COLUMNS]
_BY_ID: Final = select(_TABLE.c.id, *_READ).where(_TABLE.c.id.in_(bindparam("ids", expanding=True)))
SPANS_AT_ONCE: Final = 40


@lru_cache(maxsize=SPANS_AT_ONCE)
def _on(spans: int) -> Select[Any]:
    """A channel's programmes that start in one of so many spans."""
    start = _TABLE.c.start
    inside = [and_(start >= bindparam(f"begin{n}"), start < bindparam(f"end{n}")) for n in range(spans)]
    return (
        select(_TABLE.c.id, *(type_coerce(_TABLE.c[name], NullType()).label(name) for name in ("start", "stop")))
        .where(_TABLE.c.epg_channel_id == bindparam("of_channel"), or_(*inside))
        .order_by(start)
    )


def moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def programmes_between(session: Session, channel: int, spans: Sequence[tuple[int, int]]) -> list[StoredProgramme]:
    """A channel's programmes that start in any of the half-open spans, by start."""
    if not spans:
        return []
    inside = or_(*(and_(_TABLE.c.start >= moment(begin), _TABLE.c.start < moment(end)) for begin, end in spans))
    query = select(_TABLE.c.id, *_READ).where(_TABLE.c.epg_channel_id == channel, inside).order_by(_TABLE.c.start)
    return [_stored(row) for row in session.execute(query)]


def programmes_by_id(session: Session, ids: Sequence[int]) -> list[StoredProgramme]:
    """The programmes with these ids, by start."""
    found = []
    for place in range(0, len(ids), IDS_AT_ONCE):
        told = {"ids": ids[place : place + IDS_AT_ONCE]}
        found += [_stored(row) for row in session.execute(_BY_ID, told)]
    found.sort(key=lambda one: one.row.start)
    return found


def _stored(found: Iterable[Any]) -> StoredProgramme:
    id, channel, start, stop, *rest = found
    return StoredProgramme(id, ProgrammeRow._make((channel, _told_seconds(start), _told_seconds(stop), *rest)))


class Broadcast(NamedTuple):
    """When a stored programme is on."""

    id: int
    start: int
    stop: int


def broadcasts_between(session: Session, channel: int, spans: Sequence[tuple[int, int]]) -> list[Broadcast]:
    """When a channel's programmes are on that start in any of the half-open spans, which do not overlap; by start."""
    found: list[Broadcast] = []
    for place in range(0, len(spans), SPANS_AT_ONCE):
        some = spans[place : place + SPANS_AT_ONCE]
        told: dict[str, Any] = {"of_channel": channel}
        for number, (begin, end) in enumerate(some):
            told[f"begin{number}"], told[f"end{number}"] = moment(begin), moment(end)
        rows = session.connection().execute(_on(len(some)), told).all()
        found += [Broadcast(id, _told_seconds(start), _told_seconds(stop)) for id, start, stop in rows]
    return found


def last_before(session: Session, channel: int, begin: int) -> Broadcast | None:
    """The last programme of a channel that starts before `begin`."""
    query = select(_TABLE.c.id, _TABLE.c.start, _TABLE.c.stop).where(
        _TABLE.c.epg_channel_id == channel, _TABLE.c.start < moment(begin)
    )
    found = session.execute(query.order_by(_TABLE.c.start.desc()).limit(1)).first()
    return Broadcast(found[0], _seconds(found[1]), _seconds(found[2])) if found else None


def count_from(session: Session, channel: int, begin: int) -> int:
    """How many programmes of a channel start at `begin` or later."""
    query = select(func.count()).where(_TABLE.c.epg_channel_id == channel, _TABLE.c.start >= moment(begin))
    return session.scalar(query) or 0


def last_starts(session: Session, source: int) -> dict[int, int]:
    """Channel -> when its last programme starts, for the channels of a source that have one."""
    last = type_coerce(func.max(_TABLE.c.start), NullType())
    query = select(_TABLE.c.epg_channel_id, last).join(EpgChannel, EpgChannel.id == _TABLE.c.epg_channel_id)
    found = session.execute(query.where(EpgChannel.source_id == source).group_by(_TABLE.c.epg_channel_id))
    return {channel: _told_seconds(start) for channel, start in found}


def add_programmes(session: Session, rows: Sequence[ProgrammeRow], *, all_new: bool = False) -> None:
    """Write new rows, or new content of rows with the same channel and start; ids of those stay.

    With `all_new` the caller has looked: none of them exists. It is then the fastest way there is; if another writer
    was quicker after all, `Conflict` is raised and the transaction is lost.
    """
    if not rows:
        return
    dialect = session.get_bind().dialect
    connection = session.connection()
    if dialect.name == "sqlite":
        connection.exec_driver_sql(_UPSERT_SQLITE, [_plain(row, _sqlite_time) for row in rows])
    elif dialect.name == "postgresql" and dialect.driver == "psycopg":
        if all_new and len(rows) >= _COPY_FROM:
            _copy(connection, rows)
        else:
            connection.exec_driver_sql(_UPSERT_POSTGRESQL, [_plain(row, _copy_time) for row in rows])
    elif dialect.name in ("mysql", "mariadb"):
        connection.exec_driver_sql(_UPSERT_MARIADB, [_plain(row, _mariadb_time) for row in rows])
    else:
        merge_programmes(session, rows)


def move_programmes(session: Session, moved: Sequence[tuple[int, ProgrammeRow]]) -> None:
    """Give rows, by id, new content and possibly another start, also one that another moved row had until now."""
    if not moved:
        return
    where = _TABLE.c.id == bindparam("row_id")
    connection = session.connection()
    # Two programmes may change places: each first steps aside to a time of its own where no guide reaches.
    connection.execute(
        update(_TABLE).where(where).values(start=bindparam("aside")),
        [{"row_id": id, "aside": _PARKED + timedelta(seconds=number)} for number, (id, _) in enumerate(moved)],
    )
    connection.execute(
        update(_TABLE).where(where).values({name: bindparam(f"new_{name}", type_=_kind(name)) for name in COLUMNS}),
        [
            {"row_id": id, **{f"new_{name}": value for name, value in zip(COLUMNS, _typed(row), strict=True)}}
            for id, row in moved
        ],
    )


def shorten_programme(session: Session, id: int, stop: int) -> None:
    """Let a programme end at `stop`."""
    session.execute(update(_TABLE).where(_TABLE.c.id == id).values(stop=moment(stop)))


def remove_programmes(session: Session, ids: Sequence[int]) -> None:
    for place in range(0, len(ids), IDS_AT_ONCE):
        session.execute(delete(_TABLE).where(_TABLE.c.id.in_(ids[place : place + IDS_AT_ONCE])))


def channels_with_old(session: Session, before: int, channels: Iterable[int] | None) -> list[int]:
    """Ids of the channels that have programmes which ended before `before`; None = look at all channels."""
    query = (
        select(EpgChannel.id)
        .where(exists().where(_TABLE.c.epg_channel_id == EpgChannel.id, *_old(before)))
        .order_by(EpgChannel.id)
    )
    if channels is None:
        return list(session.scalars(query))
    wanted = set(channels)
    return [found for found in session.scalars(query) if found in wanted]


def remove_old(session: Session, channel: int, before: int, most: int) -> int:
    """Delete up to `most` programmes of a channel that ended before `before`, the oldest first; how many."""
    query = select(_TABLE.c.id).where(_TABLE.c.epg_channel_id == channel, *_old(before))
    ids = list(session.scalars(query.order_by(_TABLE.c.start).limit(most)))
    remove_programmes(session, ids)
    return len(ids)


def commit_later(session: Session) -> None:
    """Let this transaction's commit not wait for the disk, where the database can do that without losing order.

    A later ordinary commit also makes this one durable, so whoever writes down that the work is done is never ahead.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL synchronous_commit TO OFF"))


def _old(before: int) -> tuple[Any, Any]:
    return _TABLE.c.start < moment(before), _TABLE.c.stop <= moment(before)


def _seconds(found: datetime) -> int:
    return int((found - _EPOCH).total_seconds())


@lru_cache(200_000)
def _told_seconds(found: datetime | str) -> int:
    """Of a time as a driver gives it: SQLite's as text, MariaDB's and SQLite's in UTC without saying so."""
    moment = datetime.fromisoformat(found) if isinstance(found, str) else found
    return _seconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _plain(row: ProgrammeRow, time: Callable[[int], Any]) -> tuple[Any, ...]:
    return (row[0], time(row[1]), time(row[2]), *row[3:])


@lru_cache(200_000)
def _sqlite_time(seconds: int) -> str:
    return moment(seconds).strftime("%Y-%m-%d %H:%M:%S.000000")


@lru_cache(200_000)
def _mariadb_time(seconds: int) -> str:
    return moment(seconds).strftime("%Y-%m-%d %H:%M:%S")


@lru_cache(200_000)
def _copy_time(seconds: int) -> str:
    return moment(seconds).strftime("%Y-%m-%d %H:%M:%S+00")


def _typed(row: ProgrammeRow) -> Iterator[Any]:
    yield row.epg_channel_id
    yield moment(row.start)
    yield moment(row.stop)
    yield from row[3:]


def _kind(name: str) -> Any:
    return Text() if name in _JSON else _TABLE.c[name].type


def _copy(connection: Connection, rows: Sequence[ProgrammeRow]) -> None:
    driver: Any = connection.connection.driver_connection
    failures = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY epg_programme ({_NAMES}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(_plain(row, _copy_time))
    except failures as exc:
        if getattr(exc, "sqlstate", "") == "23505":
            raise Conflict("another writer has just added the same programme") from exc
        raise StorageError(f"PostgreSQL refused the programmes: {type(exc).__name__}") from exc


def merge_programmes(session: Session, rows: Sequence[ProgrammeRow]) -> None:
    """What `add_programmes` does, with nothing but standard SQL, for the other databases."""
    connection = session.connection()
    changed = update(_TABLE).where(
        _TABLE.c.epg_channel_id == bindparam("of_channel"), _TABLE.c.start == bindparam("at_start")
    )
    changed = changed.values({name: bindparam(f"new_{name}", type_=_kind(name)) for name in COLUMNS[2:]})
    added = insert(_TABLE).values({name: bindparam(f"new_{name}", type_=_kind(name)) for name in COLUMNS})
    for row in rows:
        values = {f"new_{name}": value for name, value in zip(COLUMNS, _typed(row), strict=True)}
        keys = {"of_channel": values["new_epg_channel_id"], "at_start": values["new_start"]}
        rest = {name: value for name, value in values.items() if name not in ("new_epg_channel_id", "new_start")}
        if connection.execute(changed, {**keys, **rest}).rowcount == 0:
            connection.execute(added, values)


# `start` is a column name that no supported database reserves; the statements hold nothing but constants.
_NAMES: Final = ", ".join(COLUMNS)
_EXCLUDED: Final = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[2:])
_UPSERT_SQLITE: Final = (
    f"INSERT INTO epg_programme ({_NAMES}) VALUES ({', '.join('?' * len(COLUMNS))}) "  # noqa: S608
    f"ON CONFLICT (epg_channel_id, start) DO UPDATE SET {_EXCLUDED}"
)
_UPSERT_POSTGRESQL: Final = (
    f"INSERT INTO epg_programme ({_NAMES}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) "  # noqa: S608
    f"ON CONFLICT (epg_channel_id, start) DO UPDATE SET {_EXCLUDED}"
)
_UPSERT_MARIADB: Final = (
    f"INSERT INTO epg_programme ({_NAMES}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) "  # noqa: S608
    f"ON DUPLICATE KEY UPDATE {', '.join(f'{name} = VALUES({name})' for name in COLUMNS[2:])}"
)
