"""The declarative base and the columns that many tables share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, cast

from sqlalchemy import Column, ColumnElement, ForeignKey, Identity, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

from smarty_core.storage.types import BigId, UtcDateTime
from smarty_core.values import MAX_LANGUAGES, utc_now

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigId, Identity(), primary_key=True)]
"""Counted up by the database. Oracle has no other way than an identity; SQLite and MariaDB keep to AUTOINCREMENT."""

Moment = Annotated[datetime, mapped_column(UtcDateTime)]


STORED: Final[dict[str, Any]] = {
    "mysql_charset": "utf8mb4",
    "mysql_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
}
"""Whatever the server's own defaults are."""

TABLE: Final[dict[str, Any]] = {"sqlite_autoincrement": True, **STORED}
"""The last item of a model's own `__table_args__`."""


class Base(DeclarativeBase):
    """All tables of the core. Ids are never reused, also on SQLite and MariaDB."""

    metadata = MetaData(naming_convention=NAMING)
    __table_args__: Any = TABLE


class Owned:
    """A row that belongs to one operator. Every query names the operator."""

    @declared_attr
    def client_id(cls) -> Mapped[int]:
        return mapped_column(BigId, ForeignKey("client.id", ondelete="CASCADE"), index=True)


def owned_by(column: Any, client_id: Any) -> ColumnElement[bool]:
    """`column == client_id`, in a query that has a better key than the operator.

    The sum keeps databases without statistics (SQLite, at first) from walking through all rows of the operator.
    """
    return cast("ColumnElement[bool]", column + 0 == client_id)


class Timestamped:
    """When the row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)


def reference(target: str, *, nullable: bool = False, ondelete: str | None = None, index: bool = True) -> Any:
    """A foreign key column to `target` ("table.column"); a nullable one is emptied when its target goes."""
    rule = ondelete or ("SET NULL" if nullable else "CASCADE")
    return mapped_column(BigId, ForeignKey(target, ondelete=rule), nullable=nullable, index=index)


def languages(kind: TypeEngine[Any] | type[TypeEngine[Any]] = String(255)) -> Any:
    """One of the five extra-language columns of a localised field (`name_lang1` ...)."""
    return mapped_column(kind, nullable=True)


LANGUAGE_SUFFIXES = tuple(f"_lang{number}" for number in range(1, MAX_LANGUAGES + 1))


class LocalisedName:
    """`name` in the default language and up to five more (SMARTY_ADDITIONAL_LANGUAGES)."""

    name: Mapped[str] = mapped_column(String(255))
    name_lang1: Mapped[str | None] = languages()
    name_lang2: Mapped[str | None] = languages()
    name_lang3: Mapped[str | None] = languages()
    name_lang4: Mapped[str | None] = languages()
    name_lang5: Mapped[str | None] = languages()


def association(name: str, left: str, right: str) -> Any:
    """A plain many-to-many table between two tables: primary key (left_id, right_id), rows go with either side."""
    from sqlalchemy import Table

    return Table(
        name,
        Base.metadata,
        Column(f"{left}_id", BigId, ForeignKey(f"{left}.id", ondelete="CASCADE"), primary_key=True),
        Column(f"{right}_id", BigId, ForeignKey(f"{right}.id", ondelete="CASCADE"), primary_key=True, index=True),
        **STORED,
    )
