"""Where a viewer stopped watching."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Owned, reference
from smarty_core.storage.types import BigId, UtcDateTime


class ContentPosition(Owned, Base):
    """The position in a programme of the archive or in a film, seconds. `asset_id` 0 = none."""

    __tablename__ = "content_position"
    __table_args__ = (UniqueConstraint("account_id", "content_type", "content_id", "asset_id"), TABLE)

    id: Mapped[Id]
    account_id: Mapped[int] = reference("account.id", index=False)
    content_type: Mapped[str] = mapped_column(String(16))
    content_id: Mapped[int] = mapped_column(BigId)
    asset_id: Mapped[int] = mapped_column(BigId, default=0)
    position: Mapped[int] = mapped_column(Integer, default=0)
    duration: Mapped[int] = mapped_column(Integer, default=0)
    is_viewed: Mapped[bool] = mapped_column(Boolean, default=False)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
