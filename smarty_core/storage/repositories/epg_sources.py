"""Guide sources, their channels, and what an import remembers of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from smarty_core.errors import NotFound
from smarty_core.storage.models import Channel, EpgChannel, EpgChannelSource, EpgSource


@dataclass(frozen=True, slots=True)
class GuideSource:
    """A source as the import needs it. `attributes` may hold encrypted secrets."""

    id: int
    name: str
    parser: str
    url_mask: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    time_zone: str = "UTC"
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class GuideChannel:
    """A channel of the guide. `shift` is what is added to the source's times, in seconds."""

    id: int
    name: str
    source_channel_id: str
    shift: int


def sources_to_import(session: Session, *, id: int | None = None, name: str = "") -> list[GuideSource]:
    """All enabled sources by id, or the one asked for (also when it is disabled). Raises `NotFound`."""
    query = select(EpgSource).order_by(EpgSource.id)
    if id is not None:
        query = query.where(EpgSource.id == id)
    if name:
        query = query.where(EpgSource.name == name)
    if id is None and not name:
        query = query.where(EpgSource.enabled.is_(True))
    found = [_source(row) for row in session.scalars(query)]
    if not found and (id is not None or name):
        raise NotFound(f"there is no EPG source {name or id}")
    return found


def source_of_channel(session: Session, channel: int) -> int:
    """Id of the source of a guide channel. Raises `NotFound` when there is no such channel or it has none."""
    row = session.get(EpgChannel, channel)
    if row is None or row.source_id is None:
        raise NotFound(f"there is no EPG channel {channel}, or it has no source")
    return row.source_id


def channels_of_source(
    session: Session, source: int, *, only: int | None = None, used_only: bool = False
) -> list[GuideChannel]:
    """Channels that have an id inside the source; `used_only` leaves out those no operator's channel shows."""
    query = select(EpgChannel).where(EpgChannel.source_id == source, EpgChannel.source_channel_id != "")
    if only is not None:
        query = query.where(EpgChannel.id == only)
    if used_only:
        query = query.where(select(Channel.id).where(Channel.epg_channel_id == EpgChannel.id).exists())
    return [
        GuideChannel(row.id, row.name, row.source_channel_id, round(row.utc_shift * 3600))
        for row in session.scalars(query.order_by(EpgChannel.id))
    ]


def channel_masks(session: Session, source: int) -> list[str]:
    """Where the channel list of a source is found."""
    query = select(EpgChannelSource.url_mask).where(EpgChannelSource.source_id == source).order_by(EpgChannelSource.id)
    return list(session.scalars(query))


def source_names(session: Session) -> dict[int, tuple[str, str]]:
    """Guide channel -> its name and its source's name (empty without one)."""
    query = select(EpgChannel.id, EpgChannel.name, EpgSource.name).outerjoin(EpgSource)
    return {id: (name, source or "") for id, name, source in session.execute(query)}


def longest_archive(session: Session) -> int:
    """Most days any operator records a channel."""
    return session.scalar(select(func.max(Channel.recording_days))) or 0


def remember_import(
    session: Session, source: int, *, at: datetime, content_hash: str, etag: str = "", last_modified: str = ""
) -> None:
    """Write down what was imported; an empty hash makes the next import read everything again."""
    session.execute(
        update(EpgSource)
        .where(EpgSource.id == source)
        .values(imported_at=at, content_hash=content_hash, etag=etag[:2000], last_modified=last_modified[:64])
    )


def channels_imported(session: Session, channels: Sequence[int], at: datetime) -> None:
    for place in range(0, len(channels), 500):
        some = channels[place : place + 500]
        session.execute(
            update(EpgChannel).where(EpgChannel.id.in_(some)).values(imported_at=at),
            execution_options={"synchronize_session": False},
        )


def _source(row: EpgSource) -> GuideSource:
    return GuideSource(row.id, row.name, row.parser, row.url_mask, dict(row.attributes or {}), row.time_zone, row.etag,
                       row.last_modified, row.content_hash)  # fmt: skip
