"""What support looks up about one account and one channel; read straight from the rows, past every cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.storage.base import owned_by
from smarty_core.storage.models import (
    Account,
    AccountTariff,
    Channel,
    CustomerTariff,
    StreamToken,
    Tariff,
    tariff_channel,
)
from smarty_core.storage.repositories.tariffs import Holding

SHOWN = 20


@dataclass(frozen=True, slots=True)
class HeldTariff:
    """A tariff that an account or its customer was given, in force or not."""

    tariff_id: int
    name: str
    enabled: bool
    holder: Literal["account", "customer"]
    holding: Holding


def accounts_named(
    session: SqlSession, *, account_id: int | None, abonement: str | None, client_id: int | None
) -> list[Account]:
    """Accounts with this number or this abonement, of one operator or of all."""
    found: list[Account] = []
    for condition in (
        None if account_id is None else Account.id == account_id,
        None if abonement is None else Account.abonement == abonement,
    ):
        if condition is not None:
            query = select(Account).where(condition)
            if client_id is not None:
                query = query.where(Account.client_id == client_id)
            found += session.scalars(query.order_by(Account.id).limit(SHOWN))
    return list(dict.fromkeys(found))


def channels_of(session: SqlSession, client_id: int) -> list[Channel]:
    """All channels of an operator, also those switched off."""
    return list(session.scalars(select(Channel).where(Channel.client_id == client_id).order_by(Channel.id)))


def held_tariffs(session: SqlSession, account: Account) -> list[HeldTariff]:
    """What the account and its customer hold, also what has ended or not begun."""
    own = (
        select(AccountTariff, Tariff)
        .join(Tariff, Tariff.id == AccountTariff.tariff_id)
        .where(AccountTariff.account_id == account.id, owned_by(AccountTariff.client_id, account.client_id))
        .order_by(AccountTariff.tariff_id)
    )
    shared = (
        select(CustomerTariff, Tariff)
        .join(Tariff, Tariff.id == CustomerTariff.tariff_id)
        .where(CustomerTariff.customer_id == account.customer_id, owned_by(CustomerTariff.client_id, account.client_id))
        .order_by(CustomerTariff.tariff_id)
    )
    found = [_held(row, tariff, "account") for row, tariff in session.execute(own)]
    return found + [_held(row, tariff, "customer") for row, tariff in session.execute(shared)]


def tariffs_with(session: SqlSession, client_id: int, channel_id: int) -> list[tuple[int, str]]:
    """Tariffs of the operator that are switched on and hold the channel."""
    query = (
        select(Tariff.id, Tariff.name)
        .join(tariff_channel, tariff_channel.c.tariff_id == Tariff.id)
        .where(Tariff.client_id == client_id, Tariff.enabled, tariff_channel.c.channel_id == channel_id)
        .order_by(Tariff.id)
        .limit(SHOWN)
    )
    return [(row.id, row.name) for row in session.execute(query)]


def last_token(session: SqlSession, account_id: int, channel_id: int) -> StreamToken | None:
    """The newest token of the account for the channel, live or archive, that was prolonged and is still kept."""
    query = select(StreamToken).where(
        StreamToken.account_id == account_id,
        StreamToken.content_id == channel_id,
        StreamToken.content_type.in_(("channel", "program")),
    )
    return session.scalars(query.order_by(StreamToken.issued_at.desc()).limit(1)).first()


def _held(row: AccountTariff | CustomerTariff, tariff: Tariff, holder: Literal["account", "customer"]) -> HeldTariff:
    holding = Holding(row.tariff_id, row.valid_from, row.valid_until)
    return HeldTariff(tariff.id, tariff.name, tariff.enabled, holder, holding)
