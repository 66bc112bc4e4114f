"""Cameras: channels without a guide, opened by tariffs or for single accounts."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, LocalisedName, Owned, Timestamped, association, reference
from smarty_core.storage.models.account import Account
from smarty_core.storage.models.stream import StreamService
from smarty_core.storage.models.tariff import Tariff
from smarty_core.storage.types import key_text

tariff_camera = association("tariff_camera", "tariff", "camera")
account_camera = association("account_camera", "account", "camera")
camera_stream_service = association("camera_stream_service", "camera", "stream_service")


class Camera(LocalisedName, Owned, Timestamped, Base):
    """A camera. `uri` is a direct address, `url_prefix` its name on video servers, as for channels."""

    __tablename__ = "camera"
    __table_args__ = TABLE

    id: Mapped[Id]
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    parental_control: Mapped[bool] = mapped_column(Boolean, default=False)
    uri: Mapped[str] = mapped_column(Text, default="")
    url_prefix: Mapped[str] = mapped_column(key_text(255), default="")
    multicast_uri: Mapped[str] = mapped_column(Text, default="")
    id_override: Mapped[str] = mapped_column(String(64), default="")
    preview_url: Mapped[str] = mapped_column(Text, default="")
    icon_url: Mapped[str] = mapped_column(Text, default="")
    recording_days: Mapped[int] = mapped_column(Integer, default=0)
    city_id: Mapped[int | None] = reference("city.id", nullable=True)
    comment: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[int] = mapped_column(Integer, default=0)

    services: Mapped[list[StreamService]] = relationship(secondary=camera_stream_service)
    tariffs: Mapped[list[Tariff]] = relationship(secondary=tariff_camera)
    accounts: Mapped[list[Account]] = relationship(secondary=account_camera)
