"""Recorded programmes as films: which channels record, and the rows of films made from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from smarty_core.storage.models import Channel, Programme, StreamService, Video, channel_stream_service
from smarty_core.storage.repositories.channels import NAMES

FILM_COLUMNS: Final = (
    *NAMES, "description", "poster_url", "duration", "parental_control", "programme_id", "recorded_from",
    "recorded_until", "available_from", "available_until", "meta",
)  # fmt: skip
"""What is written of a film that was made from a record; everything else is the operator's."""

CHUNK: Final = 500
"""Rows in one statement."""

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RecordingChannel:
    """A channel with a guide and services that record it. `services`: shift in hours and days kept of each, 0 days = as
    the channel says."""

    id: int
    client_id: int
    name: str
    prefix: str
    epg_channel_id: int
    recording_days: int
    parental_control: bool
    services: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class StoredFilm:
    """A film made from a record, by its columns."""

    id: int
    columns: Mapping[str, Any]

    @property
    def programme_id(self) -> int | None:
        found: int | None = self.columns["programme_id"]
        return found

    @property
    def recorded_from(self) -> datetime:
        found: datetime = self.columns["recorded_from"]
        return found


def recording_channels(session: Session, client_id: int) -> list[RecordingChannel]:
    """The operator's channels that are recorded, by id. Whether a service answers now does not matter: its records
    are there again when it does."""
    table = channel_stream_service
    services: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    query = (
        select(table.c.channel_id, StreamService.shift_hours, StreamService.recording_days)
        .join(StreamService, StreamService.id == table.c.stream_service_id)
        .where(StreamService.client_id == client_id, StreamService.type == "pvr", StreamService.enabled)
        .order_by(StreamService.id)
    )
    for channel_id, shift_hours, days in session.execute(query):
        services[channel_id].append((shift_hours, days))
    columns = (
        Channel.id,
        Channel.client_id,
        Channel.name,
        Channel.url_prefix,
        Channel.epg_channel_id,
        Channel.recording_days,
        Channel.parental_control,
    )
    channels = (
        select(*columns)
        .where(Channel.client_id == client_id, Channel.enabled, Channel.epg_channel_id.is_not(None))
        .order_by(Channel.id)
    )
    return [
        RecordingChannel(
            id=row.id,
            client_id=row.client_id,
            name=row.name,
            prefix=row.url_prefix,
            epg_channel_id=row.epg_channel_id or 0,
            recording_days=row.recording_days,
            parental_control=row.parental_control,
            services=tuple(services[row.id]),
        )
        for row in session.execute(channels)
        if services[row.id]
    ]


def exact_times(
    session: Session, epg_channel_id: int, begin: datetime
) -> dict[int, tuple[datetime | None, datetime | None]]:
    """When programmes that end after `begin` really began and ended, as far as anybody knows."""
    query = select(Programme.id, Programme.exact_start, Programme.exact_stop).where(
        Programme.epg_channel_id == epg_channel_id,
        Programme.stop > begin,
        Programme.exact_start.is_not(None) | Programme.exact_stop.is_not(None),
    )
    return {row.id: (row.exact_start, row.exact_stop) for row in session.execute(query)}


def films_of_channel(session: Session, channel_id: int) -> list[StoredFilm]:
    """The films made from a channel's records, by their begin."""
    query = (
        select(Video.id, *(getattr(Video, name) for name in FILM_COLUMNS))
        .where(Video.channel_id == channel_id, Video.recorded_from.is_not(None))
        .order_by(Video.recorded_from)
    )
    return [StoredFilm(row[0], dict(zip(FILM_COLUMNS, row[1:], strict=True))) for row in session.execute(query)]


def films_of_other_channels(session: Session, client_id: int, recording: Sequence[int]) -> list[int]:
    """Ids of films made from records of channels that are not among `recording` any more."""
    query = select(Video.id, Video.channel_id).where(
        Video.client_id == client_id, Video.channel_id.is_not(None), Video.recorded_from.is_not(None)
    )
    known = frozenset(recording)
    return [row.id for row in session.execute(query) if row.channel_id not in known]


def add_films(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store new films, `CHUNK` of them at most."""
    session.execute(insert(Video), [dict(row) for row in rows])


def free_places(session: Session, ids: Sequence[int]) -> None:
    """Take the begin away from films that are going to get another one, so that they may change places. No begin at
    all would not do: Oracle takes two films of a channel without one for the same."""
    session.execute(
        update(Video), [{"id": one, "recorded_from": LONG_AGO + timedelta(microseconds=one)} for one in ids]
    )


def change_films(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new columns of films; each row holds its `id`."""
    session.execute(update(Video), [dict(row) for row in rows])


def remove_films(session: Session, ids: Sequence[int]) -> None:
    """Delete films, `CHUNK` of them at most."""
    session.execute(delete(Video).where(Video.id.in_(ids)))


def chunks(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """`rows` in pieces of `CHUNK`."""
    found = iter(rows)
    while piece := list(islice(found, CHUNK)):
        yield piece
