"""Personal records: what accounts have ordered, and what of it has to be done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from smarty_core.storage.base import owned_by
from smarty_core.storage.models import Account, Channel, DataCenter, NpvrTask, Programme, StreamService
from smarty_core.storage.repositories.streams import ServiceFacts, service_facts

PLANNED: Final = "planned"
RECORDING: Final = "recording"
DONE: Final = "done"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
COUNTED: Final = (PLANNED, RECORDING, DONE)
"""States that take a place of an account's records."""

SHOWN: Final = (*COUNTED, FAILED)

LARGEST: Final = 1000
"""Hours; nothing is recorded by a service that says of itself that it broadcasts later than this."""


@dataclass(frozen=True, slots=True)
class RecordingChannel:
    """What a video server is told of the channel to record. `source`: the address of the picture, if there is one."""

    content_id: str
    prefix: str
    source: str


@dataclass(frozen=True, slots=True)
class RecorderFacts:
    """A stream service as a recorder. `longest_hours`: the longest record; `lifetime` in seconds, 0 = as its archive
    has it."""

    service: ServiceFacts
    directory: str
    longest_hours: int
    lifetime: int


@dataclass(frozen=True, slots=True)
class DueTask:
    """A task with everything that is needed to carry it on; `recorder` None = its service was removed."""

    task: NpvrTask
    channel: RecordingChannel
    recorder: RecorderFacts | None


def lock_account(session: Session, client_id: int, account_id: int) -> bool:
    """Hold the account's row, so that orders of one account come one after another. False = there is none."""
    query = select(Account.id).where(Account.id == account_id, Account.client_id == client_id).with_for_update()
    return session.scalar(query) is not None


def count_of(session: Session, account_id: int) -> int:
    """How many records an account has or has ordered."""
    query = select(func.count()).where(NpvrTask.account_id == account_id, NpvrTask.status.in_(COUNTED))
    return session.scalar(query) or 0


def same_record(session: Session, account_id: int, channel_id: int, begin: datetime) -> NpvrTask | None:
    """The account's task of this channel and begin, whatever became of it."""
    return session.scalar(
        select(NpvrTask).where(
            NpvrTask.account_id == account_id, NpvrTask.channel_id == channel_id, NpvrTask.begin == begin
        )
    )


def of_account(
    session: Session, client_id: int, account_id: int, *, status: str, now: datetime, limit: int, offset: int
) -> tuple[int, Sequence[NpvrTask]]:
    """An account's tasks, the newest first, and how many there are. `status` empty = all it did not take back."""
    chosen = (
        NpvrTask.account_id == account_id,
        owned_by(NpvrTask.client_id, client_id),
        NpvrTask.status == status if status else NpvrTask.status.in_(SHOWN),
        or_(NpvrTask.expires_at.is_(None), NpvrTask.expires_at > now),
    )
    count = session.scalar(select(func.count()).select_from(NpvrTask).where(*chosen)) or 0
    query = select(NpvrTask).where(*chosen).order_by(NpvrTask.begin.desc(), NpvrTask.id.desc())
    return count, session.scalars(query.limit(limit).offset(offset)).all()


def find(session: Session, client_id: int, account_id: int, task_id: int) -> NpvrTask | None:
    """One task of an account that it did not take back."""
    return session.scalar(
        select(NpvrTask).where(
            NpvrTask.id == task_id,
            NpvrTask.account_id == account_id,
            NpvrTask.client_id == client_id,
            NpvrTask.status.in_(SHOWN),
        )
    )


def recorder(session: Session, client_id: int, service_id: int) -> RecorderFacts | None:
    """One service as a recorder."""
    row = session.execute(
        select(StreamService, DataCenter.enabled)
        .outerjoin(DataCenter, DataCenter.id == StreamService.data_center_id)
        .where(StreamService.id == service_id, StreamService.client_id == client_id)
    ).first()
    return None if row is None else _recorder(*row)


def programme(session: Session, epg_channel_id: int, programme_id: int) -> tuple[datetime, datetime, str] | None:
    """Begin, end and name of a programme of this guide channel; exact times where they are known."""
    row = session.scalar(
        select(Programme).where(Programme.id == programme_id, Programme.epg_channel_id == epg_channel_id)
    )
    return None if row is None else (row.exact_start or row.start, row.exact_stop or row.stop, row.name)


def shifts(session: Session) -> list[int]:
    """The broadcast shifts there are, in hours; tasks whose service was removed count among those without one."""
    query = select(StreamService.shift_hours).where(StreamService.shift_hours.between(-LARGEST, LARGEST)).distinct()
    return sorted({0, *session.scalars(query)})


def due(
    session: Session, shift_hours: int, *, now: datetime, lead: timedelta, limit: int, after_id: int
) -> list[DueTask]:
    """Tasks on services of one shift for which something is to be done, by id after `after_id`.

    They begin within `lead` and nobody was told yet, have begun, have ended, or were taken back.
    """
    shift = timedelta(hours=shift_hours)
    query = (
        select(NpvrTask, Channel, StreamService, DataCenter.enabled)
        .join(Channel, Channel.id == NpvrTask.channel_id)
        .outerjoin(StreamService, StreamService.id == NpvrTask.stream_service_id)
        .outerjoin(DataCenter, DataCenter.id == StreamService.data_center_id)
        .where(
            NpvrTask.id > after_id,
            func.coalesce(StreamService.shift_hours, 0) == shift_hours,
            or_(
                NpvrTask.status == CANCELLED,
                and_(
                    NpvrTask.status == PLANNED,
                    NpvrTask.begin <= now + lead - shift,
                    or_(NpvrTask.external_id == "", NpvrTask.begin <= now - shift),
                ),
                and_(NpvrTask.status == RECORDING, NpvrTask.end <= now - shift),
            ),
        )
        .order_by(NpvrTask.id)
        .limit(limit)
    )
    return [
        DueTask(
            task,
            RecordingChannel(
                channel.id_override or str(channel.id),
                channel.url_prefix,
                channel.recording_multicast_uri or channel.multicast_uri,
            ),
            _recorder(service, center) if service is not None else None,
        )
        for task, channel, service, center in session.execute(query)
    ]


def change(session: Session, task: NpvrTask, *, while_status: Sequence[str], **columns: Any) -> bool:
    """Write columns of a task while it is in one of these states and was not ordered anew; whether it was so."""
    query = update(NpvrTask).where(NpvrTask.id == task.id, NpvrTask.end == task.end, NpvrTask.status.in_(while_status))
    found: int = session.execute(query.values(**columns)).rowcount  # type: ignore[attr-defined]
    return found > 0


def remove(session: Session, task_id: int, *, while_status: str) -> None:
    """Delete a task, unless it has changed its state."""
    session.execute(delete(NpvrTask).where(NpvrTask.id == task_id, NpvrTask.status == while_status))


def remove_expired(session: Session, now: datetime, failed_before: datetime, limit: int) -> int:
    """Delete records whose time is over, and failures nobody needs to see any more; how many."""
    ids = list(
        session.scalars(
            select(NpvrTask.id)
            .where(
                or_(
                    (NpvrTask.status == DONE) & (NpvrTask.expires_at <= now),
                    (NpvrTask.status == FAILED) & (NpvrTask.end <= failed_before),
                )
            )
            .limit(limit)
        )
    )
    if ids:
        session.execute(delete(NpvrTask).where(NpvrTask.id.in_(ids)))
    return len(ids)


def _recorder(row: StreamService, center_enabled: bool | None) -> RecorderFacts:
    facts = service_facts(row, center_enabled=center_enabled is not False)
    return RecorderFacts(facts, row.record_directory, row.record_length_hours, row.npvr_lifetime)
