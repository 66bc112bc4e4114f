"""Rows of sessions, as the session service and the login need them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.storage.models import Account, Client, Session


def find_viewer(session: SqlSession, authkey_hash: str) -> dict[str, Any] | None:
    """One session with what its account says, by the names of `Viewer`; None when it is gone or its operator off."""
    return _viewer(session, Session.authkey_hash == authkey_hash)


def find_viewer_by_id(session: SqlSession, client_id: int, session_id: int) -> dict[str, Any] | None:
    """The same by the number of the session."""
    return _viewer(session, (Session.id == session_id) & (Session.client_id == client_id))


def _viewer(session: SqlSession, which: ColumnElement[bool]) -> dict[str, Any] | None:
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
