"""The operator ("Client"): owner of channels, tariffs and subscribers."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, Timestamped, reference
from smarty_core.storage.types import Json, key_text


class Client(Timestamped, Base):
    """One operator. The four API keys are encrypted with a key from SECRET_KEY (`storage.vault`)."""

    __tablename__ = "client"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(255), default="")
    domain_prefix: Mapped[str] = mapped_column(key_text(64), unique=True)
    site: Mapped[str] = mapped_column(String(255), default="")
    uid: Mapped[str] = mapped_column(key_text(64), default="")
    api_key: Mapped[str] = mapped_column(Text)
    billing_api_key: Mapped[str] = mapped_column(Text, default="")
    content_api_key: Mapped[str] = mapped_column(Text, default="")
    streaming_api_key: Mapped[str] = mapped_column(Text, default="")
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    currency: Mapped[str] = mapped_column(String(3), default="RUB")
    payment_method: Mapped[str] = mapped_column(String(64), default="")
    max_trial_days: Mapped[int] = mapped_column(Integer, default=0)
    contract_mask: Mapped[str] = mapped_column(String(255), default="")
    invoice_mask: Mapped[str] = mapped_column(String(255), default="")
    geo_locator: Mapped[str] = mapped_column(String(64), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    external_client_id: Mapped[int | None] = mapped_column(Integer)
    parent_id: Mapped[int | None] = reference("client.id", nullable=True)
    api_url: Mapped[str] = mapped_column(String(255), default="")
    redirect_url: Mapped[str] = mapped_column(String(255), default="")
    logo_url: Mapped[str] = mapped_column(String(255), default="")
    channel_autosort: Mapped[str] = mapped_column(String(16), default="custom")
    subscription_model: Mapped[bool] = mapped_column(Boolean, default=False)
    permissions: Mapped[list[str] | None] = mapped_column(Json)
    """Sections the operator may use: archive, vod, radio, games, monitoring, tv, reports, apps; None = all."""
    portal_config: Mapped[dict[str, object] | None] = mapped_column(Json)
