"""Films and records as stream content: what a tariff opens and a stream service plays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, LocalisedName, Owned, Timestamped, association, reference
from smarty_core.storage.models.stream import StreamService
from smarty_core.storage.models.tariff import Tariff
from smarty_core.storage.types import BigId, Json, UtcDateTime, key_text

tariff_video = association("tariff_video", "tariff", "video")
video_stream_service = association("video_stream_service", "video", "stream_service")


class Video(LocalisedName, Owned, Timestamped, Base):
    """A film, or a recorded programme (`channel_id` and `recorded_from` set) made into one.

    `uri` is a direct address that wins over services; `url_prefix` is the name of the content on video servers.
    """

    __tablename__ = "video"
    __table_args__ = (UniqueConstraint("channel_id", "recorded_from"), TABLE)

    id: Mapped[Id]
    original_name: Mapped[str] = mapped_column(String(255), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    year: Mapped[int | None] = mapped_column(Integer)
    duration: Mapped[int] = mapped_column(Integer, default=0)
    """Seconds."""
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    parental_control: Mapped[bool] = mapped_column(Boolean, default=False)
    uri: Mapped[str] = mapped_column(Text, default="")
    url_prefix: Mapped[str] = mapped_column(key_text(255), default="")
    id_override: Mapped[str] = mapped_column(String(64), default="")
    poster_url: Mapped[str] = mapped_column(Text, default="")
    available_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    available_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    channel_id: Mapped[int | None] = reference("channel.id", nullable=True, ondelete="CASCADE")
    programme_id: Mapped[int | None] = mapped_column(BigId)
    """The programme it was recorded from; it may be gone from the guide."""
    recorded_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ext_id: Mapped[str] = mapped_column(key_text(64), default="")
    drm_available: Mapped[bool] = mapped_column(Boolean, default=False)
    sort: Mapped[int] = mapped_column(Integer, default=0)
    meta: Mapped[dict[str, Any] | None] = mapped_column(Json)

    files: Mapped[list[VideoFile]] = relationship(cascade="all, delete-orphan", order_by="VideoFile.sort")
    services: Mapped[list[StreamService]] = relationship(secondary=video_stream_service)
    tariffs: Mapped[list[Tariff]] = relationship(secondary=tariff_video)


class VideoFile(LocalisedName, Owned, Base):
    """A file of a film ("asset"): another quality, part or trailer. `file` is its name on video servers."""

    __tablename__ = "video_file"
    __table_args__ = TABLE

    id: Mapped[Id]
    video_id: Mapped[int] = reference("video.id")
    file: Mapped[str] = mapped_column(key_text(255), default="")
    uri: Mapped[str] = mapped_column(Text, default="")
    duration: Mapped[int] = mapped_column(Integer, default=0)
    is_trailer: Mapped[bool] = mapped_column(Boolean, default=False)
    quality: Mapped[int] = mapped_column(Integer, default=0)
    ext_id: Mapped[str] = mapped_column(key_text(64), default="")
    tracks: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """`audio`, `subtitles` and `qualities` as lists of what ChannelUrl and VideoUrl tell of them."""
    sort: Mapped[int] = mapped_column(Integer, default=0)
