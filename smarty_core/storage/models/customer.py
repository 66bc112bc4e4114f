"""The person or company that pays."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Owned, Timestamped
from smarty_core.storage.types import Json, key_text


class Customer(Owned, Timestamped, Base):
    """A customer of an operator; owner of accounts and, later, of money."""

    __tablename__ = "customer"
    __table_args__ = TABLE

    id: Mapped[Id]
    firstname: Mapped[str] = mapped_column(String(255), default="")
    middlename: Mapped[str] = mapped_column(String(255), default="")
    lastname: Mapped[str] = mapped_column(String(255), default="")
    birthdate: Mapped[date | None] = mapped_column(Date)
    email: Mapped[str] = mapped_column(String(255), default="")
    phone_number: Mapped[str] = mapped_column(String(32), default="")
    mobile_phone_number: Mapped[str] = mapped_column(key_text(32), default="", index=True)
    contract_number: Mapped[str] = mapped_column(String(64), default="")
    company_name: Mapped[str] = mapped_column(String(255), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    ext_id: Mapped[str] = mapped_column(key_text(64), default="", index=True)
    currency: Mapped[str] = mapped_column(String(3), default="RUB")
    autopayment: Mapped[bool] = mapped_column(Boolean, default=False)
    meta: Mapped[dict[str, Any] | None] = mapped_column(Json)
