"""Contract `smarty.fiscal`: registers cash receipts where the law wants them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from smarty_core.contracts.driver import Driver, SettingsT
from smarty_core.errors import InvalidValue
from smarty_core.values import Money


@dataclass(frozen=True, slots=True)
class FiscalLine:
    """One line of a receipt: `total` = price times `quantity`. `vat` is the rate in percent; None = no VAT."""

    name: str
    total: Money
    quantity: Decimal = Decimal(1)
    vat: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FiscalReceipt:
    """A receipt to register. `id` is ours and unique; `contact` is the buyer's e-mail or phone."""

    id: str
    kind: Literal["income", "refund"]
    lines: tuple[FiscalLine, ...]
    contact: str
    issued_at: datetime

    def __post_init__(self) -> None:
        if not self.id or not self.lines or not self.contact:
            raise InvalidValue("a receipt needs an id, lines and a contact")

    @property
    def total(self) -> Money:
        total = self.lines[0].total
        for line in self.lines[1:]:
            total = total + line.total
        return total


@dataclass(frozen=True, slots=True)
class FiscalMark:
    """What became of a receipt. `document` is the fiscal number once it is `registered`."""

    receipt_id: str
    state: Literal["pending", "registered", "failed"]
    document: str = ""
    url: str = ""
    reason: str = ""


class Fiscal(Driver[SettingsT]):
    """A fiscal operator. Both methods are idempotent and raise the three `ProviderError` kinds."""

    capability: ClassVar[str] = "fiscal"
    deadline: ClassVar[float] = 30.0
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @abstractmethod
    def register(self, receipt: FiscalReceipt) -> FiscalMark:
        """Hand the receipt over. The same `receipt.id` twice is registered once and gives the same document."""

    @abstractmethod
    def status(self, receipt_id: str) -> FiscalMark:
        """What became of a receipt. Raises `NotFound` for an id that was never handed over."""
