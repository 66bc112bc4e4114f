"""What logins need to know, read for many accounts of one operator at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as SqlSession
from sqlalchemy.orm import lazyload

from smarty_core.storage.models import Account, AccountSubnet, AccountTariff, Customer, CustomerTariff, Device, Session
from smarty_core.storage.repositories.tariffs import Holding


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account must be shown. `password` is a keyed hash (`Vault.code_hash`)."""

    account_id: int
    password: str
    without_password: bool
    """The abonement alone is enough."""


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """Accounts by id with everything around them that decides about a login; the rows of the accounts are locked."""

    accounts: Mapping[int, Account]
    customers: Mapping[int, Customer]
    subnets: Mapping[int, Sequence[tuple[bytes, bytes]]]
    """Of an account: first and last address of each network it may log in from."""
    holdings: Mapping[int, Sequence[Holding]]
    """Of an account: its own and its customer's."""
    devices: Mapping[int, Sequence[Device]]
    """Of an account, the oldest first."""
    by_uid: Mapping[str, Device]
    """Whoever's they are."""
    sessions: Mapping[int, Sequence[Session]]
    """Of an account, the oldest first."""


def credentials(session: SqlSession, client_id: int, abonements: Collection[str]) -> dict[str, Credentials]:
    """By abonement; those nobody has are missing."""
    table = Account.__table__.c
    query = select(table.abonement, table.id, table.password, table.allow_login_by_abonement)
    rows = session.connection().execute(query.where(table.client_id == client_id, table.abonement.in_(abonements)))
    return {row[0]: Credentials(row[1], row[2], row[3]) for row in rows}


def facts(session: SqlSession, client_id: int, account_ids: Collection[int], uids: Collection[str]) -> LoginFacts:
    """Lock the accounts and read what is around them. `uids`: those of the devices that want in.

    Rows are locked in the order of their ids, so that two callers never wait for each other in a ring; tokens being
    issued for these accounts at the same moment do not wait (PostgreSQL).
    """
    query = select(Account).where(Account.id.in_(account_ids), Account.client_id == client_id).order_by(Account.id)
    locking = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    accounts = {account.id: account for account in session.scalars(locking)}
    customer_ids = {account.customer_id for account in accounts.values()}
    customers = {row.id: row for row in session.scalars(select(Customer).where(Customer.id.in_(customer_ids)))}
    devices: defaultdict[int, list[Device]] = defaultdict(list)
    by_uid: dict[str, Device] = {}
    known = select(Device).where(
        Device.client_id == client_id, or_(Device.account_id.in_(accounts), Device.device_uid.in_(uids))
    )
    for device in session.scalars(known.options(lazyload(Device.play_device)).order_by(Device.id)):
        devices[device.account_id].append(device)
        by_uid[device.device_uid] = device
    return LoginFacts(
        accounts,
        customers,
        _subnets(session, accounts),
        _holdings(session, client_id, accounts, customer_ids),
        devices,
        by_uid,
        _sessions(session, accounts),
    )


def _subnets(session: SqlSession, account_ids: Collection[int]) -> defaultdict[int, list[tuple[bytes, bytes]]]:
    found: defaultdict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    table = AccountSubnet.__table__.c
    query = select(table.account_id, table.low, table.high).where(table.account_id.in_(account_ids))
    for account_id, low, high in session.connection().execute(query):
        found[account_id].append((bytes(low), bytes(high)))
    return found


def _holdings(
    session: SqlSession, client_id: int, accounts: Mapping[int, Account], customer_ids: Collection[int]
) -> dict[int, list[Holding]]:
    own: defaultdict[int, list[Holding]] = defaultdict(list)
    shared: defaultdict[int, list[Holding]] = defaultdict(list)
    table = AccountTariff.__table__.c
    query = select(table.account_id, table.tariff_id, table.valid_from, table.valid_until)
    query = query.where(table.account_id.in_(accounts), table.client_id == client_id)
    for account_id, *rest in session.connection().execute(query):
        own[account_id].append(Holding(*rest))
    table = CustomerTariff.__table__.c
    query = select(table.customer_id, table.tariff_id, table.valid_from, table.valid_until)
    query = query.where(table.customer_id.in_(customer_ids), table.client_id == client_id)
    for customer_id, *rest in session.connection().execute(query):
        shared[customer_id].append(Holding(*rest))
    return {number: [*own[number], *shared[account.customer_id]] for number, account in accounts.items()}


def _sessions(session: SqlSession, account_ids: Collection[int]) -> defaultdict[int, list[Session]]:
    """Locked too, in the order in which signs of life are written."""
    found: defaultdict[int, list[Session]] = defaultdict(list)
    query = select(Session).where(Session.account_id.in_(account_ids)).order_by(Session.id).with_for_update()
    for row in session.scalars(query):
        found[row.account_id].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.created_at, row.id))
    return found
