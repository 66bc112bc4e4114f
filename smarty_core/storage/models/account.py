"""The login of a subscriber ("account", numbered by its abonement)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, Owned, Timestamped, reference
from smarty_core.storage.models.customer import Customer
from smarty_core.storage.types import Json, UtcDateTime, key_text


class Account(Owned, Timestamped, Base):
    """A subscriber's login. `password` is a keyed hash, `parent_code` (PIN) is encrypted (`storage.vault`)."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("client_id", "abonement"), TABLE)

    id: Mapped[Id]
    customer_id: Mapped[int] = reference("customer.id")
    abonement: Mapped[str] = mapped_column(key_text(32))
    password: Mapped[str] = mapped_column(String(64), default="")
    parent_code: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(Boolean, default=False)
    status_reason: Mapped[str] = mapped_column(String(20), default="")
    activation_date: Mapped[date | None] = mapped_column(Date)
    deactivation_date: Mapped[date | None] = mapped_column(Date)
    extension_date: Mapped[date | None] = mapped_column(Date)
    auto_activation_period: Mapped[int | None] = mapped_column(Integer)
    """Days granted at the first login of an inactive account."""
    data_center_id: Mapped[int | None] = reference("data_center.id", nullable=True)
    template_id: Mapped[int | None] = reference("play_device_template.id", nullable=True)
    allow_multiple_login: Mapped[bool] = mapped_column(Boolean, default=False)
    allow_login_by_abonement: Mapped[bool] = mapped_column(Boolean, default=False)
    allow_login_by_device_uid: Mapped[bool] = mapped_column(Boolean, default=False)
    allow_login_by_ip: Mapped[bool] = mapped_column(Boolean, default=False)
    allowed_device_groups: Mapped[list[int] | None] = mapped_column(Json)
    """Device groups (0 STB, 1 Smart TV, 2 mobile, 3 other); None or empty = all."""
    use_timeshift: Mapped[bool] = mapped_column(Boolean, default=False)
    timeshift_offset: Mapped[int] = mapped_column(Integer, default=0)
    """Hours; the stream service whose shift is nearest is taken."""
    ext_id: Mapped[str] = mapped_column(key_text(64), default="")
    option1: Mapped[str] = mapped_column(Text, default="")
    option2: Mapped[str] = mapped_column(Text, default="")
    option3: Mapped[str] = mapped_column(Text, default="")
    last_channel_id: Mapped[int | None] = reference("channel.id", nullable=True, index=False)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    customer: Mapped[Customer] = relationship()
    subnets: Mapped[list[AccountSubnet]] = relationship(cascade="all, delete-orphan")


class AccountSubnet(Owned, Base):
    """A network an account may log in from; `low` and `high` are its first and last address as 16 bytes (IPv6 form)."""

    __tablename__ = "account_subnet"
    __table_args__ = TABLE

    id: Mapped[Id]
    account_id: Mapped[int] = reference("account.id")
    cidr: Mapped[str] = mapped_column(String(64))
    low: Mapped[bytes] = mapped_column(LargeBinary(16))
    high: Mapped[bytes] = mapped_column(LargeBinary(16))
