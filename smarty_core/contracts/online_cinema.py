"""Contract `smarty.online_cinema`: films and serials of an outside service."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from smarty_core.contracts.driver import Driver, SettingsT
from smarty_core.contracts.subscriber import Subscriber
from smarty_core.values import Money

AccessKind = Literal["free", "subscription", "rent", "buy"]


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode; numbers are one-based. `id` is the service's own, unique inside the title."""

    id: str
    number: int
    names: Mapping[str, str] = field(default_factory=dict)
    duration: int = 0
    """Seconds; 0 = not said."""


@dataclass(frozen=True, slots=True)
class Season:
    number: int
    episodes: tuple[Episode, ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """A film or serial as the service tells it. Texts by language ("" = not said). A serial has seasons."""

    id: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    access: tuple[AccessKind, ...] = ()
    genres: tuple[str, ...] = ()
    """Keys of `genres()`."""
    countries: tuple[str, ...] = ()
    year: int = 0
    duration: int = 0
    age: int = 0
    poster: str = ""
    pictures: tuple[str, ...] = ()
    ratings: Mapping[str, str] = field(default_factory=dict)
    participants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seasons: tuple[Season, ...] = ()
    premiere: str = ""


@dataclass(frozen=True, slots=True)
class Removed:
    """A title that is no longer offered."""

    id: str


@dataclass(frozen=True, slots=True)
class CinemaStream:
    """An address to play. `expires` is aware UTC; None = does not expire."""

    uri: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class CinemaAction:
    """Something the subscriber may do with a title: `name` goes back to `perform` with `goods_id`."""

    name: str
    title: str
    goods_id: str = ""
    price: Money | None = None
    rent_seconds: int = 0


class OnlineCinema(Driver[SettingsT]):
    """An outside cinema. One object serves one partner contract.

    Abilities: `incremental` (`catalogue(since)` tells only changes and removals), `subscription`, `purchase`.
    Any method raises the three `ProviderError` kinds.
    """

    capability: ClassVar[str] = "online_cinema"
    deadline: ClassVar[float] = 20.0
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "incremental": (),
        "subscription": ("subscribe", "unsubscribe"),
        "purchase": ("actions", "perform"),
    }

    @abstractmethod
    def catalogue(self, since: datetime | None) -> Iterator[Title | Removed]:
        """Yield the catalogue, memory staying flat. Idempotent.

        `since` None wants everything. With the ability `incremental` a time wants only what changed after it; without
        the ability everything comes and what did not come is gone. A damaged title is left out, not fatal.
        """

    @abstractmethod
    def genres(self) -> Mapping[str, Mapping[str, str]]:
        """Genre keys with their names by language; the operator maps them to his own genres."""

    @abstractmethod
    def playback(self, title_id: str, subscriber: Subscriber, *, episode_id: str = "") -> CinemaStream:
        """The address of a title or episode for this subscriber. May be called twice.

        Raises `NotFound` for an unknown title or episode and `ProviderRefused` when the subscriber has no right to it.
        """

    def actions(self, title_id: str, subscriber: Subscriber) -> tuple[CinemaAction, ...]:
        """What the subscriber may buy for this title now. Idempotent. Ability `purchase`."""
        return self._unsupported("purchase")  # type: ignore[no-any-return]

    def perform(self, title_id: str, subscriber: Subscriber, *, action: str, goods_id: str, order_id: str) -> None:
        """Do the action. Ability `purchase`. The same `order_id` twice does it once. Money is taken by the caller."""
        self._unsupported("purchase")

    def subscribe(self, subscriber: Subscriber, service_id: str) -> None:
        """Open the subscription. Idempotent: one that is open stays open. Ability `subscription`."""
        self._unsupported("subscription")

    def unsubscribe(self, subscriber: Subscriber, service_id: str) -> None:
        """Close the subscription. Idempotent: closing a closed or unknown one succeeds. Ability `subscription`."""
        self._unsupported("subscription")
