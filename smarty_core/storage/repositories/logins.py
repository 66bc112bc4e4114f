"""What logins need to know, read for many accounts of one operator at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session as SqlSession
from sqlalchemy.orm import lazyload

from smarty_core.storage.base import owned_by
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


_account, _subnet = Account.__table__.c, AccountSubnet.__table__.c
_own, _shared = AccountTariff.__table__.c, CustomerTariff.__table__.c
_ids: BindParameter[int] = bindparam("ids", expanding=True)
_client_id: BindParameter[int] = bindparam("client_id")

# Put together once: a login asks all of them, and putting together takes longer than asking.
_CREDENTIALS = select(_account.abonement, _account.id, _account.password, _account.allow_login_by_abonement).where(
    _account.client_id == _client_id, _account.abonement.in_(bindparam("abonements", expanding=True))
)
_ACCOUNTS = (
    select(Account)
    .where(Account.id.in_(_ids), Account.client_id == _client_id)
    .order_by(Account.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_CUSTOMERS = select(Customer).where(Customer.id.in_(_ids))
_DEVICES = (
    select(Device)
    .where(
        Device.client_id == _client_id,
        or_(Device.account_id.in_(_ids), Device.device_uid.in_(bindparam("uids", expanding=True))),
    )
    .options(lazyload(Device.play_device))
    .order_by(Device.id)
)
_SUBNETS = select(_subnet.account_id, _subnet.low, _subnet.high).where(_subnet.account_id.in_(_ids))
_OWN_TARIFFS = select(_own.account_id, _own.tariff_id, _own.valid_from, _own.valid_until).where(
    _own.account_id.in_(_ids), owned_by(_own.client_id, _client_id)
)
_SHARED_TARIFFS = select(_shared.customer_id, _shared.tariff_id, _shared.valid_from, _shared.valid_until).where(
    _shared.customer_id.in_(_ids), owned_by(_shared.client_id, _client_id)
)
_SESSIONS = select(Session).where(Session.account_id.in_(_ids)).order_by(Session.id).with_for_update()


def credentials(session: SqlSession, client_id: int, abonements: Collection[str]) -> dict[str, Credentials]:
    """By abonement; those nobody has are missing."""
    rows = session.connection().execute(_CREDENTIALS, {"client_id": client_id, "abonements": list(abonements)})
    return {row[0]: Credentials(row[1], row[2], row[3]) for row in rows}


def facts(session: SqlSession, client_id: int, account_ids: Collection[int], uids: Collection[str]) -> LoginFacts:
    """Lock the accounts and read what is around them. `uids`: those of the devices that want in.

    Rows are locked in the order of their ids, so that two callers never wait for each other in a ring; tokens being
    issued for these accounts at the same moment do not wait (PostgreSQL).
    """
    locked = session.scalars(_ACCOUNTS, {"ids": list(account_ids), "client_id": client_id})
    accounts = {account.id: account for account in locked}
    ids = {"ids": list(accounts), "client_id": client_id}
    customer_ids = {"ids": list({account.customer_id for account in accounts.values()}), "client_id": client_id}
    devices: defaultdict[int, list[Device]] = defaultdict(list)
    by_uid: dict[str, Device] = {}
    for device in session.scalars(_DEVICES, {**ids, "uids": list(uids)}):
        devices[device.account_id].append(device)
        by_uid[device.device_uid] = device
    sessions: defaultdict[int, list[Session]] = defaultdict(list)
    for row in session.scalars(_SESSIONS, ids):  # locked too, in the order in which signs of life are written
        sessions[row.account_id].append(row)
    for rows in sessions.values():
        rows.sort(key=lambda row: (row.created_at, row.id))
    core = session.connection()
    subnets: defaultdict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    for account_id, low, high in core.execute(_SUBNETS, ids):
        subnets[account_id].append((bytes(low), bytes(high)))
    own: defaultdict[int, list[Holding]] = defaultdict(list)
    for account_id, *rest in core.execute(_OWN_TARIFFS, ids):
        own[account_id].append(Holding(*rest))
    shared: defaultdict[int, list[Holding]] = defaultdict(list)
    for customer_id, *rest in core.execute(_SHARED_TARIFFS, customer_ids):
        shared[customer_id].append(Holding(*rest))
    return LoginFacts(
        accounts,
        {customer.id: customer for customer in session.scalars(_CUSTOMERS, customer_ids)},
        subnets,
        {number: [*own[number], *shared[account.customer_id]] for number, account in accounts.items()},
        devices,
        by_uid,
        sessions,
    )
