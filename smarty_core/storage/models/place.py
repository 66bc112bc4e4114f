"""Countries and cities, shared by all operators."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, LocalisedName, reference
from smarty_core.storage.types import key_text


class Country(LocalisedName, Base):
    """A country: ISO 3166-1 alpha-2 code and its telephone prefix."""

    __tablename__ = "country"
    __table_args__ = TABLE

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(key_text(2), unique=True)
    phone_code: Mapped[str] = mapped_column(String(8), default="")


class City(LocalisedName, Base):
    """A city of a country."""

    __tablename__ = "city"
    __table_args__ = (UniqueConstraint("country_id", "name"), TABLE)

    id: Mapped[Id]
    country_id: Mapped[int] = reference("country.id", index=False)
