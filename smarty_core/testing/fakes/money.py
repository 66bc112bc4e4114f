"""Fakes around money: a payment gateway with every ability, and a fiscal operator."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, Final

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fiscal import Fiscal, FiscalMark, FiscalReceipt
from smarty_core.contracts.payment_gateway import (
    Callback,
    CallbackRejected,
    Charge,
    PaymentGateway,
    PaymentState,
    Redirect,
    SavedCard,
)
from smarty_core.errors import NotFound, ProviderRefused
from smarty_core.testing.fakes.faulty import Faulty
from smarty_core.values import Money

_KEY: Final = b"key of the fake gateway"


@dataclass
class _Order:
    charge: Charge
    state: PaymentState
    refunds: dict[str, Money] = field(default_factory=dict)


class FakePaymentGateway(Faulty, PaymentGateway[DriverSettings]):
    """Keeps its orders itself. `pay` is what the subscriber does; `callback` is what the gateway then sends."""

    supports: ClassVar[frozenset[str]] = frozenset({"callback", "status", "refund", "preauth", "saved_cards"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.orders: dict[str, _Order] = {}
        self.cards: dict[int, dict[str, SavedCard]] = {}

    def pay(self, order_id: str, *, ok: bool = True) -> None:
        """The subscriber pays on the gateway's page, or fails to."""
        order = self.orders[order_id]
        if order.state.status != "pending":
            return
        paid = "authorized" if order.charge.hold else "settled"
        order.state = PaymentState(
            order_id,
            paid if ok else "failed",  # type: ignore[arg-type]
            key=f"pay-{order_id}",
            amount=order.charge.amount if ok else None,
            reason="" if ok else "card",
            code=0 if ok else 10,
        )
        if ok and order.charge.save_card:
            kept = self.cards.setdefault(order.charge.customer_id, {})
            kept["card-1"] = SavedCard("card-1", "411111******1111", "2030-01")

    def callback(self, order_id: str) -> Callback:
        """A signed callback about the order."""
        state = self.orders[order_id].state
        body = json.dumps({"order": order_id, "status": state.status, "key": state.key}).encode()
        return Callback(headers={"x-signature": _signature(body)}, body=body)

    def start(self, charge: Charge) -> Redirect:
        self._trouble()
        known = self.orders.setdefault(charge.order_id, _Order(charge, PaymentState(charge.order_id, "pending")))
        if charge.card and charge.card not in self.cards.get(charge.customer_id, {}):
            raise ProviderRefused(f"{self.name}: no such card")
        if charge.card:
            self.pay(known.charge.order_id)
        return Redirect("https://pay.example/page", gateway_id=f"fake-{charge.order_id}", finished=bool(charge.card))

    def parse_callback(self, callback: Callback) -> PaymentState:
        self._trouble()
        if not hmac.compare_digest(callback.headers.get("x-signature", ""), _signature(callback.body)):
            raise CallbackRejected(f"{self.name}: the signature is wrong")
        return self._order(json.loads(callback.body)["order"]).state

    def status(self, order_id: str, gateway_id: str) -> PaymentState:
        self._trouble()
        return self._order(order_id).state

    def refund(self, order_id: str, gateway_id: str, amount: Money, *, refund_id: str) -> PaymentState:
        self._trouble()
        order = self._order(order_id)
        if order.state.status not in ("settled", "refunded") or order.state.amount is None:
            raise ProviderRefused(f"{self.name}: nothing was paid")
        paid = order.state.amount
        total = sum((back.amount for back in {**order.refunds, refund_id: amount}.values()), Decimal(0))
        if total > paid.amount:
            raise ProviderRefused(f"{self.name}: more than is left")
        order.refunds.setdefault(refund_id, amount)
        order.state = replace(
            order.state,
            refunded=Money(total, paid.currency),
            status="refunded" if total == paid.amount else "settled",
        )
        return order.state

    def capture(self, order_id: str, gateway_id: str, amount: Money) -> PaymentState:
        self._trouble()
        order = self._order(order_id)
        if order.state.status == "authorized":
            if amount > order.charge.amount:
                raise ProviderRefused(f"{self.name}: more than was held")
            order.state = replace(order.state, status="settled", amount=amount)
        if order.state.status != "settled":
            raise ProviderRefused(f"{self.name}: nothing is held")
        return order.state

    def cancel(self, order_id: str, gateway_id: str) -> PaymentState:
        self._trouble()
        order = self._order(order_id)
        if order.state.status not in ("authorized", "cancelled"):
            raise ProviderRefused(f"{self.name}: nothing is held")
        order.state = replace(order.state, status="cancelled")
        return order.state

    def saved_cards(self, customer_id: int) -> tuple[SavedCard, ...]:
        self._trouble()
        return tuple(self.cards.get(customer_id, {}).values())

    def forget_card(self, customer_id: int, token: str) -> None:
        self._trouble()
        self.cards.get(customer_id, {}).pop(token, None)

    def _order(self, order_id: str) -> _Order:
        try:
            return self.orders[order_id]
        except KeyError:
            raise NotFound(f"{self.name}: no such order") from None


def _signature(body: bytes) -> str:
    return hmac.new(_KEY, body, hashlib.sha256).hexdigest()


class FakeFiscal(Faulty, Fiscal[DriverSettings]):
    """Numbers receipts from 1."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.marks: dict[str, FiscalMark] = {}

    def register(self, receipt: FiscalReceipt) -> FiscalMark:
        self._trouble()
        number = str(len(self.marks) + 1)
        return self.marks.setdefault(receipt.id, FiscalMark(receipt.id, "registered", document=number))

    def status(self, receipt_id: str) -> FiscalMark:
        self._trouble()
        try:
            return self.marks[receipt_id]
        except KeyError:
            raise NotFound(f"{self.name}: no such receipt") from None
