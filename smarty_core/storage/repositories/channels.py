"""An operator's channels with everything a list of them shows, read whole in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.storage.base import owned_by
from smarty_core.storage.models import (
    AccountChannel,
    Channel,
    ChannelSort,
    ChannelSortItem,
    Client,
    DataCenter,
    EpgChannel,
    StreamService,
    channel_category,
    channel_stream_service,
    epg_channel_category,
)

NAMES = ("name", "name_lang1", "name_lang2", "name_lang3", "name_lang4", "name_lang5")


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A stream service that works: switched on, its data centre too, its checks succeed."""

    id: int
    type: str
    shift_hours: int
    recording_days: int


@dataclass(frozen=True, slots=True)
class GuideChannelRow:
    """What a list shows of a channel of the guide. `categories`: programme categories, the main one first."""

    id: int
    icon_url: str
    sort: int
    categories: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LineUpRows:
    """Channels that are switched on, and everything they refer to, by channel id."""

    autosort: str
    channels: tuple[Channel, ...]
    guide: Mapping[int, GuideChannelRow]
    """By id of the guide's channel."""
    categories: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Additional categories, ascending."""
    services: Mapping[int, tuple[ServiceRow, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountChannelRow:
    """What an account did with a channel."""

    channel_id: int
    position: int | None
    is_favorited: bool
    is_hidden: bool
    is_parent_control: bool | None


def line_up(session: Session, client_id: int) -> LineUpRows:
    """Everything about the operator's channels. Channels come by their place, then by id."""
    query = select(Channel).where(Channel.client_id == client_id, Channel.enabled).order_by(Channel.sort, Channel.id)
    channels = tuple(session.scalars(query))
    return LineUpRows(
        autosort=session.scalar(select(Client.channel_autosort).where(Client.id == client_id)) or "custom",
        channels=channels,
        guide=_guide_channels(session, client_id),
        categories=_additional_categories(session, client_id),
        services=working_services(session, client_id, channel_stream_service.c.channel_id),
    )


def _guide_channels(session: Session, client_id: int) -> dict[int, GuideChannelRow]:
    used = select(Channel.epg_channel_id).where(Channel.client_id == client_id, Channel.enabled)
    more: defaultdict[int, list[int]] = defaultdict(list)
    table = epg_channel_category
    for channel_id, category_id in session.execute(
        select(table.c.epg_channel_id, table.c.epg_category_id)
        .where(table.c.epg_channel_id.in_(used))
        .order_by(table.c.epg_category_id)
    ):
        more[channel_id].append(category_id)
    query = select(EpgChannel.id, EpgChannel.icon_url, EpgChannel.sort, EpgChannel.category_id).where(
        EpgChannel.id.in_(used)
    )
    found = {}
    for channel_id, icon_url, sort, category_id in session.execute(query):
        categories = dict.fromkeys([*([category_id] if category_id else []), *more[channel_id]])
        found[channel_id] = GuideChannelRow(channel_id, icon_url, sort, tuple(categories))
    return found


def _additional_categories(session: Session, client_id: int) -> dict[int, tuple[int, ...]]:
    table = channel_category
    query = (
        select(table.c.channel_id, table.c.category_id)
        .join(Channel, Channel.id == table.c.channel_id)
        .where(Channel.client_id == client_id, Channel.enabled)
        .order_by(table.c.category_id)
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for channel_id, category_id in session.execute(query):
        found[channel_id].append(category_id)
    return {channel_id: tuple(ids) for channel_id, ids in found.items()}


def working_services(session: Session, client_id: int, column: Any) -> dict[int, tuple[ServiceRow, ...]]:
    """The operator's services that work, by id of the content they are attached to by the association of `column`."""
    table = column.table
    query = (
        select(
            column,
            StreamService.id,
            StreamService.type,
            StreamService.shift_hours,
            StreamService.recording_days,
            DataCenter.enabled,
        )
        .join(StreamService, StreamService.id == table.c.stream_service_id)
        .outerjoin(DataCenter, DataCenter.id == StreamService.data_center_id)
        .where(StreamService.client_id == client_id, StreamService.enabled, StreamService.available)
        .order_by(StreamService.id)
    )
    found: defaultdict[int, list[ServiceRow]] = defaultdict(list)
    for content_id, service_id, kind, shift, days, center_enabled in session.execute(query):
        if center_enabled is not False:
            found[content_id].append(ServiceRow(service_id, kind, shift, days))
    return {content_id: tuple(rows) for content_id, rows in found.items()}


def sorts(session: Session, client_id: int) -> list[tuple[ChannelSort, tuple[int, ...]]]:
    """The operator's named orders with the ids of their channels in order."""
    rows = list(
        session.scalars(
            select(ChannelSort).where(ChannelSort.client_id == client_id).order_by(ChannelSort.sort, ChannelSort.id)
        )
    )
    items: defaultdict[int, list[int]] = defaultdict(list)
    query = (
        select(ChannelSortItem.channel_sort_id, ChannelSortItem.channel_id)
        .join(ChannelSort, ChannelSort.id == ChannelSortItem.channel_sort_id)
        .where(ChannelSort.client_id == client_id)
        .order_by(ChannelSortItem.position, ChannelSortItem.id)
    )
    for sort_id, channel_id in session.execute(query):
        items[sort_id].append(channel_id)
    return [(row, tuple(items[row.id])) for row in rows]


def account_channels(session: Session, client_id: int, account_id: int) -> list[AccountChannelRow]:
    """What an account did with its channels, by place, then by id."""
    query = (
        select(
            AccountChannel.channel_id,
            AccountChannel.position,
            AccountChannel.is_favorited,
            AccountChannel.is_hidden,
            AccountChannel.is_parent_control,
        )
        .where(AccountChannel.account_id == account_id, owned_by(AccountChannel.client_id, client_id))
        .order_by(AccountChannel.channel_id)
    )
    rows = [AccountChannelRow(*row) for row in session.execute(query)]
    return sorted(rows, key=lambda row: (row.position is None, row.position or 0, row.channel_id))


def last_watched(session: Session, client_id: int, account_id: int, limit: int) -> list[int]:
    """Ids of the channels an account watched last, the newest first."""
    query = (
        select(AccountChannel.channel_id)
        .where(
            AccountChannel.account_id == account_id,
            owned_by(AccountChannel.client_id, client_id),
            AccountChannel.last_watched_at.is_not(None),
        )
        .order_by(AccountChannel.last_watched_at.desc(), AccountChannel.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def localised(row: Any, field_name: str = "name") -> tuple[str, tuple[str | None, ...]]:
    """A localised field of a row: the default text and the five others."""
    return getattr(row, field_name), tuple(getattr(row, f"{field_name}_lang{number}") for number in range(1, 6))
