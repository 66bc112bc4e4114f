"""Data centres, and all viewers of an operator at once, as a drill counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.storage.models import Account, AccountTariff, Channel, Client, CustomerTariff, DataCenter, Session
from smarty_core.storage.repositories.tariffs import Holding

ROWS_AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class Center:
    """A data centre and whose it is."""

    id: int
    name: str
    client_id: int
    client: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class ActiveAccount:
    """An active account; `country_id` and `city_id` are where its latest device was (0 = unknown), `online` how many
    of its devices are there now."""

    id: int
    customer_id: int
    data_center_id: int | None
    shift_hours: int
    country_id: int = 0
    city_id: int = 0
    online: int = 0


def centers(session: SqlSession, client_id: int | None = None) -> list[Center]:
    """The data centres of one operator or of all."""
    query = select(DataCenter, Client.name).join(Client, Client.id == DataCenter.client_id)
    if client_id is not None:
        query = query.where(DataCenter.client_id == client_id)
    rows = session.execute(query.order_by(DataCenter.client_id, DataCenter.name, DataCenter.id))
    return [Center(row.id, row.name, row.client_id, client, row.enabled) for row, client in rows]


def active_accounts(session: SqlSession, client_id: int, online_since: datetime) -> Iterator[ActiveAccount]:
    """The active accounts of an operator; a device is online when it was seen at `online_since` or later."""
    latest: dict[int, tuple[datetime, int, int]] = {}
    online: defaultdict[int, int] = defaultdict(int)
    seen = select(Session.account_id, Session.last_seen_at, Session.country_id, Session.city_id)
    for account_id, at, country_id, city_id in _streamed(session, seen.where(Session.client_id == client_id)):
        online[account_id] += at >= online_since
        if account_id not in latest or latest[account_id][0] < at:
            latest[account_id] = (at, country_id or 0, city_id or 0)
    accounts = select(
        Account.id, Account.customer_id, Account.data_center_id, Account.use_timeshift, Account.timeshift_offset
    ).where(Account.client_id == client_id, Account.active)
    for number, customer_id, center_id, shifted, shift in _streamed(session, accounts):
        _, country_id, city_id = latest.get(number, (None, 0, 0))
        yield ActiveAccount(
            number, customer_id, center_id, shift if shifted else 0, country_id, city_id, online.get(number, 0)
        )


def all_holdings(
    session: SqlSession, client_id: int
) -> tuple[dict[int, tuple[Holding, ...]], dict[int, tuple[Holding, ...]]]:
    """The tariffs that all accounts and all customers of an operator hold, by account and by customer."""
    return (
        _held(session, AccountTariff, AccountTariff.account_id, client_id),
        _held(session, CustomerTariff, CustomerTariff.customer_id, client_id),
    )


def channel_names(session: SqlSession, client_id: int) -> dict[int, str]:
    """The operator's channels that are switched on."""
    query = select(Channel.id, Channel.name).where(Channel.client_id == client_id, Channel.enabled)
    return {row.id: row.name for row in session.execute(query)}


def _held(session: SqlSession, model: Any, holder: Any, client_id: int) -> dict[int, tuple[Holding, ...]]:
    found: defaultdict[int, list[Holding]] = defaultdict(list)
    query = select(holder, model.tariff_id, model.valid_from, model.valid_until).where(model.client_id == client_id)
    for holder_id, tariff_id, begin, end in _streamed(session, query):
        found[holder_id].append(Holding(tariff_id, begin, end))
    return {holder_id: tuple(held) for holder_id, held in found.items()}


def _streamed(session: SqlSession, query: Any) -> Any:
    return session.execute(query.execution_options(yield_per=ROWS_AT_A_TIME))
