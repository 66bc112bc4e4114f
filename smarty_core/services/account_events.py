"""What changes of an account are told to: the log of accounts, and plugins through the outbox."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session as SqlSession

from smarty_core.contracts.events import AccountActivated, AccountChanged, AccountTariffsAssigned, AccountTariffsRemoved
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.storage.database import after_commit, bump
from smarty_core.storage.models import Account

_log = logging.getLogger("smarty_accounts")


def tell_changed(session: SqlSession, hooks: Hooks, account: Account, fields: Iterable[str]) -> None:
    """Stored `fields` of the account get new values with this transaction; without any nothing is told."""
    changed = tuple(fields)
    if not changed:
        return
    bump(session, tag(account))
    event = AccountChanged(account.client_id, account.id, changed)
    hooks.notify_durable(session, "account_changed", event=event, order_key=tag(account))
    _after(session, "ACCOUNT_CHANGED", account_id=account.id, changed_fields=changed)


def tell_activated(session: SqlSession, hooks: Hooks, account: Account, params: Mapping[str, Any]) -> None:
    """The account goes from inactive to active with this transaction. `params`: what was asked for, for the log."""
    bump(session, tag(account))
    event = AccountActivated(account.client_id, account.id)
    hooks.notify_durable(session, "account_activated", event=event, order_key=tag(account))
    _after(session, "ACCOUNT_ACTIVATED", activation_result=event.activation_result, params=dict(params))


def tell_tariffs_assigned(session: SqlSession, hooks: Hooks, account: Account, tariffs_ids: tuple[int, ...]) -> None:
    """The account gets tariffs it did not have."""
    bump(session, tag(account))
    event = AccountTariffsAssigned(account.client_id, account.id, tariffs_ids)
    hooks.notify_durable(session, "account_tariffs_assigned", event=event, order_key=tag(account))
    _after(session, "ACCOUNT_TARIFFS_ASSIGNED", account_id=account.id, tariffs_ids=tariffs_ids)


def tell_tariffs_removed(session: SqlSession, hooks: Hooks, account: Account, tariffs_ids: tuple[int, ...]) -> None:
    """The account loses tariffs."""
    bump(session, tag(account))
    event = AccountTariffsRemoved(account.client_id, account.id, tariffs_ids)
    hooks.notify_durable(session, "account_tariffs_removed", event=event, order_key=tag(account))
    _after(session, "ACCOUNT_TARIFFS_REMOVED", account_id=account.id, tariffs_ids=tariffs_ids)


def tag(account: Account) -> str:
    """The cache tag of an account, which is also the order its events are delivered in."""
    return f"account:{account.id}"


def _after(session: SqlSession, event: str, **context: Any) -> None:
    after_commit(session, lambda: log_event(_log, logging.INFO, event, **context))
