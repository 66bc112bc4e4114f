"""A logged-in device."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Owned, reference
from smarty_core.storage.types import UtcDateTime, key_text
from smarty_core.values import utc_now


class Session(Owned, Base):
    """A login that lasts. The authkey (128 hex characters) is kept only as its SHA-256."""

    __tablename__ = "session"
    __table_args__ = TABLE

    id: Mapped[Id]
    authkey_hash: Mapped[str] = mapped_column(key_text(64), unique=True)
    account_id: Mapped[int] = reference("account.id")
    device_id: Mapped[int | None] = reference("device.id", nullable=True, ondelete="CASCADE")
    device: Mapped[str] = mapped_column(key_text(64), default="")
    """System name of the device type it logged in as."""
    device_uid: Mapped[str] = mapped_column(key_text(128), default="")
    basic: Mapped[bool] = mapped_column(Boolean, default=True)
    ip: Mapped[str] = mapped_column(String(45), default="")
    model: Mapped[str] = mapped_column(String(128), default="")
    app_build_version: Mapped[str] = mapped_column(String(64), default="")
    profile_id: Mapped[int | None] = mapped_column(Integer)
    country_id: Mapped[int | None] = reference("country.id", nullable=True, index=False)
    city_id: Mapped[int | None] = reference("city.id", nullable=True, index=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)
