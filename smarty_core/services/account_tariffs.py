"""Which tariffs an account holds by itself (its customer's come in addition)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.account_events import tell_tariffs_assigned, tell_tariffs_removed
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, AccountTariff, Tariff
from smarty_core.storage.repositories import accounts as rows
from smarty_core.values import MAX_ID

MOST_AT_ONCE = 500


class AccountTariffs:
    """Gives and takes tariffs. One account's row is locked meanwhile, so two changes never cross."""

    def __init__(self, *, database: Database, hooks: Hooks, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._hooks = hooks
        self._clock = clock

    def assign(self, client_id: int, account_id: int, tariffs_ids: Collection[int]) -> tuple[int, ...]:
        """Give tariffs from now on, without an end; those in force stay as they are. The ids that were new.

        Raises `NotFound` for an account or a tariff that is not this operator's; then nothing is given.
        """
        wanted = _checked(tariffs_ids)
        now = self._clock()
        with self._database.write() as session:
            account = _account(session, client_id, account_id)
            known = set(session.scalars(select(Tariff.id).where(Tariff.client_id == client_id, Tariff.id.in_(wanted))))
            if missing := [tariff_id for tariff_id in wanted if tariff_id not in known]:
                raise NotFound(f"no such tariff: {', '.join(map(str, missing))}")
            held = {row.tariff_id: row for row in _held(session, account)}
            given = []
            for tariff_id in wanted:
                row = held.get(tariff_id)
                if row is not None and (row.valid_until is None or row.valid_until > now):
                    continue
                if row is None:
                    row = AccountTariff(client_id=client_id, account_id=account.id, tariff_id=tariff_id)
                    session.add(row)
                row.valid_from, row.valid_until = now, None
                given.append(tariff_id)
            if given:
                tell_tariffs_assigned(session, self._hooks, account, tuple(given))
        return tuple(given)

    def remove(self, client_id: int, account_id: int, tariffs_ids: Collection[int]) -> tuple[int, ...]:
        """Take tariffs away at once; those the account does not hold are ignored. The ids that went.

        Raises `NotFound` for an account that is not this operator's.
        """
        unwanted = _checked(tariffs_ids)
        with self._database.write() as session:
            account = _account(session, client_id, account_id)
            gone = [row for row in _held(session, account) if row.tariff_id in unwanted]
            for row in gone:
                session.delete(row)
            taken = tuple(sorted(row.tariff_id for row in gone))
            if taken:
                tell_tariffs_removed(session, self._hooks, account, taken)
        return taken


def _checked(tariffs_ids: Collection[int]) -> tuple[int, ...]:
    """The ids once each, ascending. Raises `InvalidValue`."""
    if len(tariffs_ids) > MOST_AT_ONCE:
        raise InvalidValue(f"tariffs_ids: at most {MOST_AT_ONCE}")
    if not all(isinstance(one, int) and 0 < one <= MAX_ID for one in tariffs_ids):
        raise InvalidValue("tariffs_ids: not ids")
    return tuple(sorted(set(tariffs_ids)))


def _account(session: SqlSession, client_id: int, account_id: int) -> Account:
    account = rows.locked(session, client_id, account_id)
    if account is None:
        raise NotFound("no such account")
    return account


def _held(session: SqlSession, account: Account) -> list[AccountTariff]:
    query = select(AccountTariff).where(AccountTariff.account_id == account.id)
    return list(session.scalars(query.order_by(AccountTariff.tariff_id)))
