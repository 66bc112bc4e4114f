"""Rows of sessions, as the session service and the login need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.storage.models import (
    Account,
    AccountChannel,
    Client,
    ContentPosition,
    DeviceCommand,
    Message,
    Session,
)
from smarty_core.storage.repositories.tariffs import Holding, holdings

_HAS: Final = {
    "channels": exists().where(AccountChannel.account_id == Session.account_id),
    "positions": exists().where(ContentPosition.account_id == Session.account_id),
    "messages": exists().where(Message.account_id == Session.account_id, Message.was_read.is_(False)),
    "commands": exists().where(DeviceCommand.account_id == Session.account_id, DeviceCommand.taken_at.is_(None)),
}
"""What an account may have rows of; most accounts have none of most, which is worth knowing beforehand."""


@dataclass(frozen=True, slots=True)
class SessionCard:
    """All that an ordinary request of a session needs of it, read in one go.

    `viewer`: by the names of `Viewer`. `lacks`: what there are no rows of, of "channels" (own settings of channels),
    "positions", "messages" (unread) and "commands" (not taken).
    """

    viewer: dict[str, Any]
    holdings: tuple[Holding, ...]
    lacks: frozenset[str]


def find_card(session: SqlSession, authkey_hash: str) -> SessionCard | None:
    """The card of a session; None when it is gone or its operator is switched off."""
    columns = [present.label(f"has_{name}") for name, present in _HAS.items()]
    row = _row(session, Session.authkey_hash == authkey_hash, *columns)
    if row is None:
        return None
    lacks = frozenset(name for name in _HAS if not row.pop(f"has_{name}"))
    return SessionCard(row, holdings(session, row["client_id"], row["account_id"], row["customer_id"]), lacks)


def find_viewer_by_id(session: SqlSession, client_id: int, session_id: int) -> dict[str, Any] | None:
    """The same by the number of the session."""
    return _row(session, (Session.id == session_id) & (Session.client_id == client_id))


def _row(session: SqlSession, which: ColumnElement[bool], *more: ColumnElement[Any]) -> dict[str, Any] | None:
    row = (
        session.execute(
            select(
                Session.id.label("session_id"),
                Session.client_id,
                Session.account_id,
                Account.customer_id,
                Account.abonement,
                Session.device_id,
                Session.device,
                Session.device_uid,
                Session.basic,
                Session.ip,
                Session.model,
                Session.profile_id,
                Session.country_id,
                Session.city_id,
                Account.active,
                Account.status_reason,
                Account.data_center_id,
                Account.use_timeshift,
                Account.timeshift_offset,
                Account.template_id,
                Session.last_seen_at,
                *more,
            )
            .join(Account, Account.id == Session.account_id)
            .join(Client, Client.id == Session.client_id)
            .where(which, Client.enabled)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return {**row, "country_id": row["country_id"] or 0, "city_id": row["city_id"] or 0}
