"""Fakes around subscribers: short messages, captcha, cards, an outside billing."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from smarty_core.contracts.captcha import Captcha, Challenge
from smarty_core.contracts.cas import CardRight, Cas
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.external_api import (
    ApiParams,
    BalanceAnswer,
    ExternalApi,
    PaymentRecord,
    ProcessAnswer,
    RegistrationAnswer,
    TariffAnswer,
    TariffRefused,
    VideoAction,
)
from smarty_core.contracts.sms_backend import Receipt, Sms, SmsBackend, SmsState
from smarty_core.contracts.subscriber import Subscriber
from smarty_core.errors import ProviderRefused
from smarty_core.testing.fakes.faulty import Faulty
from smarty_core.values import Money


class FakeSmsBackend(Faulty, SmsBackend[DriverSettings]):
    """Remembers messages in `sent`; every message is delivered at once."""

    supports: ClassVar[frozenset[str]] = frozenset({"status", "balance"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sent: list[Sms] = []

    def send(self, sms: Sms) -> Receipt:
        self._trouble()
        self.sent.append(sms)
        return Receipt(f"receipt-{len(self.sent)}", parts=1, price=Money(Decimal("1.75"), "RUB"))

    def status(self, receipt_id: str) -> SmsState:
        self._trouble()
        known = {f"receipt-{number}" for number in range(1, len(self.sent) + 1)}
        return "delivered" if receipt_id in known else "unknown"

    def balance(self) -> Money:
        self._trouble()
        return Money(Decimal(100) - Decimal("1.75") * len(self.sent), "RUB")


class FakeCaptcha(Faulty, Captcha[DriverSettings]):
    """The answer is the key, and the picture is empty but for a number."""

    supports: ClassVar[frozenset[str]] = frozenset({"inline"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._numbers = itertools.count(1)

    def create(self) -> Challenge:
        self._trouble()
        number = next(self._numbers)
        return Challenge(key=f"key{number}", picture=f'<svg id="n{number}"/>'.encode())

    def check(self, key: str, answer: str) -> bool:
        self._trouble()
        return answer.strip().lower() == key


class FakeCas(Faulty, Cas[DriverSettings]):
    """Keeps the products of each card in `cards` and pairs in `pairs`."""

    supports: ClassVar[frozenset[str]] = frozenset({"pairing"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.cards: dict[str, set[str]] = {}
        self.pairs: dict[str, str] = {}

    def grant(self, right: CardRight) -> None:
        self._trouble()
        self.cards.setdefault(right.card, set()).add(right.product)

    def revoke(self, right: CardRight) -> None:
        self._trouble()
        self.cards.setdefault(right.card, set()).discard(right.product)

    def pair(self, card: str, device_uid: str) -> None:
        self._trouble()
        self.pairs[card] = device_uid

    def unpair(self, card: str) -> None:
        self._trouble()
        self.pairs.pop(card, None)


class FakeExternalApi(Faulty, ExternalApi[DriverSettings]):
    """A small billing: balances, tariffs and payments by abonement; `blocked` accounts are refused."""

    supports: ClassVar[frozenset[str]] = frozenset(
        {
            "get_customer_balance",
            "get_customer_payment_list",
            "get_video_actions_list",
            "check_account",
            "activate_account",
            "register_account_new",
            "customer_assign_nonbasic_tariff",
            "customer_unassign_nonbasic_tariff",
            "process_account",
        }
    )

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.balances: dict[str, Decimal] = {}
        self.blocked: set[str] = set()
        self.tariffs: dict[str, set[str]] = {}
        self.price = Decimal(0)

    def get_customer_balance(self, subscriber: Subscriber, *, params: ApiParams, **more: Any) -> BalanceAnswer:
        self._trouble()
        return BalanceAnswer(self.balances.get(subscriber.abonement, Decimal(0)))

    def get_customer_payment_list(
        self, subscriber: Subscriber, *, date_from: date, date_to: date, params: ApiParams, **more: Any
    ) -> tuple[PaymentRecord, ...]:
        self._trouble()
        paid = PaymentRecord("1", datetime(2023, 11, 14, 12, tzinfo=UTC), Decimal(100), "cash desk")
        return (paid,) if date_from <= paid.paid_at.date() <= date_to else ()

    def get_video_actions_list(
        self, subscriber: Subscriber, *, video: str, goods_id: str, params: ApiParams, **more: Any
    ) -> tuple[VideoAction, ...]:
        self._trouble()
        return (VideoAction("rent", "Rent", goods_id="r1", price=Decimal(3)),)

    def check_account(self, subscriber: Subscriber, *, params: ApiParams, **more: Any) -> None:
        self._trouble()
        if subscriber.abonement in self.blocked:
            raise ProviderRefused(f"{self.name}: the account is blocked")

    def activate_account(self, subscriber: Subscriber, *, params: ApiParams, **more: Any) -> str:
        self._trouble()
        self.blocked.discard(subscriber.abonement)
        return "activated"

    def register_account_new(
        self, register_params: Mapping[str, str], *, params: ApiParams, **more: Any
    ) -> RegistrationAnswer:
        self._trouble()
        return RegistrationAnswer(ext_id=f"X{len(self.balances) + 1}")

    def customer_assign_nonbasic_tariff(
        self, subscriber: Subscriber, *, tariff: str, is_free: bool, **more: Any
    ) -> TariffAnswer:
        self._trouble()
        if not is_free and self.price > self.balances.get(subscriber.abonement, Decimal(0)):
            raise TariffRefused("balance")
        self.tariffs.setdefault(subscriber.abonement, set()).add(tariff)
        return TariffAnswer(price=self.price)

    def customer_unassign_nonbasic_tariff(self, subscriber: Subscriber, *, tariff: str, **more: Any) -> None:
        self._trouble()
        self.tariffs.get(subscriber.abonement, set()).discard(tariff)

    def process_account(self, subscriber: Subscriber, **more: Any) -> ProcessAnswer:
        self._trouble()
        return ProcessAnswer("deactivated" if subscriber.abonement in self.blocked else "checked")
