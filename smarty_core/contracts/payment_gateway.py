"""Contract `smarty.payment_gateway`: takes subscribers' money through an outside gateway.

Where money moves: `start` never moves any (the subscriber does, on the gateway's page), except with a saved card.
`capture`, `cancel` and `refund` move money at the gateway. No method changes a balance here: the core does that, once
per `PaymentState.key`, when a state says `settled`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from smarty_core.contracts.driver import Driver, SettingsT
from smarty_core.errors import InvalidValue, ProviderRefused
from smarty_core.values import Money

PaymentStatus = Literal["pending", "authorized", "settled", "failed", "cancelled", "refunded"]


class CallbackRejected(ProviderRefused):
    """A callback whose signature, source or content proves nothing. Nothing may be credited for it."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A wish to be paid. `order_id` is ours: unique, up to 50 characters of A-Z a-z 0-9 and `-`."""

    order_id: str
    amount: Money
    description: str = ""
    success_url: str = ""
    fail_url: str = ""
    customer_id: int = 0
    phone: str = ""
    email: str = ""
    ip: str = ""
    language: str = ""
    card: str = ""
    """Pay with this saved card (ability `saved_cards`)."""
    save_card: bool = False
    hold: bool = False
    """Only reserve the money (ability `preauth`)."""

    def __post_init__(self) -> None:
        if not 0 < len(self.order_id) <= 50 or not self.order_id.replace("-", "").isalnum():
            raise InvalidValue("an order id is 1 to 50 letters, digits and hyphens")
        if not self.order_id.isascii():
            raise InvalidValue("an order id is ASCII")
        if self.amount.amount <= 0:
            raise InvalidValue("a charge is more than nothing")


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the subscriber pays. `gateway_id` is the gateway's number of the order; empty when it has none yet.

    With `method` POST the browser sends `form`. `finished` means that a saved card paid at once: no page is needed and
    the state is asked next.
    """

    url: str
    gateway_id: str = ""
    method: Literal["GET", "POST"] = "GET"
    form: Mapping[str, str] = field(default_factory=dict)
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Callback:
    """What the gateway sent to us, untouched. Header names are in lower case."""

    method: str = "POST"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    ip: str = ""

    def with_body(self, body: bytes) -> Callback:
        """The same callback with another body."""
        return replace(self, body=body)


@dataclass(frozen=True, slots=True)
class PaymentState:
    """What the gateway says about an order.

    `key` is the gateway's own unique number of the payment; with the gateway's name it is unique in the ledger, so a
    state that is told twice is credited once. It is the same in `parse_callback` and `status`, and never empty once
    the status is not `pending`. `amount` is what was really paid; `refunded` what went back of it.
    """

    order_id: str
    status: PaymentStatus
    key: str = ""
    amount: Money | None = None
    refunded: Money | None = None
    reason: str = ""
    """Why it failed, in the gateway's word."""
    code: int = 0
    """A documented payment error: 2 gateway, 3 network, 5 instrument, 6 fraud, 7 funds, 8 limit, 10 card, 12 user."""
    card: str = ""
    """Token of the card that paid, when it may be used again."""
    card_mask: str = ""


@dataclass(frozen=True, slots=True)
class CallbackReply:
    """What the gateway wants to hear after its callback was worked on."""

    body: bytes = b"OK"
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class SavedCard:
    token: str
    mask: str
    """As shown to the subscriber, e.g. `411111******1111`."""
    expires: str = ""
    """`YYYY-MM` when known."""


class PaymentGateway(Driver[SettingsT]):
    """A payment gateway. One object serves one merchant.

    Abilities: `callback`, `status` (at least one of these two), `refund`, `preauth`, `saved_cards`. All methods raise
    the three `ProviderError` kinds.
    """

    capability: ClassVar[str] = "payment_gateway"
    deadline: ClassVar[float] = 20.0
    source: ClassVar[int] = 11
    """Number of the source in transactions, as documented: 10 Payture, 11 null, 12 Fortebank, 13 Stripe, 14 Sber."""
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "callback": ("parse_callback",),
        "status": ("status",),
        "refund": ("refund",),
        "preauth": ("capture", "cancel"),
        "saved_cards": ("saved_cards", "forget_card"),
    }

    @abstractmethod
    def start(self, charge: Charge) -> Redirect:
        """Announce the order and say where it is paid.

        The same `order_id` twice may return another address but never makes two payments. Raises `NotSupported` for
        `hold` or `card` when the ability is not declared.
        """

    def parse_callback(self, callback: Callback) -> PaymentState:
        """Read a callback. Pure or asking only: the same callback always gives the same `key`. Ability `callback`.

        Raises `CallbackRejected` unless it is certain that the gateway sent exactly this: where callbacks are not
        signed, the state is asked from the gateway before it is believed.
        """
        return self._unsupported("callback")  # type: ignore[no-any-return]

    def callback_reply(self, state: PaymentState) -> CallbackReply:
        """The answer the gateway expects once `state` is stored."""
        return CallbackReply()

    def status(self, order_id: str, gateway_id: str) -> PaymentState:
        """Ask what became of an order. Idempotent. Ability `status`.

        An order nobody began to pay is `pending`. Raises `NotFound` when the gateway surely never heard of it.
        """
        return self._unsupported("status")  # type: ignore[no-any-return]

    def refund(self, order_id: str, gateway_id: str, amount: Money, *, refund_id: str) -> PaymentState:
        """Give back `amount`, all or a part. The same `refund_id` twice gives back once. Ability `refund`.

        Raises `ProviderRefused` for more than is left. A part leaves the status `settled` with `refunded` raised.
        """
        return self._unsupported("refund")  # type: ignore[no-any-return]

    def capture(self, order_id: str, gateway_id: str, amount: Money) -> PaymentState:
        """Take money that was held, at most what was held. Idempotent. Ability `preauth`."""
        return self._unsupported("preauth")  # type: ignore[no-any-return]

    def cancel(self, order_id: str, gateway_id: str) -> PaymentState:
        """Let go of money that was held. Idempotent. Ability `preauth`."""
        return self._unsupported("preauth")  # type: ignore[no-any-return]

    def saved_cards(self, customer_id: int) -> tuple[SavedCard, ...]:
        """Cards the customer may pay with. Idempotent. Ability `saved_cards`."""
        return self._unsupported("saved_cards")  # type: ignore[no-any-return]

    def forget_card(self, customer_id: int, token: str) -> None:
        """Forget a card. Idempotent: an unknown one is forgotten already. Ability `saved_cards`."""
        self._unsupported("saved_cards")
