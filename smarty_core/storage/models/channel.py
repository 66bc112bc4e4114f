"""An operator's channels, their categories and orders, and each account's own arrangement of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, LocalisedName, Owned, Timestamped, association, reference
from smarty_core.storage.models.epg import EpgChannel
from smarty_core.storage.models.stream import StreamService
from smarty_core.storage.types import Json, UtcDateTime, key_text


class Category(LocalisedName, Owned, Base):
    """A category of the operator's channel list (genre menu of the portal)."""

    __tablename__ = "category"
    __table_args__ = TABLE

    id: Mapped[Id]
    description: Mapped[str] = mapped_column(Text, default="")
    color: Mapped[str] = mapped_column(String(16), default="")
    icon_url: Mapped[str] = mapped_column(String(255), default="")
    icon_tv_url: Mapped[str] = mapped_column(String(255), default="")
    dashboard_icon_url: Mapped[str] = mapped_column(String(255), default="")
    sort: Mapped[int] = mapped_column(Integer, default=0)


channel_category = association("channel_category", "channel", "category")
channel_stream_service = association("channel_stream_service", "channel", "stream_service")


class Channel(LocalisedName, Owned, Timestamped, Base):
    """A channel the operator offers. Access comes from tariffs, the picture from stream services, the guide from EPG.

    `uri` is a direct address that wins over services; `url_prefix` is the name of the content on video servers;
    `id_override` replaces the channel id in stream masks.
    """

    __tablename__ = "channel"
    __table_args__ = TABLE

    id: Mapped[Id]
    epg_channel_id: Mapped[int | None] = reference("epg_channel.id", nullable=True)
    category_id: Mapped[int | None] = reference("category.id", nullable=True)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    parental_control: Mapped[bool] = mapped_column(Boolean, default=False)
    icon_url: Mapped[str] = mapped_column(Text, default="")
    """Own icon; empty = the one of the EPG channel."""
    url_prefix: Mapped[str] = mapped_column(key_text(255), default="", index=True)
    uri: Mapped[str] = mapped_column(Text, default="")
    multicast_uri: Mapped[str] = mapped_column(Text, default="")
    recording_multicast_uri: Mapped[str] = mapped_column(Text, default="")
    id_override: Mapped[str] = mapped_column(String(64), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[int] = mapped_column(Integer, default=0)
    lcn_number: Mapped[int] = mapped_column(Integer, default=0)
    show_in_all: Mapped[bool] = mapped_column(Boolean, default=True)
    display_on_site: Mapped[bool] = mapped_column(Boolean, default=True)
    recording_days: Mapped[int] = mapped_column(Integer, default=0)
    pause_live_tv_shift: Mapped[int] = mapped_column(Integer, default=0)
    """Seconds a paused live picture may lag behind; 0 = pausing is off."""
    aspect_ratio: Mapped[int] = mapped_column(Integer, default=0)
    ads_available: Mapped[bool] = mapped_column(Boolean, default=False)
    drm_available: Mapped[bool] = mapped_column(Boolean, default=False)
    lock_banner: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """Picture shown by devices while the channel may not be played."""
    tracks: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """`audio`, `subtitles` and `qualities` as lists of what ChannelUrl tells of them, `drm` as it tells of that."""
    hbb: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    telemeter: Mapped[str] = mapped_column(String(255), default="")
    telemeter_account_name: Mapped[str] = mapped_column(String(255), default="")
    telemeter_tmsec_name: Mapped[str] = mapped_column(String(255), default="")
    telemeter_cat_id: Mapped[str] = mapped_column(String(255), default="")
    telemeter_vc_id: Mapped[str] = mapped_column(String(255), default="")
    telemeter_vc_version: Mapped[str] = mapped_column(String(255), default="")
    mediahills_id: Mapped[str] = mapped_column(String(64), default="")
    option1: Mapped[str] = mapped_column(Text, default="")
    option2: Mapped[str] = mapped_column(Text, default="")
    option3: Mapped[str] = mapped_column(Text, default="")
    meta: Mapped[dict[str, Any] | None] = mapped_column(Json)
    version: Mapped[int] = mapped_column(Integer, default=1)

    epg_channel: Mapped[EpgChannel | None] = relationship()
    category: Mapped[Category | None] = relationship()
    additional_categories: Mapped[list[Category]] = relationship(secondary=channel_category)
    services: Mapped[list[StreamService]] = relationship(secondary=channel_stream_service)


class ChannelSort(LocalisedName, Owned, Base):
    """A named order of channels that a device may ask for (`channel_sort_id`)."""

    __tablename__ = "channel_sort"
    __table_args__ = TABLE

    id: Mapped[Id]
    sort: Mapped[int] = mapped_column(Integer, default=0)

    items: Mapped[list[ChannelSortItem]] = relationship(
        cascade="all, delete-orphan", order_by="ChannelSortItem.position"
    )


class ChannelSortItem(Base):
    """The place of a channel in a named order."""

    __tablename__ = "channel_sort_item"
    __table_args__ = (UniqueConstraint("channel_sort_id", "channel_id"), TABLE)

    id: Mapped[Id]
    channel_sort_id: Mapped[int] = reference("channel_sort.id", index=False)
    channel_id: Mapped[int] = reference("channel.id")
    position: Mapped[int] = mapped_column(Integer)


class AccountChannel(Owned, Base):
    """What one account did with one channel: order, favourite, hidden, PIN, last watched."""

    __tablename__ = "account_channel"
    __table_args__ = (UniqueConstraint("account_id", "channel_id"), TABLE)

    id: Mapped[Id]
    account_id: Mapped[int] = reference("account.id", index=False)
    channel_id: Mapped[int] = reference("channel.id")
    position: Mapped[int | None] = mapped_column(Integer)
    is_favorited: Mapped[bool] = mapped_column(Boolean, default=False)
    is_hidden: Mapped[bool] = mapped_column(Boolean, default=False)
    is_parent_control: Mapped[bool | None] = mapped_column(Boolean)
    """None = as the channel says."""
    last_watched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
