"""Technical works as rows: those that may block something, and the channels they are announced for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from smarty_core.storage.models import (
    Channel,
    Maintenance,
    StreamService,
    maintenance_channel,
    maintenance_stream_service,
)

T = TypeVar("T")

CHUNK: Final = 500
"""Values in one IN list; Oracle allows 1000."""


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """Works that block their channels and stream services from `begin` until `end` (None = until they are finished)."""

    id: int
    begin: datetime
    end: datetime | None
    channel_ids: frozenset[int]
    service_ids: frozenset[int]


def blocking_works(session: Session, client_id: int, now: datetime) -> tuple[WorkFacts, ...]:
    """The operator's works that block something now or are going to, by id."""
    works = session.execute(
        select(Maintenance.id, Maintenance.begin, Maintenance.end)
        .where(
            Maintenance.client_id == client_id,
            Maintenance.unavailable,
            Maintenance.finished.is_(False),
            or_(Maintenance.end.is_(None), Maintenance.end > now),
        )
        .order_by(Maintenance.id)
    ).all()
    ids = [row.id for row in works]
    channels = _related(session, maintenance_channel.c.channel_id, ids)
    services = _related(session, maintenance_stream_service.c.stream_service_id, ids)
    return tuple(WorkFacts(row.id, row.begin, row.end, channels[row.id], services[row.id]) for row in works)


def _related(session: Session, column: Any, ids: Collection[int]) -> defaultdict[int, frozenset[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    if ids:
        query = select(column.table.c.maintenance_id, column).where(column.table.c.maintenance_id.in_(ids))
        for work_id, other_id in session.execute(query):
            found[work_id].add(other_id)
    return defaultdict(frozenset, {work_id: frozenset(others) for work_id, others in found.items()})


def own(session: Session, client_id: int, maintenance_id: int) -> Maintenance | None:
    """The operator's works with this number."""
    query = select(Maintenance).where(Maintenance.id == maintenance_id, Maintenance.client_id == client_id)
    return session.scalars(query).first()


def latest(session: Session, client_id: int, limit: int = 1000) -> list[Maintenance]:
    """The operator's works with their channels and services, the newest first."""
    query = select(Maintenance).where(Maintenance.client_id == client_id)
    together = selectinload(Maintenance.channels), selectinload(Maintenance.services)
    return list(session.scalars(query.options(*together).order_by(Maintenance.id.desc()).limit(limit)))


def channels_with_prefix(session: Session, client_id: int, prefixes: Collection[str]) -> list[Channel]:
    """The operator's channels that have one of these names on video servers, switched on or not, by id."""
    found: list[Channel] = []
    for names in batched(prefixes):
        query = select(Channel).where(Channel.client_id == client_id, Channel.url_prefix.in_(names))
        found += session.scalars(query)
    return sorted(found, key=lambda channel: channel.id)


def services_with_ids(session: Session, client_id: int, service_ids: Collection[int]) -> list[StreamService]:
    """Those of the operator's stream services that have one of these numbers, by id."""
    found: list[StreamService] = []
    for ids in batched(service_ids):
        query = select(StreamService).where(StreamService.client_id == client_id, StreamService.id.in_(ids))
        found += session.scalars(query)
    return sorted(found, key=lambda service: service.id)


def batched(items: Collection[T]) -> Iterator[list[T]]:
    """The items in lists that fit into one statement."""
    waiting = list(items)
    for start in range(0, len(waiting), CHUNK):
        yield waiting[start : start + CHUNK]
