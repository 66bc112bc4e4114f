"""Fakes around films: an online cinema and a metadata source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.metadata_source import Metadata, MetadataMatch, MetadataQuery, MetadataSource
from smarty_core.contracts.online_cinema import (
    CinemaAction,
    CinemaStream,
    Episode,
    OnlineCinema,
    Removed,
    Season,
    Title,
)
from smarty_core.contracts.subscriber import Subscriber
from smarty_core.errors import NotFound, ProviderRefused
from smarty_core.testing.fakes.faulty import Faulty
from smarty_core.values import Money, utc_now


class FakeOnlineCinema(Faulty, OnlineCinema[DriverSettings]):
    """A film and a serial; playing needs an open subscription or a bought title."""

    supports: ClassVar[frozenset[str]] = frozenset({"incremental", "subscription", "purchase"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.titles: list[Title] = [
            Title("101", {"en": "Metropolis"}, access=("subscription", "rent"), genres=("drama",), year=1927),
            Title(
                "102",
                {"en": "Long serial"},
                access=("subscription",),
                seasons=(Season(1, (Episode("102-1-1", 1), Episode("102-1-2", 2))),),
            ),
        ]
        self.changed_at = utc_now()
        self.subscribed: set[int] = set()
        self.bought: dict[str, tuple[int, str]] = {}

    def catalogue(self, since: datetime | None) -> Iterator[Title | Removed]:
        self._trouble()
        if since is None or since < self.changed_at:
            yield from self.titles

    def genres(self) -> Mapping[str, Mapping[str, str]]:
        self._trouble()
        return {"drama": {"en": "Drama", "ru": "Драма"}}

    def playback(self, title_id: str, subscriber: Subscriber, *, episode_id: str = "") -> CinemaStream:
        self._trouble()
        if all(title.id != title_id for title in self.titles):
            raise NotFound(f"{self.name}: no title {title_id}")
        if subscriber.account_id not in self.subscribed and (subscriber.account_id, title_id) not in set(
            self.bought.values()
        ):
            raise ProviderRefused(f"{self.name}: not subscribed")
        return CinemaStream(f"https://cinema.example/{title_id}{episode_id}.m3u8")

    def actions(self, title_id: str, subscriber: Subscriber) -> tuple[CinemaAction, ...]:
        self._trouble()
        return (CinemaAction("rent", "Rent", goods_id="g1", price=Money(Decimal(3), "EUR"), rent_seconds=172_800),)

    def perform(self, title_id: str, subscriber: Subscriber, *, action: str, goods_id: str, order_id: str) -> None:
        self._trouble()
        self.bought.setdefault(order_id, (subscriber.account_id, title_id))

    def subscribe(self, subscriber: Subscriber, service_id: str) -> None:
        self._trouble()
        self.subscribed.add(subscriber.account_id)

    def unsubscribe(self, subscriber: Subscriber, service_id: str) -> None:
        self._trouble()
        self.subscribed.discard(subscriber.account_id)


class FakeMetadataSource(Faulty, MetadataSource[DriverSettings]):
    """Knows what is put into `known`, by id."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.known: dict[str, Metadata] = {
            "m1": Metadata("m1", {"en": "Metropolis"}, year=1927),
            "m2": Metadata("m2", {"en": "Metropolis restored"}, year=2010),
        }

    def find(self, query: MetadataQuery) -> tuple[MetadataMatch, ...]:
        self._trouble()
        matches = []
        for item in self.known.values():
            names = [name.lower() for name in item.names.values()]
            if any(query.title.lower() in name for name in names):
                likeness = 0.9 if query.title.lower() in names else 0.5
                matches.append(MetadataMatch(item.id, next(iter(item.names.values())), likeness, item.year))
        return tuple(sorted(matches, key=lambda match: -match.likeness))

    def details(self, id: str) -> Metadata:
        self._trouble()
        try:
            return self.known[id]
        except KeyError:
            raise NotFound(f"{self.name}: no {id}") from None
