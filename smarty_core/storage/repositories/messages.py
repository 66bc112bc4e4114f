"""Rows of messages and of commands for devices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.storage.base import owned_by
from smarty_core.storage.models import DeviceCommand, Message

MESSAGES_SHOWN = 1000


def messages_of(session: SqlSession, client_id: int, account_id: int, now: datetime | None) -> list[Message]:
    """Messages of an account, the newest first; without those whose time is over at `now`."""
    query = select(Message).where(Message.account_id == account_id, owned_by(Message.client_id, client_id))
    if now is not None:
        query = query.where(or_(Message.expires_at.is_(None), Message.expires_at > now))
    return list(session.scalars(query.order_by(Message.created_at.desc(), Message.id.desc()).limit(MESSAGES_SHOWN)))


def unread_of(session: SqlSession, client_id: int, account_id: int) -> list[Message]:
    query = select(Message).where(
        Message.account_id == account_id, owned_by(Message.client_id, client_id), Message.was_read.is_(False)
    )
    return list(session.scalars(query.order_by(Message.created_at, Message.id).limit(MESSAGES_SHOWN)))


def message(session: SqlSession, client_id: int, account_id: int, uuid: str) -> Message | None:
    return session.scalar(
        select(Message).where(
            Message.uuid == uuid, Message.account_id == account_id, owned_by(Message.client_id, client_id)
        )
    )


def old_messages(session: SqlSession, before: datetime, now: datetime, limit: int) -> list[Message]:
    query = select(Message).where(or_(Message.created_at < before, Message.expires_at <= now))
    return list(session.scalars(query.order_by(Message.id).limit(limit)))


def waiting_commands(session: SqlSession, account_id: int) -> list[DeviceCommand]:
    """Commands nobody has taken, the oldest first."""
    query = select(DeviceCommand).where(DeviceCommand.account_id == account_id, DeviceCommand.taken_at.is_(None))
    return list(session.scalars(query.order_by(DeviceCommand.id)))
