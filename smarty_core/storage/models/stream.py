"""Video servers as the operator sees them, and the tokens given out for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, Moment, Owned, reference
from smarty_core.storage.types import BigId, Json, UtcDateTime, key_text


class DataCenter(Owned, Base):
    """A place (physical or virtual) that groups stream services; accounts may prefer one."""

    __tablename__ = "data_center"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(255))
    location: Mapped[str] = mapped_column(String(255), default="")
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)


class StreamService(Owned, Base):
    """A video server or a part of one.

    `type`: live, pvr, vod, multicast. `router`: name of a `smarty.stream_router` driver, `mask` and `attributes` its
    settings. `routing`: dynamic (address made at the request) or static (made when the list is built).
    """

    __tablename__ = "stream_service"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(255))
    data_center_id: Mapped[int | None] = reference("data_center.id", nullable=True)
    type: Mapped[str] = mapped_column(String(16), default="live")
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    router: Mapped[str] = mapped_column(key_text(64), default="mask")
    routing: Mapped[str] = mapped_column(String(8), default="dynamic")
    mask: Mapped[str] = mapped_column(Text, default="")
    attributes: Mapped[dict[str, Any] | None] = mapped_column(Json)
    host: Mapped[str] = mapped_column(String(255), default="")
    port: Mapped[int] = mapped_column(Integer, default=0)
    secret: Mapped[str] = mapped_column(Text, default="")
    """Encrypted (`storage.vault`)."""
    control_by_api: Mapped[bool] = mapped_column(Boolean, default=False)
    check_ip: Mapped[bool] = mapped_column(Boolean, default=False)
    """The token check compares the viewer's address."""
    shift_hours: Mapped[int] = mapped_column(Integer, default=0)
    recording_days: Mapped[int] = mapped_column(Integer, default=0)
    record_length_hours: Mapped[int] = mapped_column(Integer, default=24)
    record_directory: Mapped[str] = mapped_column(String(255), default="")
    split_time: Mapped[str] = mapped_column(String(8), default="")
    """Preferred local time (HH:MM) at which records are cut."""
    storage_class: Mapped[str] = mapped_column(String(8), default="hdd")
    npvr_lifetime: Mapped[int] = mapped_column(Integer, default=0)
    """Seconds a personal record is kept; 0 = as long as the archive."""
    check_ping: Mapped[bool] = mapped_column(Boolean, default=False)
    check_tcp: Mapped[bool] = mapped_column(Boolean, default=False)
    check_http: Mapped[bool] = mapped_column(Boolean, default=False)
    check_is_alive: Mapped[bool] = mapped_column(Boolean, default=False)
    check_path: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """What `check_http` opens on the service's host and port; empty = /."""
    available: Mapped[bool] = mapped_column(Boolean, default=True)
    check_streak: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Checks in a row that said something else than `available`; at a threshold it changes."""
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    check_result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What the last checks said, by name."""
    load: Mapped[float] = mapped_column(Float, default=0.0)
    max_sessions: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Viewers it may have at once; 0 = no limit."""
    session_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Viewers it has, as it reported last."""
    sort: Mapped[int] = mapped_column(Integer, default=0)

    data_center: Mapped[DataCenter | None] = relationship(lazy="joined")


class StreamToken(Owned, Base):
    """A token handed out with a stream address, kept as a SHA-256; the video server asks whether it is good.

    `expires_at` moves while the viewer keeps watching, never past `max_expires_at`.
    """

    __tablename__ = "stream_token"
    __table_args__ = TABLE

    token_hash: Mapped[str] = mapped_column(key_text(64), primary_key=True)
    account_id: Mapped[int | None] = reference("account.id", nullable=True, ondelete="CASCADE")
    session_id: Mapped[int | None] = reference("session.id", nullable=True, ondelete="CASCADE")
    stream_service_id: Mapped[int] = reference("stream_service.id")
    content_type: Mapped[str] = mapped_column(String(16))
    content_id: Mapped[int] = mapped_column(BigId)
    content_name: Mapped[str] = mapped_column(key_text(255))
    ip: Mapped[str] = mapped_column(String(45), default="")
    check_ip: Mapped[bool] = mapped_column(Boolean, default=False)
    max_sessions: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    issued_at: Mapped[Moment]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    max_expires_at: Mapped[Moment]
