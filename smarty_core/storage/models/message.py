"""On-screen messages and commands for devices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Owned, reference
from smarty_core.storage.types import UtcDateTime, key_text
from smarty_core.values import utc_now


class Message(Owned, Base):
    """A message for one account, told by AccountStatus until it was shown."""

    __tablename__ = "message"
    __table_args__ = TABLE

    id: Mapped[Id]
    account_id: Mapped[int] = reference("account.id")
    uuid: Mapped[str] = mapped_column(key_text(36), unique=True)
    subject: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(String(2000))
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    no_confirmation: Mapped[bool] = mapped_column(Boolean, default=False)
    delete_after_reading: Mapped[bool] = mapped_column(Boolean, default=False)
    was_sent: Mapped[bool] = mapped_column(Boolean, default=False)
    was_read: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeviceCommand(Owned, Base):
    """A command for one session or for all sessions of an account; type 2 restart application, 3 reboot device.

    It is taken (`taken_at`) and committed before the device hears of it: at most once.
    """

    __tablename__ = "device_command"
    __table_args__ = TABLE

    id: Mapped[Id]
    account_id: Mapped[int] = reference("account.id")
    session_id: Mapped[int | None] = reference("session.id", nullable=True, ondelete="CASCADE")
    type: Mapped[int] = mapped_column(Integer)
    user_confirmation: Mapped[bool] = mapped_column(Boolean, default=False)
    deep_link: Mapped[str] = mapped_column(Text, default="")
    accompanying_text: Mapped[str] = mapped_column(Text, default="")
    image_url: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
