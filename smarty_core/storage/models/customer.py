"""The person or company that pays."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Owned, Timestamped, reference
from smarty_core.storage.types import Json, key_text


class Customer(Owned, Timestamped, Base):
    """A customer of an operator; owner of accounts and of money. Fields are named as the billing API names them."""

    __tablename__ = "customer"
    __table_args__ = TABLE

    id: Mapped[Id]
    firstname: Mapped[str] = mapped_column(String(256), default="")
    middlename: Mapped[str] = mapped_column(String(256), default="")
    lastname: Mapped[str] = mapped_column(String(256), default="")
    birthdate: Mapped[date | None] = mapped_column(Date)
    passport_number: Mapped[str] = mapped_column(String(6), default="")
    passport_series: Mapped[str] = mapped_column(String(4), default="")
    passport_issue_date: Mapped[date | None] = mapped_column(Date)
    passport_issued_by: Mapped[str] = mapped_column(String(128), default="")
    postal_address_country: Mapped[str] = mapped_column(String(128), default="")
    postal_address_city: Mapped[str] = mapped_column(String(128), default="")
    postal_address_street: Mapped[str] = mapped_column(String(128), default="")
    postal_address_bld: Mapped[str] = mapped_column(String(32), default="")
    postal_address_apt: Mapped[str] = mapped_column(String(32), default="")
    postal_address_zip: Mapped[str] = mapped_column(String(32), default="")
    billing_address_street: Mapped[str] = mapped_column(String(128), default="")
    billing_address_bld: Mapped[str] = mapped_column(String(32), default="")
    billing_address_apt: Mapped[str] = mapped_column(String(32), default="")
    billing_address_zip: Mapped[str] = mapped_column(String(32), default="")
    mobile_phone_number: Mapped[str] = mapped_column(key_text(32), default="", index=True)
    phone_number_1: Mapped[str] = mapped_column(String(24), default="")
    phone_number_2: Mapped[str] = mapped_column(String(24), default="")
    fax_phone_number: Mapped[str] = mapped_column(String(24), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    company_name: Mapped[str] = mapped_column(String(128), default="")
    bank_account_blz: Mapped[str] = mapped_column(String(9), default="")
    bank_account_bic: Mapped[str] = mapped_column(String(11), default="")
    bank_account_number: Mapped[str] = mapped_column(String(40), default="")
    bank_account_iban: Mapped[str] = mapped_column(String(34), default="")
    bank_account_bank_name: Mapped[str] = mapped_column(String(128), default="")
    bank_account_owner_name: Mapped[str] = mapped_column(String(128), default="")
    contract_number: Mapped[str] = mapped_column(String(128), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    ext_id: Mapped[str] = mapped_column(key_text(64), default="", index=True)
    currency: Mapped[str] = mapped_column(String(3), default="RUB")
    autopayment: Mapped[bool] = mapped_column(Boolean, default=False)
    send_sms_messages: Mapped[bool] = mapped_column(Boolean, default=True)
    send_email_messages: Mapped[bool] = mapped_column(Boolean, default=True)
    billing_instance_id: Mapped[int | None] = reference("plugin_instance.id", nullable=True, index=False)
    """The external billing that answers for this customer alone; empty = the operator's."""
    meta: Mapped[dict[str, Any] | None] = mapped_column(Json)
