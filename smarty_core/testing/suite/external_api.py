"""Compliance suite of `smarty.external_api`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from smarty_core.contracts.external_api import (
    ApiParams,
    BalanceAnswer,
    ExternalApi,
    PaymentRecord,
    ProcessAnswer,
    RegistrationAnswer,
    TariffAnswer,
    VideoAction,
)
from smarty_core.contracts.subscriber import Subscriber
from smarty_core.testing.suite.driver import DriverSuite


class ExternalApiSuite(DriverSuite):
    """Override `driver`; its service (a simulator) knows `subscriber` and lets him do everything."""

    @pytest.fixture
    def subscriber(self) -> Subscriber:
        return Subscriber(client_id=1, account_id=1001, customer_id=900, abonement="1001", ext_id="C1001")

    @pytest.fixture
    def params(self) -> ApiParams:
        return ApiParams(client_id=1, ip="203.0.113.7", device="mag_250", device_uid="uid1", lang="ru")

    @pytest.fixture
    def tariff(self) -> str:
        """A tariff that can be bought."""
        return "42"

    def test_something_is_supported(self, driver: ExternalApi[Any]) -> None:
        assert driver.supports & driver.abilities.keys()

    @pytest.mark.requires_capability("get_customer_balance")
    def test_balance_is_exact(self, driver: ExternalApi[Any], subscriber: Subscriber, params: ApiParams) -> None:
        answer = driver.get_customer_balance(subscriber, params=params, argument_of_a_later_release=1)
        assert isinstance(answer, BalanceAnswer)
        assert isinstance(answer.balance, Decimal)
        assert answer == driver.get_customer_balance(subscriber, params=params)

    @pytest.mark.requires_capability("get_customer_payment_list")
    def test_payments_are_inside_the_window(
        self, driver: ExternalApi[Any], subscriber: Subscriber, params: ApiParams
    ) -> None:
        begin, end = date(2023, 1, 1), date(2023, 12, 31)
        payments = driver.get_customer_payment_list(subscriber, date_from=begin, date_to=end, params=params)
        assert all(isinstance(payment, PaymentRecord) for payment in payments)
        assert list(payments) == sorted(payments, key=lambda payment: payment.paid_at, reverse=True)
        for payment in payments:
            assert datetime(2022, 12, 31, tzinfo=UTC) <= payment.paid_at < datetime(2024, 1, 2, tzinfo=UTC)

    @pytest.mark.requires_capability("get_video_actions_list")
    def test_video_actions_are_named(self, driver: ExternalApi[Any], subscriber: Subscriber, params: ApiParams) -> None:
        for action in driver.get_video_actions_list(subscriber, video="1", goods_id="", params=params):
            assert isinstance(action, VideoAction)
            assert action.name

    @pytest.mark.requires_capability("check_account")
    def test_a_good_account_passes(self, driver: ExternalApi[Any], subscriber: Subscriber, params: ApiParams) -> None:
        driver.check_account(subscriber, params=params)

    @pytest.mark.requires_capability("activate_account")
    def test_activation_can_be_repeated(
        self, driver: ExternalApi[Any], subscriber: Subscriber, params: ApiParams
    ) -> None:
        assert isinstance(driver.activate_account(subscriber, params=params), str)
        assert isinstance(driver.activate_account(subscriber, params=params), str)

    @pytest.mark.requires_capability("register_account_new")
    def test_registration_tells_the_outside_id(self, driver: ExternalApi[Any], params: ApiParams) -> None:
        answer = driver.register_account_new({"mobile_phone_number": "79990000000"}, params=params)
        assert isinstance(answer, RegistrationAnswer)
        assert answer.ext_id

    @pytest.mark.requires_capability("customer_assign_nonbasic_tariff")
    def test_assigning_a_tariff_can_be_repeated(
        self, driver: ExternalApi[Any], subscriber: Subscriber, tariff: str
    ) -> None:
        for _ in range(2):
            answer = driver.customer_assign_nonbasic_tariff(subscriber, tariff=tariff, is_free=False)
            assert isinstance(answer, TariffAnswer)

    @pytest.mark.requires_capability("customer_unassign_nonbasic_tariff")
    def test_taking_a_tariff_away_can_be_repeated(
        self, driver: ExternalApi[Any], subscriber: Subscriber, tariff: str
    ) -> None:
        driver.customer_unassign_nonbasic_tariff(subscriber, tariff=tariff)
        driver.customer_unassign_nonbasic_tariff(subscriber, tariff=tariff)

    @pytest.mark.requires_capability("process_account")
    def test_processing_gives_a_verdict(self, driver: ExternalApi[Any], subscriber: Subscriber) -> None:
        answer = driver.process_account(subscriber)
        assert isinstance(answer, ProcessAnswer)
        assert answer.result in ("activated", "deactivated", "prolonged", "checked")
