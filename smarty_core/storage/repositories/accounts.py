"""Accounts by what a device knows about them. Every query names the operator."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.storage.models import Account, AccountChannel, AccountSubnet, Customer, DataCenter, Device


def by_abonement(session: SqlSession, client_id: int, abonement: str) -> Account | None:
    return session.scalar(select(Account).where(Account.client_id == client_id, Account.abonement == abonement))


def by_id(session: SqlSession, client_id: int, account_id: int) -> Account | None:
    return session.scalar(select(Account).where(Account.id == account_id, Account.client_id == client_id))


def by_ext_id(session: SqlSession, client_id: int, ext_id: str) -> list[Account]:
    """Accounts with this ext_id, else those of the customers with it; two are enough to know."""
    own = select(Account).where(Account.client_id == client_id, Account.ext_id == ext_id).order_by(Account.id).limit(2)
    if found := list(session.scalars(own)):
        return found
    query = (
        select(Account)
        .join(Customer, Customer.id == Account.customer_id)
        .where(Account.client_id == client_id, Customer.client_id == client_id, Customer.ext_id == ext_id)
        .order_by(Account.id)
        .limit(2)
    )
    return list(session.scalars(query))


def by_mobile_phone(session: SqlSession, client_id: int, numbers: list[str]) -> list[Account]:
    """The accounts of the customers with one of these spellings of a mobile number."""
    query = (
        select(Account)
        .join(Customer, Customer.id == Account.customer_id)
        .where(
            Account.client_id == client_id,
            Customer.client_id == client_id,
            Customer.mobile_phone_number.in_(numbers),
        )
        .order_by(Account.id)
        .limit(20)
    )
    return list(session.scalars(query))


def by_device_uid(session: SqlSession, client_id: int, device_uid: str) -> tuple[Account, Device] | None:
    row = session.execute(
        select(Account, Device)
        .join(Device, Device.account_id == Account.id)
        .where(Device.client_id == client_id, Device.device_uid == device_uid, Account.client_id == client_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def by_address(session: SqlSession, client_id: int, address: bytes) -> list[Account]:
    """Accounts that may log in by address alone and have a network with this one; two are enough to know."""
    query = (
        select(Account)
        .where(
            Account.client_id == client_id,
            Account.allow_login_by_ip,
            Account.id.in_(
                select(AccountSubnet.account_id).where(
                    AccountSubnet.client_id == client_id, AccountSubnet.low <= address, AccountSubnet.high >= address
                )
            ),
        )
        .order_by(Account.id)
        .limit(2)
    )
    return list(session.scalars(query))


def locked(session: SqlSession, client_id: int, account_id: int) -> Account | None:
    """The account, its row locked until the transaction ends (SQLite locks everything already)."""
    query = select(Account).where(Account.id == account_id, Account.client_id == client_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def data_centers(session: SqlSession, client_id: int) -> list[DataCenter]:
    query = select(DataCenter).where(DataCenter.client_id == client_id, DataCenter.enabled)
    return list(session.scalars(query.order_by(DataCenter.id)))


def channel_settings(session: SqlSession, account_id: int) -> list[AccountChannel]:
    query = select(AccountChannel).where(AccountChannel.account_id == account_id)
    return list(session.scalars(query.order_by(AccountChannel.channel_id)))
