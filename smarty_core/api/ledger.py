"""Customers' money, as plugins see it: `host.ledger`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from smarty_core.values import Money


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An immutable movement; positive credits, negative charges."""

    id: int
    amount: Money
    made_at: datetime
    source: int
    comment: str = ""


class Ledger(Protocol):
    """The balance is always the sum of the entries.

    A server without billing keeps no money: then every method raises `NotSupported`.
    """

    def balance(self, client_id: int, customer_id: int) -> Money:
        """Money of the customer now. Raises `NotFound`."""

    def entries(self, client_id: int, customer_id: int, *, begin: datetime, end: datetime) -> Sequence[LedgerEntry]:
        """Entries of the window, newest first, at most 1000."""

    def post(
        self, client_id: int, customer_id: int, amount: Money, *, key: str, source: int, comment: str = ""
    ) -> LedgerEntry:
        """Write an entry once: the same `key` of the same plugin again returns the first entry."""
