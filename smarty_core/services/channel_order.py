"""What each account arranged for itself: its order of channels, favourites, hidden and locked ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smarty_core.services.listing import Listed
from smarty_core.services.remembered import Remembered
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import channels as rows

if TYPE_CHECKING:
    from smarty_core.services.viewer import Viewer
    from smarty_core.storage.cache import Cache

KEPT: Final = 200_000
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Arrangement:
    """An account's own settings of channels. Equal digests mean equal settings; empty = nothing arranged."""

    order: tuple[int, ...] = ()
    favourites: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    unlocked: frozenset[int] = frozenset()
    digest: str = ""

    def is_locked(self, channel_id: int, *, by_operator: bool) -> bool:
        """Whether a PIN is asked: what the account says, else what the operator says."""
        return channel_id in self.locked or (by_operator and channel_id not in self.unlocked)


NOTHING_ARRANGED: Final = Arrangement()


class Arrangements:
    """The arrangements of all accounts. Changes bump `account:<id>:channels`."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        self._version = cache.tag_versions.version
        self._kept: Remembered[Arrangement] = Remembered(cache.tag_versions.vector, limit=KEPT, seconds=DAY)

    def of(self, viewer: Viewer) -> Arrangement:
        """What a viewer's account arranged."""
        if viewer.lacks("channels", self._version):
            return NOTHING_ARRANGED

        def build() -> Arrangement:
            with self._database.read() as session:
                return arrangement(rows.account_channels(session, viewer.client_id, viewer.account_id))

        tags = (f"account:{viewer.account_id}:channels",)
        return self._kept.get((viewer.client_id, viewer.account_id), tags=tags, build=build)


def arrangement(found: Sequence[rows.AccountChannelRow]) -> Arrangement:
    """The arrangement that rows (in the account's order) mean."""
    order = tuple(row.channel_id for row in found if row.position is not None)
    favourites = frozenset(row.channel_id for row in found if row.is_favorited)
    hidden = frozenset(row.channel_id for row in found if row.is_hidden)
    locked = frozenset(row.channel_id for row in found if row.is_parent_control is True)
    unlocked = frozenset(row.channel_id for row in found if row.is_parent_control is False)
    if not (order or favourites or hidden or locked or unlocked):
        return NOTHING_ARRANGED
    text = repr((order, *(sorted(ids) for ids in (favourites, hidden, locked, unlocked))))
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return Arrangement(order, favourites, hidden, locked, unlocked, digest)


def ordered(items: Iterable[Listed], order: Sequence[int]) -> list[Listed]:
    """`items` in this order of channel ids; those that are not named stand behind, as they were."""
    places = {channel_id: place for place, channel_id in enumerate(order)}
    return sorted(items, key=lambda item: places.get(item.channel.id, len(places)))
