"""A box, TV or phone bound to an account."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, Owned, Timestamped, reference
from smarty_core.storage.models.play_device import PlayDevice
from smarty_core.storage.types import key_text


class Device(Owned, Timestamped, Base):
    """A device, known by its UID within the operator; made at the first login or by hand."""

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("client_id", "device_uid"), TABLE)

    id: Mapped[Id]
    account_id: Mapped[int] = reference("account.id")
    play_device_id: Mapped[int] = reference("play_device.id")
    device_uid: Mapped[str] = mapped_column(key_text(128))
    serial: Mapped[str] = mapped_column(String(128), default="")
    brand: Mapped[str] = mapped_column(String(128), default="")
    model: Mapped[str] = mapped_column(String(128), default="")
    diagonal: Mapped[str] = mapped_column(String(16), default="")

    play_device: Mapped[PlayDevice] = relationship(lazy="joined")
