"""The guide as it is imported: sources, their channels, programmes, categories and genres. Shared by all operators."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Float, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from smarty_core.storage.base import TABLE, Base, Id, LocalisedName, Moment, association, languages, reference
from smarty_core.storage.types import BigId, Json, UtcDateTime, key_text


class EpgSource(Base):
    """Where a guide comes from. `parser` is the name of a `smarty.epg_parser` driver."""

    __tablename__ = "epg_source"
    __table_args__ = TABLE

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(key_text(255), unique=True)
    parser: Mapped[str] = mapped_column(key_text(64))
    url_mask: Mapped[str] = mapped_column(Text, default="")
    attributes: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Further settings of the parser; secret ones are encrypted (`storage.vault`)."""
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    """Zone of times that carry no offset."""
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(String(64), default="")
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the last completely imported document and of the settings it was read with."""
    imported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EpgChannelSource(Base):
    """Where the channel list of a source is found."""

    __tablename__ = "epg_channel_source"
    __table_args__ = TABLE

    id: Mapped[Id]
    source_id: Mapped[int] = reference("epg_source.id")
    url_mask: Mapped[str] = mapped_column(Text)


class EpgPremiereSource(Base):
    """Where the coming premieres of a source are found."""

    __tablename__ = "epg_premiere_source"
    __table_args__ = TABLE

    id: Mapped[Id]
    source_id: Mapped[int] = reference("epg_source.id")
    url: Mapped[str] = mapped_column(Text)


class EpgCategory(LocalisedName, Base):
    """A programme category (news, films ...) as devices see it."""

    __tablename__ = "epg_category"
    __table_args__ = TABLE

    id: Mapped[Id]
    system_name: Mapped[str] = mapped_column(key_text(64), unique=True)
    icon_type: Mapped[str] = mapped_column(String(32), default="")
    icon_url: Mapped[str] = mapped_column(String(255), default="")
    icon_tv_url: Mapped[str] = mapped_column(String(255), default="")
    sort: Mapped[int] = mapped_column(Integer, default=0)


class EpgGenre(LocalisedName, Base):
    """A programme genre."""

    __tablename__ = "epg_genre"
    __table_args__ = TABLE

    id: Mapped[Id]
    system_name: Mapped[str] = mapped_column(key_text(64), unique=True)
    icon_url: Mapped[str] = mapped_column(String(255), default="")
    sort: Mapped[int] = mapped_column(Integer, default=0)


class EpgSourceCategoryMap(Base):
    """How a source spells one of our categories."""

    __tablename__ = "epg_source_category_map"
    __table_args__ = (UniqueConstraint("source_id", "source_name"), TABLE)

    id: Mapped[Id]
    source_id: Mapped[int] = reference("epg_source.id", index=False)
    source_name: Mapped[str] = mapped_column(key_text(255))
    category_id: Mapped[int] = reference("epg_category.id")


class EpgSourceGenreMap(Base):
    """How a source spells one of our genres."""

    __tablename__ = "epg_source_genre_map"
    __table_args__ = (UniqueConstraint("source_id", "source_name"), TABLE)

    id: Mapped[Id]
    source_id: Mapped[int] = reference("epg_source.id", index=False)
    source_name: Mapped[str] = mapped_column(key_text(255))
    genre_id: Mapped[int] = reference("epg_genre.id")


epg_channel_category = association("epg_channel_category", "epg_channel", "epg_category")


class EpgChannel(LocalisedName, Base):
    """A channel of the guide. `source_channel_id` is its id inside the source; `utc_shift` repairs wrong times."""

    __tablename__ = "epg_channel"
    __table_args__ = (UniqueConstraint("source_id", "source_channel_id"), TABLE)

    id: Mapped[Id]
    source_id: Mapped[int | None] = reference("epg_source.id", nullable=True, index=False)
    source_channel_id: Mapped[str] = mapped_column(key_text(255), default="")
    icon_url: Mapped[str] = mapped_column(Text, default="")
    icons: Mapped[list[str] | None] = mapped_column(Json)
    sort: Mapped[int] = mapped_column(Integer, default=0)
    utc_shift: Mapped[float] = mapped_column(Float, default=0.0)
    """Hours added to the source's times."""
    category_id: Mapped[int | None] = reference("epg_category.id", nullable=True)
    imported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Programme(Base):
    """One programme of the guide. Its id stays the same across imports and is never used again.

    `category_id` is the first category; `category_ids` and `genre_ids` hold all of them (small JSON lists, read with
    the row, so that a guide page needs no join).
    """

    __tablename__ = "epg_programme"
    __table_args__ = (UniqueConstraint("epg_channel_id", "start"), TABLE)

    id: Mapped[Id]
    epg_channel_id: Mapped[int] = reference("epg_channel.id", index=False)
    start: Mapped[Moment]
    stop: Mapped[Moment]
    name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    name_lang1: Mapped[str | None] = languages(Text)
    name_lang2: Mapped[str | None] = languages(Text)
    name_lang3: Mapped[str | None] = languages(Text)
    name_lang4: Mapped[str | None] = languages(Text)
    name_lang5: Mapped[str | None] = languages(Text)
    description_lang1: Mapped[str | None] = languages(Text)
    description_lang2: Mapped[str | None] = languages(Text)
    description_lang3: Mapped[str | None] = languages(Text)
    description_lang4: Mapped[str | None] = languages(Text)
    description_lang5: Mapped[str | None] = languages(Text)
    category_id: Mapped[int | None] = mapped_column(BigId)
    category_ids: Mapped[list[int] | None] = mapped_column(Json)
    genre_ids: Mapped[list[int] | None] = mapped_column(Json)
    rating: Mapped[int] = mapped_column(Integer, default=0)
    """Age limit in years (0, 6, 12, 16, 18)."""
    preview_url: Mapped[str] = mapped_column(Text, default="")
    meta: Mapped[str] = mapped_column(Text, default="")
    """ProgramMeta, ready as the JSON text that devices get; empty = nothing known."""
    event_id: Mapped[str] = mapped_column(key_text(255), default="")
    exact_start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    exact_stop: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EpgDay(Base):
    """What is stored for a channel and UTC day: a digest, so that an unchanged day is not written again."""

    __tablename__ = "epg_day"
    __table_args__ = TABLE

    epg_channel_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("epg_channel.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    programmes: Mapped[int] = mapped_column(Integer)
    marks: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Programme by programme what was told, packed by the import; None = only the digest is known."""
