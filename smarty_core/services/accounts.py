"""Accounts as an operator or an outside system sees and switches them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session as SqlSession

from smarty_core.api.accounts import Account as PublicAccount
from smarty_core.contracts.subscriber import Subscriber
from smarty_core.errors import InvalidValue, NotFound
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.account_events import tell_activated, tell_changed
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account
from smarty_core.storage.repositories import accounts as rows
from smarty_core.storage.repositories import tariffs as tariff_rows

MAX_REASON = 20
ACTIVE = "ACTIVE"


class Accounts:
    """Accounts of all operators. Whatever is asked for names its operator; another's account is not found."""

    def __init__(self, *, database: Database, hooks: Hooks, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._hooks = hooks
        self._clock = clock

    def get(self, client_id: int, account_id: int) -> PublicAccount:
        """One account. Raises `NotFound`."""
        with self._database.read() as session:
            return self._public(session, rows.by_id(session, client_id, account_id))

    def find(self, client_id: int, *, abonement: str = "", ext_id: str = "") -> PublicAccount:
        """The account with this abonement, or this ext_id (its own, else its customer's); with both it must have both.

        Raises `NotFound`, also when a customer's ext_id means several accounts, and `InvalidValue` without either.
        """
        if not abonement and not ext_id:
            raise InvalidValue("abonement or ext_id is required")
        with self._database.read() as session:
            if abonement:
                found = rows.by_abonement(session, client_id, abonement)
                if found is not None and ext_id and ext_id not in (found.ext_id, found.customer.ext_id):
                    found = None
            else:
                matching = rows.by_ext_id(session, client_id, ext_id)
                found = matching[0] if len(matching) == 1 else None
            return self._public(session, found)

    def set_active(self, client_id: int, account_id: int, active: bool, *, reason: str = "") -> None:
        """Switch an account on or off; its sessions go on and see what is for them from then on.

        `reason` becomes the status reason; empty, it is ACTIVE for an active account and stays as it was for an
        inactive one. Raises `NotFound`, `InvalidValue`.
        """
        if len(reason) > MAX_REASON or not (reason == "" or reason.isprintable()):
            raise InvalidValue(f"reason: at most {MAX_REASON} printable characters")
        with self._database.write() as session:
            account = rows.locked(session, client_id, account_id)
            if account is None:
                raise NotFound("no such account")
            status_reason = reason or (ACTIVE if active else account.status_reason)
            activated = active and not account.active
            changed = [
                name
                for name, value in (("active", active), ("status_reason", status_reason))
                if getattr(account, name) != value
            ]
            account.active, account.status_reason = active, status_reason
            if activated:
                tell_activated(
                    session, self._hooks, account, {"account_id": account_id, "status_reason": status_reason}
                )
            tell_changed(session, self._hooks, account, changed)

    def _public(self, session: SqlSession, account: Account | None) -> PublicAccount:
        if account is None:
            raise NotFound("no such account")
        customer = account.customer
        return PublicAccount(
            subscriber=Subscriber(
                client_id=account.client_id,
                account_id=account.id,
                customer_id=account.customer_id,
                abonement=account.abonement,
                ext_id=account.ext_id or customer.ext_id,
                phone=customer.mobile_phone_number,
                email=customer.email,
            ),
            active=account.active,
            status_reason=account.status_reason,
            tariffs_ids=tariff_rows.own_tariffs(session, account.id, self._clock()),
        )
