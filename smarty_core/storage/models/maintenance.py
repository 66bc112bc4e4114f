"""Announced technical works on channels and stream services."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, Moment, Owned, Timestamped, association
from smarty_core.storage.models.channel import Channel
from smarty_core.storage.models.stream import StreamService
from smarty_core.storage.types import UtcDateTime

maintenance_channel = association("maintenance_channel", "maintenance", "channel")
maintenance_stream_service = association("maintenance_stream_service", "maintenance", "stream_service")


class Maintenance(Owned, Timestamped, Base):
    """Works from `begin` to `end` (None = until they are finished). Without `unavailable` nothing is blocked, whatever
    the times; `finished` restores access at once."""

    __tablename__ = "maintenance"
    __table_args__ = TABLE

    id: Mapped[Id]
    description: Mapped[str] = mapped_column(Text, default="")
    begin: Mapped[Moment]
    end: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unavailable: Mapped[bool] = mapped_column(Boolean, default=False)
    finished: Mapped[bool] = mapped_column(Boolean, default=False)

    channels: Mapped[list[Channel]] = relationship(secondary=maintenance_channel)
    services: Mapped[list[StreamService]] = relationship(secondary=maintenance_stream_service)
