"""Compliance suite of `smarty.sms_backend`."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from smarty_core.contracts.sms_backend import Receipt, Sms, SmsBackend, SmsState
from smarty_core.testing.suite.driver import DriverSuite
from smarty_core.values import Money


class SmsBackendSuite(DriverSuite):
    """Override `driver`; its service (a simulator) accepts `sms`."""

    @pytest.fixture
    def sms(self) -> Sms:
        return Sms("79990000000", "Код: 1234, code: 1234 & more <ok>", id="suite1")

    def test_a_message_taken_has_a_receipt(self, driver: SmsBackend[Any], sms: Sms) -> None:
        receipt = driver.send(sms)
        assert isinstance(receipt, Receipt)
        assert receipt.id
        assert receipt.parts >= 1
        assert receipt.price is None or isinstance(receipt.price, Money)

    def test_a_long_message_is_taken(self, driver: SmsBackend[Any]) -> None:
        assert driver.send(Sms("79990000000", "ж" * 300, id="suite2")).id

    def test_two_messages_have_two_receipts(self, driver: SmsBackend[Any]) -> None:
        first = driver.send(Sms("79990000000", "one", id="suite3"))
        second = driver.send(Sms("79990000001", "two", id="suite4"))
        assert first.id != second.id

    @pytest.mark.requires_capability("status")
    def test_status_of_a_sent_message_is_a_known_word(self, driver: SmsBackend[Any], sms: Sms) -> None:
        state = driver.status(driver.send(sms).id)
        assert state in get_args(SmsState)
        assert state != "unknown"

    @pytest.mark.requires_capability("status")
    def test_status_of_a_stranger_is_unknown(self, driver: SmsBackend[Any]) -> None:
        assert driver.status("987654321") == "unknown"

    @pytest.mark.requires_capability("balance")
    def test_balance_is_money(self, driver: SmsBackend[Any]) -> None:
        assert isinstance(driver.balance(), Money)
        assert driver.balance() == driver.balance()
