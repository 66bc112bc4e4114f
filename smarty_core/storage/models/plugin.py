"""Configured instances of drivers, edited in the panel."""

from __future__ import annotations

from sqlalchemy import Boolean, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, Owned, Timestamped, reference
from smarty_core.storage.types import key_text


class PluginInstance(Owned, Timestamped, Base):
    """One operator's instance of a driver (`capability` + `driver`), its settings in attribute rows."""

    __tablename__ = "plugin_instance"
    __table_args__ = (UniqueConstraint("client_id", "capability", "name"), TABLE)

    id: Mapped[Id]
    capability: Mapped[str] = mapped_column(key_text(64))
    driver: Mapped[str] = mapped_column(key_text(64))
    name: Mapped[str] = mapped_column(key_text(64))
    title: Mapped[str] = mapped_column(String(255), default="")
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)

    attributes: Mapped[list[PluginAttribute]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class PluginAttribute(Base):
    """One setting of an instance. A secret value is encrypted (`storage.vault`)."""

    __tablename__ = "plugin_attribute"
    __table_args__ = (UniqueConstraint("instance_id", "key"), TABLE)

    id: Mapped[Id]
    instance_id: Mapped[int] = reference("plugin_instance.id", index=False)
    key: Mapped[str] = mapped_column("key", key_text(128))
    value: Mapped[str] = mapped_column(Text, default="")
    secret: Mapped[bool] = mapped_column(Boolean, default=False)
