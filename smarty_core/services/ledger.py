"""Customers' money. This release keeps none: every use says so instead of showing a balance nobody has counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from smarty_core.api.ledger import LedgerEntry
from smarty_core.errors import NotSupported
from smarty_core.values import Money


class NoLedger:
    """`host.ledger` until billing is part of the server."""

    def balance(self, client_id: int, customer_id: int) -> Money:
        raise _missing()

    def entries(self, client_id: int, customer_id: int, *, begin: datetime, end: datetime) -> Sequence[LedgerEntry]:
        raise _missing()

    def post(
        self, client_id: int, customer_id: int, amount: Money, *, key: str, source: int, comment: str = ""
    ) -> LedgerEntry:
        raise _missing()


def _missing() -> NotSupported:
    return NotSupported("this release keeps no money of customers: host.ledger cannot be used")
