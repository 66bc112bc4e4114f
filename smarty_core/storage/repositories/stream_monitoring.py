"""Analysers, what they measured, and the accidents that were made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from smarty_core.storage.models import (
    Accident,
    Address,
    AddressGroup,
    MonitoredStream,
    StreamMonitor,
    StreamSample,
    StreamTrigger,
    trigger_address_group,
)

BATCH = 1000
"""Rows removed in one transaction: others have to write meanwhile."""


@dataclass(frozen=True, slots=True)
class WatchedStream:
    id: int
    address: str


@dataclass(frozen=True, slots=True)
class WatchedMonitor:
    """An analyser that is to be asked, and the streams it watches."""

    id: int
    client_id: int
    name: str
    host: str
    port: int
    streams: tuple[WatchedStream, ...] = ()


@dataclass(frozen=True, slots=True)
class AccidentFacts:
    """An accident with what people call its parts. `stream` and `address` are empty when it is the analyser's own."""

    id: int
    client_id: int
    trigger_id: int
    trigger: str
    key: str
    monitor: str
    stream: str
    address: str
    value: str
    message: str
    begun_at: datetime
    ended_at: datetime | None
    told_at: datetime | None


def watched_monitors(session: Session, client_id: int | None = None) -> list[WatchedMonitor]:
    """The analysers that are switched on, of one operator or of all."""
    streams: dict[int, list[WatchedStream]] = {}
    query = select(MonitoredStream.monitor_id, MonitoredStream.id, MonitoredStream.address)
    for monitor_id, stream_id, address in session.execute(
        query.where(MonitoredStream.enabled).order_by(MonitoredStream.id)
    ):
        streams.setdefault(monitor_id, []).append(WatchedStream(stream_id, address))
    monitors = select(StreamMonitor).where(StreamMonitor.enabled).order_by(StreamMonitor.id)
    if client_id is not None:
        monitors = monitors.where(StreamMonitor.client_id == client_id)
    return [
        WatchedMonitor(row.id, row.client_id, row.name, row.host, row.port, tuple(streams.get(row.id, ())))
        for row in session.scalars(monitors)
    ]


def triggers_of(session: Session, client_id: int) -> list[StreamTrigger]:
    """The triggers of an operator that are switched on."""
    query = select(StreamTrigger).where(StreamTrigger.client_id == client_id, StreamTrigger.enabled)
    return list(session.scalars(query.order_by(StreamTrigger.id)))


def open_accidents(session: Session, monitor_id: int) -> dict[tuple[int, int | None], Accident]:
    """What has not ended on an analyser, by trigger and stream."""
    query = select(Accident).where(Accident.monitor_id == monitor_id, Accident.ended_at.is_(None))
    return {(row.trigger_id, row.stream_id): row for row in session.scalars(query.order_by(Accident.id))}


def unwatched_accidents(session: Session, client_id: int | None = None) -> list[Accident]:
    """What has not ended although nobody looks any more: its trigger, analyser or stream is switched off."""
    query = (
        select(Accident)
        .join(StreamTrigger, StreamTrigger.id == Accident.trigger_id)
        .join(StreamMonitor, StreamMonitor.id == Accident.monitor_id)
        .outerjoin(MonitoredStream, MonitoredStream.id == Accident.stream_id)
        .where(
            Accident.ended_at.is_(None),
            or_(
                StreamTrigger.enabled.is_(False),
                StreamMonitor.enabled.is_(False),
                MonitoredStream.enabled.is_(False),
            ),
        )
    )
    if client_id is not None:
        query = query.where(Accident.client_id == client_id)
    return list(session.scalars(query))


def accidents(
    session: Session, client_id: int | None = None, *, ended_since: datetime | None = None, limit: int = 1000
) -> list[AccidentFacts]:
    """Accidents that go on, and with `ended_since` those that ended then or later; the latest first."""
    wanted: ColumnElement[bool] = Accident.ended_at.is_(None)
    if ended_since is not None:
        wanted = or_(wanted, Accident.ended_at >= ended_since)
    return _facts(session, wanted, client_id, limit)


def untold_accidents(session: Session, ended_since: datetime, client_id: int | None = None) -> list[AccidentFacts]:
    """Accidents whose begin or end nobody was written about yet, the oldest first; not what ended too long ago."""
    begin = Accident.told_at.is_(None)
    end = Accident.told_at < Accident.ended_at
    recent = or_(Accident.ended_at.is_(None), Accident.ended_at >= ended_since)
    return sorted(_facts(session, or_(begin, end) & recent, client_id, 1000), key=lambda one: (one.begun_at, one.id))


def recipients(session: Session, trigger_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The addresses that are switched on, by trigger, each once."""
    query = (
        select(trigger_address_group.c.stream_trigger_id, Address.email)
        .join(AddressGroup, AddressGroup.id == trigger_address_group.c.address_group_id)
        .join(Address, Address.group_id == AddressGroup.id)
        .where(trigger_address_group.c.stream_trigger_id.in_(trigger_ids), Address.enabled)
        .order_by(Address.id)
    )
    found: dict[int, dict[str, None]] = {}
    for trigger_id, email in session.execute(query):
        found.setdefault(trigger_id, {})[email] = None
    return {trigger_id: tuple(emails) for trigger_id, emails in found.items()}


def remove_old(session: Session, before: datetime) -> int:
    """Remove some samples taken, and accidents ended, before a moment; how many went, 0 when none is left."""
    removed = 0
    for model, moment in ((StreamSample, StreamSample.taken_at), (Accident, Accident.ended_at)):
        ids = list(session.scalars(select(model.id).where(moment < before).limit(BATCH)))
        if ids:
            session.execute(delete(model).where(model.id.in_(ids)).execution_options(synchronize_session=False))
        removed += len(ids)
    return removed


def _facts(session: Session, wanted: ColumnElement[bool], client_id: int | None, limit: int) -> list[AccidentFacts]:
    query = (
        select(Accident, StreamTrigger, StreamMonitor.name, MonitoredStream)
        .join(StreamTrigger, StreamTrigger.id == Accident.trigger_id)
        .join(StreamMonitor, StreamMonitor.id == Accident.monitor_id)
        .outerjoin(MonitoredStream, MonitoredStream.id == Accident.stream_id)
        .where(wanted)
        .order_by(Accident.begun_at.desc(), Accident.id.desc())
        .limit(limit)
    )
    if client_id is not None:
        query = query.where(Accident.client_id == client_id)
    return [
        AccidentFacts(
            id=row.id,
            client_id=row.client_id,
            trigger_id=trigger.id,
            trigger=trigger.name,
            key=trigger.key,
            monitor=monitor,
            stream=(stream.name or stream.address) if stream is not None else "",
            address=stream.address if stream is not None else "",
            value=row.value,
            message=row.message,
            begun_at=row.begun_at,
            ended_at=row.ended_at,
            told_at=row.told_at,
        )
        for row, trigger, monitor, stream in session.execute(query)
    ]
