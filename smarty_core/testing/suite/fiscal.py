"""Compliance suite of `smarty.fiscal`."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from smarty_core.contracts.fiscal import Fiscal, FiscalLine, FiscalReceipt
from smarty_core.errors import NotFound
from smarty_core.testing.suite.driver import DriverSuite
from smarty_core.values import Money


class FiscalSuite(DriverSuite):
    """Override `driver`."""

    @pytest.fixture
    def receipt(self) -> FiscalReceipt:
        line = FiscalLine("Television, November", Money(Decimal("149.00"), "RUB"), vat=Decimal(20))
        return FiscalReceipt("suite-1", "income", (line,), "a@example.org", datetime(2023, 11, 14, tzinfo=UTC))

    def test_the_same_receipt_is_registered_once(self, driver: Fiscal[Any], receipt: FiscalReceipt) -> None:
        first, second = driver.register(receipt), driver.register(receipt)
        assert first.receipt_id == second.receipt_id == receipt.id
        assert first.state in ("pending", "registered")
        assert second.document == first.document or first.state == "pending"

    def test_status_is_told(self, driver: Fiscal[Any], receipt: FiscalReceipt) -> None:
        driver.register(receipt)
        mark = driver.status(receipt.id)
        assert mark.receipt_id == receipt.id
        assert mark.state in ("pending", "registered")
        assert mark.document or mark.state == "pending"

    def test_a_receipt_nobody_handed_over_is_not_found(self, driver: Fiscal[Any]) -> None:
        with pytest.raises(NotFound):
            driver.status("suite-never")
