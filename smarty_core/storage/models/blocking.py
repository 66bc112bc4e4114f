"""Programmes that must not be shown from the archive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Owned, Timestamped, reference
from smarty_core.storage.types import UtcDateTime, key_text


class ProgramBlocking(Owned, Timestamped, Base):
    """A programme, or a channel prefix with a start time, blocked for `days` days from its start (0 = for ever)."""

    __tablename__ = "program_blocking"
    __table_args__ = TABLE

    id: Mapped[Id]
    programme_id: Mapped[int | None] = reference("epg_programme.id", nullable=True, ondelete="CASCADE")
    channel_prefix: Mapped[str] = mapped_column(key_text(255), default="")
    start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    days: Mapped[int] = mapped_column(Integer, default=0)
    name: Mapped[str] = mapped_column(String(255), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
