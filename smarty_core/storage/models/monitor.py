"""Monitoring of streams: analysers, their samples, triggers, accidents, and who is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, Moment, Owned, Timestamped, association, reference
from smarty_core.storage.types import Json, UtcDateTime, key_text


class StreamMonitor(Owned, Timestamped, Base):
    """An analyser (microts agent) that is polled over TCP."""

    __tablename__ = "stream_monitor"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(255))
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int] = mapped_column(Integer, default=0)
    data_center_id: Mapped[int | None] = reference("data_center.id", nullable=True)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(255), default="")


class MonitoredStream(Owned, Base):
    """A stream (multicast or HTTP address) that an analyser watches, of a channel or of none."""

    __tablename__ = "monitored_stream"
    __table_args__ = (UniqueConstraint("monitor_id", "address"), TABLE)

    id: Mapped[Id]
    monitor_id: Mapped[int] = reference("stream_monitor.id", index=False)
    channel_id: Mapped[int | None] = reference("channel.id", nullable=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    address: Mapped[str] = mapped_column(key_text(255))
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)


class StreamSample(Owned, Base):
    """What was measured of a stream, or with `stream_id` empty of the analyser's machine, at one moment."""

    __tablename__ = "stream_sample"
    __table_args__ = TABLE

    id: Mapped[Id]
    monitor_id: Mapped[int] = reference("stream_monitor.id")
    stream_id: Mapped[int | None] = reference("monitored_stream.id", nullable=True, ondelete="CASCADE")
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    values: Mapped[dict[str, Any]] = mapped_column(Json)


class AddressGroup(Owned, Base):
    """People who are told together."""

    __tablename__ = "address_group"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(255))

    addresses: Mapped[list[Address]] = relationship(cascade="all, delete-orphan", order_by="Address.id")


class Address(Owned, Base):
    """An e-mail address of a group."""

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("group_id", "email"), TABLE)

    id: Mapped[Id]
    group_id: Mapped[int] = reference("address_group.id", index=False)
    name: Mapped[str] = mapped_column(String(255), default="")
    email: Mapped[str] = mapped_column(key_text(254))
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)


trigger_address_group = association("trigger_address_group", "stream_trigger", "address_group")


class StreamTrigger(Owned, Timestamped, Base):
    """When a measured figure is an accident. `type`: multicast or device; `key`: what is measured.

    The figure is bad below `lower` or above `upper`; a yes/no key has no bounds.
    """

    __tablename__ = "stream_trigger"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(key_text(16))
    key: Mapped[str] = mapped_column(key_text(32))
    lower: Mapped[float | None] = mapped_column(Float)
    upper: Mapped[float | None] = mapped_column(Float)
    message: Mapped[str] = mapped_column(Text, default="")
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)

    groups: Mapped[list[AddressGroup]] = relationship(secondary=trigger_address_group)


class Accident(Owned, Base):
    """A trigger that fired on a stream or an analyser, from its first bad sample to its first good one."""

    __tablename__ = "accident"
    __table_args__ = TABLE

    id: Mapped[Id]
    trigger_id: Mapped[int] = reference("stream_trigger.id")
    monitor_id: Mapped[int] = reference("stream_monitor.id")
    stream_id: Mapped[int | None] = reference("monitored_stream.id", nullable=True, ondelete="CASCADE")
    value: Mapped[str] = mapped_column(String(64), default="")
    message: Mapped[str] = mapped_column(Text, default="")
    begun_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the mail about it was taken by the mail server; None = still to be sent."""
