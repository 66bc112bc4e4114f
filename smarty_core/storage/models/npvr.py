"""Personal records: what an account asked to be recorded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Moment, Owned, Timestamped, reference
from smarty_core.storage.types import BigId, UtcDateTime, key_text


class NpvrTask(Owned, Timestamped, Base):
    """A record of `[begin, end)` of a channel for one account.

    `status`: planned, recording, done, failed, cancelled. `external_id`: number of the task on the video server.
    """

    __tablename__ = "npvr_task"
    __table_args__ = (
        UniqueConstraint("account_id", "channel_id", "begin"),
        Index("ix_npvr_task_due", "status", "begin"),
        TABLE,
    )

    id: Mapped[Id]
    account_id: Mapped[int] = reference("account.id", index=False)
    channel_id: Mapped[int] = reference("channel.id")
    programme_id: Mapped[int | None] = mapped_column(BigId)
    """It may be gone from the guide; the times stay."""
    stream_service_id: Mapped[int | None] = reference("stream_service.id", nullable=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    begin: Mapped[Moment]
    end: Mapped[Moment]
    status: Mapped[str] = mapped_column(key_text(16), default="planned")
    external_id: Mapped[str] = mapped_column(String(64), default="")
    error: Mapped[str] = mapped_column(String(255), default="")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When the record is removed; None = with the archive."""
