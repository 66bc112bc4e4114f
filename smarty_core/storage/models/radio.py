"""Radio stations."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, LocalisedName, Owned, Timestamped, association
from smarty_core.storage.models.stream import StreamService
from smarty_core.storage.models.tariff import Tariff
from smarty_core.storage.types import key_text

tariff_radio = association("tariff_radio", "tariff", "radio")
radio_stream_service = association("radio_stream_service", "radio", "stream_service")


class Radio(LocalisedName, Owned, Timestamped, Base):
    """A radio station; its address is made when the list is built. `uri` wins over services."""

    __tablename__ = "radio"
    __table_args__ = TABLE

    id: Mapped[Id]
    description: Mapped[str] = mapped_column(Text, default="")
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    uri: Mapped[str] = mapped_column(Text, default="")
    url_prefix: Mapped[str] = mapped_column(key_text(255), default="")
    icon_url: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[int] = mapped_column(Integer, default=0)

    services: Mapped[list[StreamService]] = relationship(secondary=radio_stream_service)
    tariffs: Mapped[list[Tariff]] = relationship(secondary=tariff_radio)
