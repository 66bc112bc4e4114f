"""Contract `smarty.cas`: tells a conditional access system what a smart card may decrypt."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from smarty_core.contracts.driver import Driver, SettingsT
from smarty_core.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class CardRight:
    """One product on one card.

    `products` is the whole set the card has after this change, for systems that are told everything each time.
    `end` None = until revoked. Times are aware UTC.
    """

    card: str
    product: str
    products: frozenset[str] = frozenset()
    begin: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if not self.card or not self.product:
            raise InvalidValue("a right needs a card and a product")


class Cas(Driver[SettingsT]):
    """A conditional access system. One object serves one head-end.

    Calls for one card come one after another, in order. Every method is idempotent, may be repeated after a failure,
    and raises only the three `ProviderError` kinds. Ability: `pairing` (a card works in one device only).
    """

    capability: ClassVar[str] = "cas"
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {"pairing": ("pair", "unpair")}

    @abstractmethod
    def grant(self, right: CardRight) -> None:
        """Let the card decrypt the product. Granting what is granted changes nothing but its times."""

    @abstractmethod
    def revoke(self, right: CardRight) -> None:
        """Take the product from the card. Revoking what is not there succeeds."""

    def pair(self, card: str, device_uid: str) -> None:
        """Bind the card to one device; a former binding ends. Ability `pairing`."""
        self._unsupported("pairing")

    def unpair(self, card: str) -> None:
        """Free the card from its device. Ability `pairing`."""
        self._unsupported("pairing")
