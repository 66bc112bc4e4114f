"""What the installation itself remembers: tag versions, locks, job runs, waiting events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Moment
from smarty_core.storage.types import Json, UtcDateTime, key_text
from smarty_core.values import utc_now


class TagVersion(Base):
    """How often the data behind a cache tag has changed. Bumped in the transaction that changes the data."""

    __tablename__ = "tag_version"
    __table_args__ = TABLE

    tag: Mapped[str] = mapped_column(key_text(190), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CommandLock(Base):
    """A command or job that runs right now, on some host. A lock past `expires_at` is free."""

    __tablename__ = "command_lock"
    __table_args__ = TABLE

    name: Mapped[str] = mapped_column(key_text(190), primary_key=True)
    owner: Mapped[str] = mapped_column(key_text(190))
    acquired_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class JobRun(Base):
    """The last run of a periodic job or command."""

    __tablename__ = "job_run"
    __table_args__ = TABLE

    name: Mapped[str] = mapped_column(key_text(190), primary_key=True)
    started_at: Mapped[Moment]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seconds: Mapped[float | None] = mapped_column(Float)
    status: Mapped[str] = mapped_column(String(16), default="running")
    error: Mapped[str] = mapped_column(Text, default="")
    host: Mapped[str] = mapped_column(String(190), default="")


class OutboxEvent(Base):
    """A durable event still to be told to one plugin; rows of one `order_key` are told in order of id."""

    __tablename__ = "outbox_event"
    __table_args__ = (Index("ix_outbox_event_due", "delivered_at", "next_attempt_at"), TABLE)

    id: Mapped[Id]
    plugin: Mapped[str] = mapped_column(key_text(64))
    hook: Mapped[str] = mapped_column(key_text(64))
    order_key: Mapped[str] = mapped_column(key_text(190), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[Moment]
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(Text, default="")
