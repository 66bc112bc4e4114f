"""Stream services, what the choice between them needs to know about content, and programmes of the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.storage.models import DataCenter, Programme, StreamService

ContentKind = Literal["channel", "video", "radio", "camera"]


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A stream service as it is stored. `type`: live, pvr, vod or multicast. `secret` is still encrypted.

    `enabled` counts its data centre too. `shift_hours`: how much later it broadcasts. `recording_days`: 0 = as long as
    the channel says. `storage_class`: memory, ssd or hdd. `max_sessions`: viewers it may have at once, 0 = no limit.
    `load` and `session_count` are what it said of itself when the row was read.
    """

    id: int
    client_id: int
    name: str
    type: str
    router: str
    mask: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    host: str = ""
    port: int = 0
    secret: str = ""
    check_ip: bool = False
    enabled: bool = True
    available: bool = True
    data_center_id: int | None = None
    shift_hours: int = 0
    recording_days: int = 0
    storage_class: str = "hdd"
    max_sessions: int = 0
    sort: int = 0
    static: bool = False
    """Its addresses are made when a list is built."""
    load: float = field(default=0.0, compare=False)
    session_count: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """What a stream service said of itself last: `load`, the smaller the better; `session_count`, its viewers.

    `moment` None: it is not asked.
    """

    load: float
    session_count: int
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The stretch of a channel's archive that a film was made of."""

    channel_id: int
    begin: datetime
    end: datetime
    programme_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContentFacts:
    """What playing a channel, film, radio station or camera needs.

    `content_id` is the id in masks: the content's own, unless it is overridden; `prefix` is its name on video servers.
    `uri` is a direct address. `tariff_ids`: the tariffs that open a film, station or camera (of channels the
    entitlement knows); `account_ids`: accounts it is open for without a tariff. `opens` and `closes` bound when a film
    may be watched.
    """

    id: int
    client_id: int
    content_id: str
    prefix: str
    kind: ContentKind = "channel"
    uri: str = ""
    multicast_uri: str = ""
    epg_channel_id: int | None = None
    recording_days: int = 0
    pause_live_tv_shift: int = 0
    drm_available: bool = False
    lock_banner: str = ""
    tracks: Mapping[str, Any] | None = None
    """What the stream holds, as the operator describes it."""
    ext_id: str = ""
    services: tuple[ServiceFacts, ...] = ()
    tariff_ids: frozenset[int] = frozenset()
    account_ids: frozenset[int] = frozenset()
    opens: datetime | None = None
    closes: datetime | None = None
    recorded: Recorded | None = None
    trailer: bool = False
    """A trailer is open to everybody."""


@dataclass(frozen=True, slots=True)
class ProgrammeTimes:
    """When a programme is on air: `start` and `stop` are exact where that is known, `listed_...` are the guide's."""

    id: int
    start: datetime
    stop: datetime
    listed_start: datetime
    listed_stop: datetime


@dataclass(frozen=True, slots=True)
class Blocking:
    """A programme, or a start time on a channel prefix, that must not be played for `days` days; 0 = for ever."""

    programme_id: int | None
    channel_prefix: str
    start: datetime | None
    days: int


def service(session: Session, client_id: int, service_id: int) -> ServiceFacts | None:
    """One stream service of an operator."""
    found = session.execute(
        select(StreamService, DataCenter.enabled)
        .outerjoin(DataCenter, DataCenter.id == StreamService.data_center_id)
        .where(StreamService.id == service_id, StreamService.client_id == client_id)
    ).first()
    return None if found is None else service_facts(found[0], center_enabled=found[1] is not False)


def service_facts(row: StreamService, *, center_enabled: bool = True) -> ServiceFacts:
    return ServiceFacts(
        id=row.id,
        client_id=row.client_id,
        name=row.name,
        type=row.type,
        router=row.router,
        mask=row.mask,
        attributes=row.attributes or {},
        host=row.host,
        port=row.port,
        secret=row.secret,
        check_ip=row.check_ip,
        enabled=row.enabled and center_enabled,
        available=row.available,
        data_center_id=row.data_center_id,
        shift_hours=row.shift_hours,
        recording_days=row.recording_days,
        storage_class=row.storage_class,
        max_sessions=row.max_sessions,
        sort=row.sort,
        static=row.routing == "static",
        load=row.load,
        session_count=row.session_count,
    )


def service_reports(session: Session, client_id: int) -> dict[int, ServiceReport]:
    """What the operator's stream services that are switched on said last, by id."""
    query = select(
        StreamService.id,
        StreamService.load,
        StreamService.session_count,
        StreamService.checked_at,
        StreamService.check_is_alive,
    ).where(StreamService.client_id == client_id, StreamService.enabled)
    return {
        row.id: ServiceReport(row.load, row.session_count, row.checked_at if row.check_is_alive else None)
        for row in session.execute(query)
    }


def programme_by_id(session: Session, epg_channel_id: int, programme_id: int) -> ProgrammeTimes | None:
    """A programme of this guide channel; one of another channel is None."""
    query = select(*_TIMES).where(Programme.id == programme_id, Programme.epg_channel_id == epg_channel_id)
    row = session.execute(query).first()
    return None if row is None else _programme_times(row)


def programmes_between(session: Session, epg_channel_id: int, begin: datetime, end: datetime) -> list[ProgrammeTimes]:
    """The programmes that touch `[begin, end)`, by the guide's time, 1500 at most."""
    query = (
        select(*_TIMES)
        .where(Programme.epg_channel_id == epg_channel_id, Programme.start < end, Programme.stop > begin)
        .order_by(Programme.start)
        .limit(1500)
    )
    return [_programme_times(row) for row in session.execute(query)]


_TIMES = (Programme.id, Programme.start, Programme.stop, Programme.exact_start, Programme.exact_stop)


def _programme_times(row: Any) -> ProgrammeTimes:
    return ProgrammeTimes(row.id, row.exact_start or row.start, row.exact_stop or row.stop, row.start, row.stop)
