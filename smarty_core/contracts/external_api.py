"""Contract `smarty.external_api`: an operator's billing outside asked by the server while it answers a device.

The methods have the names of the original interface. All are optional; `supports` names the ones a driver has. Every
method takes further keyword arguments, which a later release may add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from smarty_core.contracts.driver import Driver, SettingsT
from smarty_core.contracts.subscriber import Subscriber
from smarty_core.errors import InvalidValue, ProviderRefused


class TariffRefused(ProviderRefused):
    """The tariff is not assigned. `reason`: `balance` (not enough money), `already_active`, or a word of theirs."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class RegistrationRefused(ProviderRefused):
    """The registration is refused with one of the documented codes of AccountRegister, 1 to 25."""

    def __init__(self, code: int, message: str = "") -> None:
        if not 1 <= code <= 25:
            raise InvalidValue("a registration code is from 1 to 25")
        super().__init__(message or f"registration refused with code {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class ApiParams:
    """The device's request behind a call. `params` are the request's parameters without secrets."""

    client_id: int
    ip: str = ""
    device: str = ""
    device_uid: str = ""
    lang: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BalanceAnswer:
    """Money in the operator's currency; `recommended_payment` None = no advice."""

    balance: Decimal
    recommended_payment: Decimal | None = None
    payment_account_id: str = ""


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """One entry of the payment list; positive credits, negative charges."""

    id: str
    paid_at: datetime
    amount: Decimal
    comment: str = ""


@dataclass(frozen=True, slots=True)
class VideoAction:
    """Something that can be bought for a film or channel."""

    name: str
    title: str
    goods_id: str = ""
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """`need_to_create`: the core makes the account now, with these values; else it exists there already."""

    ext_id: str
    abonement: str = ""
    need_to_create: bool = True
    password: str = ""


@dataclass(frozen=True, slots=True)
class TariffAnswer:
    """The tariff is assigned outside. `price` overrides ours, `until` (aware UTC) ends the assignment."""

    ext_id: str = ""
    price: Decimal | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProcessAnswer:
    """What `check_accounts` does with an account."""

    result: Literal["activated", "deactivated", "prolonged", "checked"]
    reason: str = ""


_METHODS = [
    "get_customer_balance",
    "get_customer_payment_list",
    "get_video_actions_list",
    "get_channel_actions_list",
    "perform_video_action",
    "activate_account",
    "deactivate_account",
    "update_account",
    "authorize_account",
    "check_account",
    "register_account_new",
    "post_account_registration",
    "customer_assign_nonbasic_tariff",
    "customer_change_basic_tariff",
    "customer_unassign_nonbasic_tariff",
    "get_tariff_price",
    "post_payment_complete",
    "process_account",
]


class ExternalApi(Driver[SettingsT]):
    """An outside billing. One object serves one integration record of an operator.

    Abilities are the names of the methods. Every method may raise `ProviderUnavailable` and `ProviderProtocolError`;
    `ProviderRefused` where a refusal makes sense, as said. A failing driver never breaks the device's request: the
    caller logs and answers the method's own error. Time limit: `deadline`, by default 5 seconds, since a person waits.
    """

    capability: ClassVar[str] = "external_api"
    deadline: ClassVar[float] = 5.0
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {name: (name,) for name in _METHODS}

    def get_customer_balance(self, subscriber: Subscriber, *, params: ApiParams, **more: Any) -> BalanceAnswer:
        """The customer's money outside. Idempotent."""
        return self._unsupported("get_customer_balance")  # type: ignore[no-any-return]

    def get_customer_payment_list(
        self, subscriber: Subscriber, *, date_from: date, date_to: date, params: ApiParams, **more: Any
    ) -> tuple[PaymentRecord, ...]:
        """Payments from `date_from` to `date_to`, both included, newest first. Idempotent."""
        return self._unsupported("get_customer_payment_list")  # type: ignore[no-any-return]

    def get_video_actions_list(
        self, subscriber: Subscriber, *, video: str, goods_id: str, params: ApiParams, **more: Any
    ) -> tuple[VideoAction, ...]:
        """What may be bought for a film. Idempotent."""
        return self._unsupported("get_video_actions_list")  # type: ignore[no-any-return]

    def get_channel_actions_list(
        self, subscriber: Subscriber, *, channel_id: int, params: ApiParams, **more: Any
    ) -> tuple[VideoAction, ...]:
        """What may be bought for a channel. Idempotent."""
        return self._unsupported("get_channel_actions_list")  # type: ignore[no-any-return]

    def perform_video_action(
        self, subscriber: Subscriber, *, video: str, action: str, goods_id: str, order_id: str, params: ApiParams,
        **more: Any,
    ) -> None:  # fmt: skip
        """Buy or rent. The same `order_id` twice buys once. `ProviderRefused`: not sold."""
        self._unsupported("perform_video_action")

    def activate_account(self, subscriber: Subscriber, *, params: ApiParams, **more: Any) -> str:
        """Activate; returns a text for the log and the subscriber. Idempotent. `ProviderRefused`: stays inactive."""
        return self._unsupported("activate_account")  # type: ignore[no-any-return]

    def deactivate_account(self, subscriber: Subscriber, **more: Any) -> None:
        """Deactivate. Idempotent. `ProviderRefused`: stays active."""
        self._unsupported("deactivate_account")

    def update_account(self, subscriber: Subscriber, *, method: str, params: ApiParams, **more: Any) -> str:
        """Tell that a login used `method`: `ip`, `abomenent`, `phone`, `passoword` (spelt so). Returns a message."""
        return self._unsupported("update_account")  # type: ignore[no-any-return]

    def authorize_account(
        self, subscriber: Subscriber, *, method: str, password: str, params: ApiParams, **more: Any
    ) -> None:
        """Let a login pass by returning. `ProviderRefused`: Login answers 3."""
        self._unsupported("authorize_account")

    def check_account(self, subscriber: Subscriber, *, params: ApiParams, **more: Any) -> None:
        """Asked at login and by AccountStatus. Idempotent. `ProviderRefused`: Login answers 3, the status is 2."""
        self._unsupported("check_account")

    def register_account_new(
        self, register_params: Mapping[str, str], *, params: ApiParams, **more: Any
    ) -> RegistrationAnswer:
        """Register a new subscriber. Raises `RegistrationRefused` with the code to answer."""
        return self._unsupported("register_account_new")  # type: ignore[no-any-return]

    def post_account_registration(self, subscriber: Subscriber, **more: Any) -> None:
        """Told after the account exists. Idempotent."""
        self._unsupported("post_account_registration")

    def customer_assign_nonbasic_tariff(
        self, subscriber: Subscriber, *, tariff: str, is_free: bool, **more: Any
    ) -> TariffAnswer:
        """Assign an additional tariff (its ext_id, or our id). Idempotent. Raises `TariffRefused`."""
        return self._unsupported("customer_assign_nonbasic_tariff")  # type: ignore[no-any-return]

    def customer_change_basic_tariff(
        self, subscriber: Subscriber, *, tariff: str, is_free: bool, check_balance: bool, **more: Any
    ) -> TariffAnswer:
        """Make `tariff` the basic one. Idempotent. Raises `TariffRefused`."""
        return self._unsupported("customer_change_basic_tariff")  # type: ignore[no-any-return]

    def customer_unassign_nonbasic_tariff(self, subscriber: Subscriber, *, tariff: str, **more: Any) -> None:
        """Take an additional tariff away. Idempotent: an absent one is taken away already."""
        self._unsupported("customer_unassign_nonbasic_tariff")

    def get_tariff_price(self, subscriber: Subscriber, *, tariff: str, **more: Any) -> Decimal:
        """The price of a tariff for this customer. Idempotent."""
        return self._unsupported("get_tariff_price")  # type: ignore[no-any-return]

    def post_payment_complete(
        self, subscriber: Subscriber, *, transaction_id: int, amount: Decimal, source: int, **more: Any
    ) -> None:
        """Told, through the outbox, that a payment is final. Idempotent by `transaction_id`."""
        self._unsupported("post_payment_complete")

    def process_account(self, subscriber: Subscriber, **more: Any) -> ProcessAnswer:
        """Decide about an account for the check_accounts command. Idempotent within a day."""
        return self._unsupported("process_account")  # type: ignore[no-any-return]
