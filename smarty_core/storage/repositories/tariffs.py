"""Tariffs of an operator and who holds them, read whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, literal, or_, select, union_all
from sqlalchemy.orm import Session

from smarty_core.storage.base import owned_by
from smarty_core.storage.models import (
    AccountTariff,
    CustomerTariff,
    StreamService,
    Tariff,
    tariff_channel,
    tariff_city,
    tariff_country,
    tariff_stream_service,
)


@dataclass(frozen=True, slots=True)
class TariffFacts:
    """What a tariff gives and where. `sessions`: additional devices, `basic_sessions`: basic ones, 0 = not named."""

    id: int
    for_inactive: bool
    everywhere: bool
    for_channel_list: bool
    sessions: int
    basic_sessions: int
    ip_restriction: bool
    channels: frozenset[int]
    services: frozenset[int]
    countries: frozenset[int]
    cities: frozenset[int]


@dataclass(frozen=True, slots=True)
class OperatorTariffs:
    """The tariffs of one operator that are switched on. `static_addresses`: some stream service has static routing."""

    by_id: Mapping[int, TariffFacts]
    static_addresses: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """A tariff held from `valid_from` (None = always) to `valid_until` (None = for ever)."""

    tariff_id: int
    valid_from: datetime | None
    valid_until: datetime | None


def operator_tariffs(session: Session, client_id: int) -> OperatorTariffs:
    tariffs = session.execute(
        select(
            Tariff.id,
            Tariff.available_for_inactive_accounts,
            Tariff.available_everywhere,
            Tariff.used_for_channel_list,
            Tariff.sessions_count,
            Tariff.basic_sessions_count,
            Tariff.ip_restriction,
        ).where(Tariff.client_id == client_id, Tariff.enabled)
    ).all()
    channels = _related(session, client_id, tariff_channel, "channel_id")
    services = _related(session, client_id, tariff_stream_service, "stream_service_id")
    countries = _related(session, client_id, tariff_country, "country_id")
    cities = _related(session, client_id, tariff_city, "city_id")
    static = session.scalar(
        select(
            exists().where(
                StreamService.client_id == client_id, StreamService.routing == "static", StreamService.enabled
            )
        )
    )
    return OperatorTariffs(
        {
            row[0]: TariffFacts(
                *row,
                channels=channels[row[0]],
                services=services[row[0]],
                countries=countries[row[0]],
                cities=cities[row[0]],
            )
            for row in tariffs
        },
        bool(static),
    )


def _related(session: Session, client_id: int, table: Any, column: str) -> defaultdict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    query = (
        select(table.c.tariff_id, table.c[column])
        .join(Tariff, Tariff.id == table.c.tariff_id)
        .where(Tariff.client_id == client_id, Tariff.enabled)
    )
    for tariff_id, other_id in session.execute(query):
        found.setdefault(tariff_id, set()).add(other_id)
    return defaultdict(frozenset, {tariff_id: frozenset(ids) for tariff_id, ids in found.items()})


def holdings(session: Session, client_id: int, account_id: int, customer_id: int) -> tuple[Holding, ...]:
    """What an account holds, its own and its customer's, in one query."""
    own = select(AccountTariff.tariff_id, AccountTariff.valid_from, AccountTariff.valid_until, literal(0)).where(
        AccountTariff.account_id == account_id, owned_by(AccountTariff.client_id, client_id)
    )
    shared = select(CustomerTariff.tariff_id, CustomerTariff.valid_from, CustomerTariff.valid_until, literal(1)).where(
        CustomerTariff.customer_id == customer_id, owned_by(CustomerTariff.client_id, client_id)
    )
    return tuple(Holding(row[0], row[1], row[2]) for row in session.execute(union_all(own, shared)))


def own_tariffs(session: Session, account_id: int, now: datetime) -> tuple[int, ...]:
    """Tariffs an account holds at `now` by itself, ascending."""
    query = select(AccountTariff.tariff_id).where(
        AccountTariff.account_id == account_id,
        or_(AccountTariff.valid_from.is_(None), AccountTariff.valid_from <= now),
        or_(AccountTariff.valid_until.is_(None), AccountTariff.valid_until > now),
    )
    return tuple(session.scalars(query.order_by(AccountTariff.tariff_id)))
