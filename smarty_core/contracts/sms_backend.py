"""Contract `smarty.sms_backend`: sends short messages."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from smarty_core.contracts.driver import Driver, SettingsT
from smarty_core.errors import InvalidValue
from smarty_core.values import Money

SmsState = Literal["queued", "sent", "delivered", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Sms:
    """One message to one phone. `phone` is in international form, digits only (7 to 15), no `+`.

    `id` is ours and unique: a backend passes it on where the provider knows such a thing, so that a repetition is
    recognised. `sender` replaces the configured sender name.
    """

    phone: str
    text: str
    id: str = ""
    sender: str = ""

    def __post_init__(self) -> None:
        if not (self.phone.isascii() and self.phone.isdigit() and 7 <= len(self.phone) <= 15):
            raise InvalidValue("a phone is 7 to 15 digits in international form, without +")
        if not self.text:
            raise InvalidValue("a message needs a text")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message. `id` is what `status` is asked with; never empty."""

    id: str
    parts: int = 1
    price: Money | None = None


class SmsBackend(Driver[SettingsT]):
    """Sends messages. One object serves one set of credentials.

    Abilities: `status` (delivery can be asked for), `balance` (money left can be asked for), `inline`.
    """

    capability: ClassVar[str] = "sms_backend"
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {"status": ("status",), "balance": ("balance",)}

    @abstractmethod
    def send(self, sms: Sms) -> Receipt:
        """Hand `sms` to the provider and return once it was taken.

        Not idempotent: the core never repeats it by itself. Raises `ProviderUnavailable` when it is certain that
        nothing was sent and later may work (no connection, no money counts as refused), `ProviderRefused` when the
        provider will not take this message or these credentials, `ProviderProtocolError` when the answer cannot be
        understood (the message may have been sent). Time limit: `deadline`.
        """

    def status(self, receipt_id: str) -> SmsState:
        """How far the message got. Idempotent. Ability `status`.

        `unknown` when the provider does not know the id. Raises the three `ProviderError` kinds.
        """
        return self._unsupported("status")  # type: ignore[no-any-return]

    def balance(self) -> Money:
        """Money left at the provider. Idempotent. Ability `balance`. Raises the three `ProviderError` kinds."""
        return self._unsupported("balance")  # type: ignore[no-any-return]
