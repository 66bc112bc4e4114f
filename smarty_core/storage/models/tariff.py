"""Tariffs: what may be watched, where, on how many devices, for what price."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import (
    TABLE,
    Base,
    Id,
    LocalisedName,
    Owned,
    Timestamped,
    association,
    languages,
    reference,
)
from smarty_core.storage.models.channel import Channel
from smarty_core.storage.models.place import City, Country
from smarty_core.storage.models.stream import StreamService
from smarty_core.storage.types import MoneyAmount, UtcDateTime, key_text

tariff_channel = association("tariff_channel", "tariff", "channel")
tariff_stream_service = association("tariff_stream_service", "tariff", "stream_service")
tariff_country = association("tariff_country", "tariff", "country")
tariff_city = association("tariff_city", "tariff", "city")


class Tariff(LocalisedName, Owned, Timestamped, Base):
    """A set of rights. Of several tariffs each device limit is the largest one.

    `period` in days, 0 = system tariff. `basic_tariff_priority`: 0 additional, 1..10 basic, 10 strongest.
    `sessions_count`: online sessions of additional devices; `basic_sessions_count`: bound basic devices; 0 = no limit.
    """

    __tablename__ = "tariff"
    __table_args__ = TABLE

    id: Mapped[Id]
    description: Mapped[str] = mapped_column(Text, default="")
    description_lang1: Mapped[str | None] = languages(Text)
    description_lang2: Mapped[str | None] = languages(Text)
    description_lang3: Mapped[str | None] = languages(Text)
    description_lang4: Mapped[str | None] = languages(Text)
    description_lang5: Mapped[str | None] = languages(Text)
    price: Mapped[Decimal] = mapped_column(MoneyAmount, default=Decimal(0))
    activation_price: Mapped[Decimal] = mapped_column(MoneyAmount, default=Decimal(0))
    currency: Mapped[str] = mapped_column(String(3), default="RUB")
    period: Mapped[int] = mapped_column(Integer, default=30)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    hidden: Mapped[bool] = mapped_column(Boolean, default=False)
    archived: Mapped[bool] = mapped_column(Boolean, default=False)
    assigned_by_default: Mapped[bool] = mapped_column(Boolean, default=False)
    required: Mapped[bool] = mapped_column(Boolean, default=False)
    basic_tariff_priority: Mapped[int] = mapped_column(Integer, default=0)
    sessions_count: Mapped[int] = mapped_column(Integer, default=0)
    basic_sessions_count: Mapped[int] = mapped_column(Integer, default=0)
    ip_restriction: Mapped[bool] = mapped_column(Boolean, default=False)
    allow_basic_devices: Mapped[bool] = mapped_column(Boolean, default=True)
    allow_additional_devices: Mapped[bool] = mapped_column(Boolean, default=True)
    available_for_inactive_accounts: Mapped[bool] = mapped_column(Boolean, default=False)
    available_everywhere: Mapped[bool] = mapped_column(Boolean, default=True)
    available_to_unsubscribe: Mapped[bool] = mapped_column(Boolean, default=True)
    display_in_channels_widget: Mapped[bool] = mapped_column(Boolean, default=True)
    used_for_channel_list: Mapped[bool] = mapped_column(Boolean, default=True)
    used_for_video_list: Mapped[bool] = mapped_column(Boolean, default=True)
    used_for_radio_list: Mapped[bool] = mapped_column(Boolean, default=True)
    ext_id: Mapped[str] = mapped_column(key_text(64), default="")
    icon_url: Mapped[str] = mapped_column(String(255), default="")
    icon_tv_url: Mapped[str] = mapped_column(String(255), default="")

    channels: Mapped[list[Channel]] = relationship(secondary=tariff_channel)
    services: Mapped[list[StreamService]] = relationship(secondary=tariff_stream_service)
    countries: Mapped[list[Country]] = relationship(secondary=tariff_country)
    cities: Mapped[list[City]] = relationship(secondary=tariff_city)


class CustomerTariff(Owned, Base):
    """A tariff held by a customer, for all his accounts. `valid_until` empty = endless."""

    __tablename__ = "customer_tariff"
    __table_args__ = (UniqueConstraint("customer_id", "tariff_id"), TABLE)

    id: Mapped[Id]
    customer_id: Mapped[int] = reference("customer.id", index=False)
    tariff_id: Mapped[int] = reference("tariff.id")
    valid_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccountTariff(Owned, Base):
    """A tariff held by one account. `valid_until` empty = endless."""

    __tablename__ = "account_tariff"
    __table_args__ = (UniqueConstraint("account_id", "tariff_id"), TABLE)

    id: Mapped[Id]
    account_id: Mapped[int] = reference("account.id", index=False)
    tariff_id: Mapped[int] = reference("tariff.id")
    valid_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
