"""Staff of the installation and of the operators."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smarty_core.storage.base import TABLE, Base, Id, Timestamped, reference
from smarty_core.storage.types import UtcDateTime, key_text


class User(Timestamped, Base):
    """A person who signs in to the panels. No operator (`client_id` empty) means staff of the installation."""

    __tablename__ = "user"
    __table_args__ = TABLE

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(key_text(150), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(255), default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)
    is_superuser: Mapped[bool] = mapped_column(Boolean, default=False)
    is_monitoring: Mapped[bool] = mapped_column(Boolean, default=False)
    client_id: Mapped[int | None] = reference("client.id", nullable=True, ondelete="CASCADE")
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    rights: Mapped[list[UserRight]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class UserRight(Base):
    """What a user may do in one section of the panel."""

    __tablename__ = "user_right"
    __table_args__ = (UniqueConstraint("user_id", "section"), TABLE)

    id: Mapped[Id]
    user_id: Mapped[int] = reference("user.id", index=False)
    section: Mapped[str] = mapped_column(key_text(64))
    can_view: Mapped[bool] = mapped_column(Boolean, default=True)
    can_create: Mapped[bool] = mapped_column(Boolean, default=False)
    can_edit: Mapped[bool] = mapped_column(Boolean, default=False)
    can_delete: Mapped[bool] = mapped_column(Boolean, default=False)
