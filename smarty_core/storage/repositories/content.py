"""What may be played: channels, films, radio stations and cameras with the stream services attached to them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.storage.models import (
    Camera,
    Channel,
    DataCenter,
    Radio,
    StreamService,
    Tariff,
    Video,
    VideoFile,
    account_camera,
    camera_stream_service,
    channel_stream_service,
    radio_stream_service,
    tariff_camera,
    tariff_channel,
    tariff_radio,
    tariff_video,
    video_stream_service,
)
from smarty_core.storage.repositories.streams import ContentFacts, Recorded, ServiceFacts, service_facts


def channel_facts(session: Session, client_id: int, channel_id: int) -> ContentFacts | None:
    """The operator's channel with all services attached to it, or None when it does not exist or is switched off."""
    row = _own(session, Channel, client_id, channel_id)
    if row is None:
        return None
    return _channel(row, _services(session, client_id, channel_stream_service.c.channel_id, row.id))


def static_channels(session: Session, client_id: int) -> dict[int, ContentFacts]:
    """The operator's channels that are switched on and have a stream service with static routing, by id."""
    table = channel_stream_service
    static = (
        select(table.c.channel_id)
        .join(StreamService, StreamService.id == table.c.stream_service_id)
        .where(StreamService.client_id == client_id, StreamService.routing == "static", StreamService.enabled)
    )
    query = select(Channel).where(Channel.client_id == client_id, Channel.enabled, Channel.id.in_(static))
    attached = (
        select(table.c.channel_id, StreamService, DataCenter.enabled)
        .join(StreamService, StreamService.id == table.c.stream_service_id)
        .outerjoin(DataCenter, DataCenter.id == StreamService.data_center_id)
        .where(table.c.channel_id.in_(static), StreamService.client_id == client_id)
        .order_by(StreamService.id)
    )
    services: defaultdict[int, list[ServiceFacts]] = defaultdict(list)
    for channel_id, row, center in session.execute(attached):
        services[channel_id].append(service_facts(row, center_enabled=center is not False))
    return {row.id: _channel(row, tuple(services[row.id])) for row in session.scalars(query)}


def video_facts(
    session: Session, client_id: int, video_id: int | None, file_id: int | None = None
) -> ContentFacts | None:
    """The operator's film as one of its files (`file_id` None: the first that is no trailer, if there are files).

    Without `video_id` it is the film of that file. None when it does not exist, is switched off, or has no such file.
    A film made of a channel's archive has the services of the channel too, and is open to whoever may watch that.
    """
    file = None if file_id is None else session.get(VideoFile, file_id)
    if file_id is not None and (file is None or file.client_id != client_id):
        return None
    wanted = file.video_id if video_id is None and file is not None else video_id
    row = None if wanted is None else _own(session, Video, client_id, wanted)
    if row is None or (file is not None and file.video_id != row.id):
        return None
    if file is None:
        query = select(VideoFile).where(VideoFile.video_id == row.id, VideoFile.is_trailer.is_(False))
        file = session.scalars(query.order_by(VideoFile.sort, VideoFile.id).limit(1)).first()
    services = _services(session, client_id, video_stream_service.c.video_id, row.id)
    tariffs = _tariffs(session, client_id, tariff_video.c.video_id, row.id, Tariff.used_for_video_list)
    source = None
    if row.channel_id is not None and row.recorded_from is not None and row.recorded_until is not None:
        source = channel_facts(session, client_id, row.channel_id)
    if source is not None:
        services += tuple(service for service in source.services if service not in services)
        tariffs |= _tariffs(session, client_id, tariff_channel.c.channel_id, source.id, Tariff.used_for_channel_list)
    return ContentFacts(
        id=row.id,
        client_id=row.client_id,
        kind="video",
        content_id=(row.id_override or str(row.id)) if source is None else source.content_id,
        prefix=(file.file if file is not None else "") or (source.prefix if source else row.url_prefix),
        uri=(file.uri if file is not None else "") or row.uri,
        epg_channel_id=source.epg_channel_id if source else None,
        recording_days=source.recording_days if source else 0,
        drm_available=row.drm_available,
        tracks=(file.tracks if file is not None else None) or (source.tracks if source else None),
        ext_id=(file.ext_id if file is not None else "") or row.ext_id,
        services=services,
        tariff_ids=tariffs,
        opens=row.available_from,
        closes=row.available_until,
        recorded=Recorded(source.id, row.recorded_from, row.recorded_until, row.programme_id)
        if source and row.recorded_from and row.recorded_until
        else None,
        trailer=file is not None and file.is_trailer,
    )


def radio_facts(session: Session, client_id: int, radio_id: int) -> ContentFacts | None:
    """The operator's radio station, or None when it does not exist or is switched off."""
    row = _own(session, Radio, client_id, radio_id)
    if row is None:
        return None
    return ContentFacts(
        id=row.id,
        client_id=row.client_id,
        kind="radio",
        content_id=str(row.id),
        prefix=row.url_prefix,
        uri=row.uri,
        services=_services(session, client_id, radio_stream_service.c.radio_id, row.id),
        tariff_ids=_tariffs(session, client_id, tariff_radio.c.radio_id, row.id, Tariff.used_for_radio_list),
    )


def camera_facts(session: Session, client_id: int, camera_id: int) -> ContentFacts | None:
    """The operator's camera, or None when it does not exist or is switched off."""
    row = _own(session, Camera, client_id, camera_id)
    if row is None:
        return None
    accounts = select(account_camera.c.account_id).where(account_camera.c.camera_id == row.id)
    return ContentFacts(
        id=row.id,
        client_id=row.client_id,
        kind="camera",
        content_id=row.id_override or str(row.id),
        prefix=row.url_prefix,
        uri=row.uri,
        multicast_uri=row.multicast_uri,
        recording_days=row.recording_days,
        services=_services(session, client_id, camera_stream_service.c.camera_id, row.id),
        tariff_ids=_tariffs(session, client_id, tariff_camera.c.camera_id, row.id),
        account_ids=frozenset(session.scalars(accounts)),
    )


def _channel(row: Channel, services: tuple[ServiceFacts, ...]) -> ContentFacts:
    return ContentFacts(
        id=row.id,
        client_id=row.client_id,
        content_id=row.id_override or str(row.id),
        prefix=row.url_prefix,
        uri=row.uri,
        multicast_uri=row.multicast_uri,
        epg_channel_id=row.epg_channel_id,
        recording_days=row.recording_days,
        pause_live_tv_shift=row.pause_live_tv_shift,
        drm_available=row.drm_available,
        lock_banner=row.lock_banner,
        tracks=row.tracks,
        services=services,
    )


def _own(session: Session, model: Any, client_id: int, content_id: int) -> Any:
    query = select(model).where(model.id == content_id, model.client_id == client_id, model.enabled.is_(True))
    return session.execute(query).scalar_one_or_none()


def _services(session: Session, client_id: int, column: Any, content_id: int) -> tuple[ServiceFacts, ...]:
    """The services attached by the association that `column` belongs to, by id."""
    query = (
        select(StreamService, DataCenter.enabled)
        .join(column.table, column.table.c.stream_service_id == StreamService.id)
        .outerjoin(DataCenter, DataCenter.id == StreamService.data_center_id)
        .where(column == content_id, StreamService.client_id == client_id)
        .order_by(StreamService.id)
    )
    return tuple(service_facts(row, center_enabled=center is not False) for row, center in session.execute(query))


def _tariffs(session: Session, client_id: int, column: Any, content_id: int, *rules: Any) -> frozenset[int]:
    """The tariffs with the content, by the association that `column` belongs to, that meet the rules."""
    query = (
        select(Tariff.id)
        .join(column.table, column.table.c.tariff_id == Tariff.id)
        .where(column == content_id, Tariff.client_id == client_id, Tariff.enabled, *rules)
    )
    return frozenset(session.scalars(query))
