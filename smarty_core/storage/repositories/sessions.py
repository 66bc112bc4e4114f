"""Rows of sessions, as the session service and the login need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, exists, literal, select, union_all
from sqlalchemy.orm import Session as SqlSession

from smarty_core.storage.base import owned_by
from smarty_core.storage.models import (
    Account,
    AccountChannel,
    AccountTariff,
    Client,
    ContentPosition,
    CustomerTariff,
    DeviceCommand,
    Message,
    Session,
)
from smarty_core.storage.repositories.tariffs import Holding


@dataclass(frozen=True, slots=True)
class SessionCard:
    """All that an ordinary request of a session needs of it, read in one go.

    `viewer`: by the names of `Viewer`. `lacks`: what there are no rows of, of "channels" (own settings of channels),
    "positions", "messages" (unread) and "commands" (not taken).
    """

    viewer: dict[str, Any]
    holdings: tuple[Holding, ...]
    lacks: frozenset[str]


def _table(model: type[Any]) -> Table:
    return cast("Table", model.__table__)


# Statements are built once, over tables: of all queries this one is asked most, and building costs more than asking.
_session, _account, _client = _table(Session).c, _table(Account).c, _table(Client).c
_channel, _position, _message, _command = (
    _table(model).c for model in (AccountChannel, ContentPosition, Message, DeviceCommand)
)
_own, _shared = _table(AccountTariff).c, _table(CustomerTariff).c

_HAS: Final = {
    "channels": exists().where(_channel.account_id == _session.account_id),
    "positions": exists().where(_position.account_id == _session.account_id),
    "messages": exists().where(_message.account_id == _session.account_id, _message.was_read.is_(False)),
    "commands": exists().where(_command.account_id == _session.account_id, _command.taken_at.is_(None)),
}
"""What an account may have rows of; most accounts have none of most, which is worth knowing beforehand."""

_VIEWER: Final = (
    _session.id.label("session_id"),
    _session.client_id,
    _session.account_id,
    _account.customer_id,
    _account.abonement,
    _session.device_id,
    _session.device,
    _session.device_uid,
    _session.basic,
    _session.ip,
    _session.model,
    _session.profile_id,
    _session.country_id,
    _session.city_id,
    _account.active,
    _account.status_reason,
    _account.data_center_id,
    _account.use_timeshift,
    _account.timeshift_offset,
    _account.template_id,
    _session.last_seen_at,
)
_FROM: Final = (
    _table(Session)
    .join(_table(Account), _account.id == _session.account_id)
    .join(_table(Client), _client.id == _session.client_id)
)
_CARD: Final = (
    select(*_VIEWER, *_HAS.values())
    .select_from(_FROM)
    .where(_session.authkey_hash == bindparam("hash"), _client.enabled)
)
_BY_ID: Final = (
    select(*_VIEWER)
    .select_from(_FROM)
    .where(_session.id == bindparam("session"), _session.client_id == bindparam("client"), _client.enabled)
)
_HOLDINGS: Final = union_all(
    select(_own.tariff_id, _own.valid_from, _own.valid_until, literal(0)).where(
        _own.account_id == bindparam("account"), owned_by(_own.client_id, bindparam("client"))
    ),
    select(_shared.tariff_id, _shared.valid_from, _shared.valid_until, literal(1)).where(
        _shared.customer_id == bindparam("customer"), owned_by(_shared.client_id, bindparam("client"))
    ),
)
_NAMES: Final = tuple(column.name for column in _VIEWER)


def find_card(session: SqlSession, authkey_hash: str) -> SessionCard | None:
    """The card of a session; None when it is gone or its operator is switched off."""
    connection = session.connection()
    row = connection.execute(_CARD, {"hash": authkey_hash}).one_or_none()
    if row is None:
        return None
    viewer = _viewer(row)
    asked = {"account": viewer["account_id"], "customer": viewer["customer_id"], "client": viewer["client_id"]}
    held = tuple(Holding(one[0], one[1], one[2]) for one in connection.execute(_HOLDINGS, asked))
    lacks = frozenset(name for name, present in zip(_HAS, row[len(_NAMES) :], strict=True) if not present)
    return SessionCard(viewer, held, lacks)


def find_viewer_by_id(session: SqlSession, client_id: int, session_id: int) -> dict[str, Any] | None:
    """A session by its number, with what its account says, by the names of `Viewer`; None when it is gone."""
    row = session.connection().execute(_BY_ID, {"session": session_id, "client": client_id}).one_or_none()
    return None if row is None else _viewer(row)


def _viewer(row: Any) -> dict[str, Any]:
    found = dict(zip(_NAMES, row, strict=False))
    return {**found, "country_id": found["country_id"] or 0, "city_id": found["city_id"] or 0}
