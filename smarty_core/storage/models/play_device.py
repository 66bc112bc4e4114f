"""Device types, their interface templates, and what each operator allows and sets for them."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, Owned, reference
from smarty_core.storage.types import Json, key_text


class PlayDeviceTemplate(Base):
    """An interface template of the portal (classic, impuls, iridium, focus, futuristic ...)."""

    __tablename__ = "play_device_template"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(key_text(64), unique=True)


class PlayDevice(Base):
    """A device type. `answer_format` decides between JSON and XML; `group`: 0 STB, 1 Smart TV, 2 mobile, 3 other."""

    __tablename__ = "play_device"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64))
    system_name: Mapped[str] = mapped_column(key_text(64), unique=True)
    answer_format: Mapped[str] = mapped_column(String(4), default="json")
    group: Mapped[int] = mapped_column("device_group", Integer, default=3)
    has_portal: Mapped[bool] = mapped_column(Boolean, default=True)


class ClientPlayDevice(Owned, Base):
    """A device type an operator allows, with everything PortalSettingsList says about it.

    `basic`: counted as a basic device (session limit 5 on login), else additional (carousel).
    `available_for_uid`: may log in by its device UID alone.
    """

    __tablename__ = "client_play_device"
    __table_args__ = (UniqueConstraint("client_id", "play_device_id"), TABLE)

    id: Mapped[Id]
    play_device_id: Mapped[int] = reference("play_device.id")
    template_id: Mapped[int | None] = reference("play_device_template.id", nullable=True)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    basic: Mapped[bool] = mapped_column(Boolean, default=True)
    priority: Mapped[int] = mapped_column(Integer, default=0)
    available_for_uid: Mapped[bool] = mapped_column(Boolean, default=True)
    auth_mode: Mapped[str] = mapped_column(String(32), default="")
    visible_menus: Mapped[list[str] | None] = mapped_column(Json)
    """Names behind the `show_*` fields that are on (tvchannels, archive, radio ...); None = all."""
    login_text: Mapped[str] = mapped_column(Text, default="")
    logo_url: Mapped[str] = mapped_column(String(255), default="")
    logo_login_url: Mapped[str] = mapped_column(String(255), default="")
    logo_loading_url: Mapped[str] = mapped_column(String(255), default="")
    css_url: Mapped[str] = mapped_column(String(255), default="")
    api_url: Mapped[str] = mapped_column(String(255), default="")
    data_autorefresh: Mapped[bool] = mapped_column(Boolean, default=True)
    reports_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    standby_timer: Mapped[int] = mapped_column(Integer, default=0)
    pvr_standby_timer: Mapped[int] = mapped_column(Integer, default=0)
    portal_config: Mapped[dict[str, object] | None] = mapped_column(Json)

    play_device: Mapped[PlayDevice] = relationship(lazy="joined")
    template: Mapped[PlayDeviceTemplate | None] = relationship(lazy="joined")
