"""Compliance suite of `smarty.payment_gateway`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from smarty_core.contracts.payment_gateway import (
    Callback,
    CallbackRejected,
    CallbackReply,
    Charge,
    PaymentGateway,
    PaymentState,
    Redirect,
)
from smarty_core.errors import NotFound, NotSupported, ProviderRefused
from smarty_core.testing.suite.driver import DriverSuite
from smarty_core.values import Money


class PaymentGatewaySuite(DriverSuite):
    """Override `driver`, `pay` and, for callbacks, `callback`."""

    @pytest.fixture
    def charge(self) -> Charge:
        return Charge(
            order_id="suite-1001",
            amount=Money(Decimal("149.00"), "RUB"),
            description="Top-up 1001",
            success_url="https://tv.example.org/ok",
            fail_url="https://tv.example.org/no",
            customer_id=900,
            phone="79990000000",
            ip="203.0.113.7",
            language="ru",
        )

    @pytest.fixture
    def pay(self) -> Callable[[Redirect], None]:
        """What the subscriber does on the gateway's page: pay everything. Override for a simulator."""
        return lambda redirect: None

    @pytest.fixture
    def callback(self) -> Callback:
        """A recorded or freshly made callback of a settled payment, correctly signed."""
        raise NotImplementedError("override the `callback` fixture")

    def _settled(self, driver: PaymentGateway[Any], charge: Charge, pay: Callable[[Redirect], None]) -> Redirect:
        redirect = driver.start(charge)
        pay(redirect)
        return redirect

    def test_an_order_is_announced(self, driver: PaymentGateway[Any], charge: Charge) -> None:
        redirect = driver.start(charge)
        assert isinstance(redirect, Redirect)
        assert redirect.finished or redirect.url

    def test_it_can_be_known_what_became_of_an_order(self, driver: PaymentGateway[Any]) -> None:
        assert driver.supports & {"callback", "status"}, "declare callback, status, or both"

    def test_what_is_not_supported_is_not_ignored(self, driver: PaymentGateway[Any], charge: Charge) -> None:
        if "preauth" not in driver.supports:
            with pytest.raises(NotSupported):
                driver.start(Charge("suite-hold", charge.amount, success_url=charge.success_url, hold=True))
        if "saved_cards" not in driver.supports:
            with pytest.raises(NotSupported):
                driver.start(Charge("suite-card", charge.amount, success_url=charge.success_url, card="token"))

    @pytest.mark.requires_capability("status")
    def test_a_paid_order_is_settled_under_one_key(
        self, driver: PaymentGateway[Any], charge: Charge, pay: Callable[[Redirect], None]
    ) -> None:
        redirect = self._settled(driver, charge, pay)
        first = driver.status(charge.order_id, redirect.gateway_id)
        second = driver.status(charge.order_id, redirect.gateway_id)
        assert first.status == "settled"
        assert first.order_id == charge.order_id
        assert first.key
        assert first.key == second.key
        assert first.amount is None or first.amount == charge.amount

    @pytest.mark.requires_capability("status")
    def test_two_orders_have_two_keys(
        self, driver: PaymentGateway[Any], charge: Charge, pay: Callable[[Redirect], None]
    ) -> None:
        keys = set()
        for number in (1, 2):
            other = Charge(f"suite-{number}", charge.amount, success_url=charge.success_url)
            redirect = self._settled(driver, other, pay)
            keys.add(driver.status(other.order_id, redirect.gateway_id).key)
        assert len(keys) == 2

    @pytest.mark.requires_capability("status")
    def test_an_order_nobody_made_is_not_settled(self, driver: PaymentGateway[Any]) -> None:
        try:
            state = driver.status("suite-never", "never")
        except (NotFound, ProviderRefused):
            return
        assert state.status in ("pending", "failed")

    @pytest.mark.requires_capability("callback")
    def test_same_callback_twice_is_the_same_payment(self, driver: PaymentGateway[Any], callback: Callback) -> None:
        first = driver.parse_callback(callback)
        assert isinstance(first, PaymentState)
        assert first.key
        assert first.key == driver.parse_callback(callback).key
        assert first.order_id

    @pytest.mark.requires_capability("callback")
    @pytest.mark.parametrize("damage", ["appended", "empty", "changed"])
    def test_altered_body_is_rejected(self, driver: PaymentGateway[Any], callback: Callback, damage: str) -> None:
        body = callback.body
        middle = len(body) // 2
        changed = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        altered = {"appended": body + b"0", "empty": b"", "changed": changed}[damage]
        with pytest.raises(CallbackRejected):
            driver.parse_callback(callback.with_body(altered))

    @pytest.mark.requires_capability("callback")
    def test_the_gateway_gets_an_answer(self, driver: PaymentGateway[Any], callback: Callback) -> None:
        assert isinstance(driver.callback_reply(driver.parse_callback(callback)), CallbackReply)

    @pytest.mark.requires_capability("refund")
    def test_partial_refund_keeps_the_remainder(
        self, driver: PaymentGateway[Any], charge: Charge, pay: Callable[[Redirect], None]
    ) -> None:
        redirect = self._settled(driver, charge, pay)
        part = Money(Decimal("49.00"), charge.amount.currency)
        for _ in range(2):
            state = driver.refund(charge.order_id, redirect.gateway_id, part, refund_id="suite-r1")
        assert state.refunded == part
        assert state.status == "settled"

    @pytest.mark.requires_capability("refund")
    def test_more_than_was_paid_is_not_given_back(
        self, driver: PaymentGateway[Any], charge: Charge, pay: Callable[[Redirect], None]
    ) -> None:
        redirect = self._settled(driver, charge, pay)
        with pytest.raises(ProviderRefused):
            driver.refund(charge.order_id, redirect.gateway_id, charge.amount + charge.amount, refund_id="suite-r2")

    @pytest.mark.requires_capability("preauth")
    def test_held_money_can_be_taken_or_let_go(
        self, driver: PaymentGateway[Any], charge: Charge, pay: Callable[[Redirect], None]
    ) -> None:
        for order_id, taken in (("suite-h1", True), ("suite-h2", False)):
            held = Charge(order_id, charge.amount, success_url=charge.success_url, hold=True)
            redirect = self._settled(driver, held, pay)
            if taken:
                assert driver.capture(order_id, redirect.gateway_id, charge.amount).status == "settled"
            else:
                assert driver.cancel(order_id, redirect.gateway_id).status == "cancelled"

    @pytest.mark.requires_capability("saved_cards")
    def test_a_forgotten_card_is_gone(self, driver: PaymentGateway[Any], charge: Charge) -> None:
        for card in driver.saved_cards(charge.customer_id):
            assert "*" in card.mask
            driver.forget_card(charge.customer_id, card.token)
            driver.forget_card(charge.customer_id, card.token)
        assert driver.saved_cards(charge.customer_id) == ()
