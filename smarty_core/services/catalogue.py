"""The operator's catalogue: his channels, categories and named orders, kept in memory until they change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from smarty_core.api.catalogue import Channel as PublicChannel
from smarty_core.api.catalogue import ChannelCategory
from smarty_core.errors import NotFound, SmartyError
from smarty_core.events import log_event
from smarty_core.services.channel_order import Arrangements
from smarty_core.services.guide_tags import CHANNELS_TAG, GuideTags
from smarty_core.services.icons import Icons
from smarty_core.services.languages import Texts, pick, texts
from smarty_core.services.line_up import LineUp, build_line_up
from smarty_core.services.listing import Listing, archive_days, listed_for, listed_for_all, make_listing
from smarty_core.services.remembered import Remembered
from smarty_core.services.works import WorksCalendars
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import categories as category_rows
from smarty_core.storage.repositories import channels as channel_rows

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.services.entitlements import Entitlement
    from smarty_core.storage.cache import Cache

OPERATORS_KEPT: Final = 2_000
LISTINGS_KEPT: Final = 5_000
DAY: Final = 86_400.0

_log = logging.getLogger("smarty_content_requests")


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A category of an operator's channels."""

    id: int
    names: Texts
    description: str
    color: str
    icon_url: str
    icon_tv_url: str
    dashboard_icon_url: str


@dataclass(frozen=True, slots=True)
class SortFacts:
    """A named order of channels."""

    id: int
    names: Texts
    channel_ids: tuple[int, ...]


class Catalogue:
    """Channels, categories and orders of all operators. Safe between threads; without SQL until a tag moves."""

    def __init__(self, *, database: Database, cache: Cache, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._warmers: list[Callable[[int], None]] = []
        self.icons = Icons(settings)
        self.works = WorksCalendars(database=database, cache=cache)
        self.arrangements = Arrangements(database=database, cache=cache)
        self.guide_tags = GuideTags(cache.tag_versions)
        allowed = settings.TVMIDDLEWARE_CHANNEL_AUTOSORT
        self._allowed_sorts: tuple[str, ...] | None = None if allowed is None else tuple(map(str, allowed))
        versions = cache.tag_versions.vector
        self._line_ups: Remembered[LineUp] = Remembered(versions, limit=OPERATORS_KEPT, seconds=DAY)
        self._listings: Remembered[Listing] = Remembered(versions, limit=LISTINGS_KEPT, seconds=DAY)
        self._categories: Remembered[tuple[CategoryFacts, ...]] = Remembered(
            versions, limit=OPERATORS_KEPT, seconds=DAY
        )
        self._sorts: Remembered[tuple[SortFacts, ...]] = Remembered(versions, limit=OPERATORS_KEPT, seconds=DAY)

    def on_warm(self, warm: Callable[[int], None]) -> None:
        """Have `warm(client_id)` called too when an operator's lists are made ready beforehand."""
        self._warmers.append(warm)

    def warm(self, client_id: int) -> int:
        """Make ready what the operator's lists need; how many channels he has. Nothing depends on its being called."""
        found = self.line_up(client_id)
        self.channel_categories(client_id)
        self.sorts(client_id)
        self.public_listing(client_id)
        for warm in self._warmers:
            warm(client_id)
        return len(found.channels)

    def warm_all(
        self, client_ids: Iterable[int], made: Callable[[int, int], None] = lambda _id, _channels: None
    ) -> None:
        """The same for several operators; `made(client_id, channels)` is told of each.

        One whose lists cannot be made stops no other; at the end `SmartyError` names all of them.
        """
        failed = []
        for client_id in client_ids:
            try:
                made(client_id, self.warm(client_id))
            except SmartyError as exc:
                failed.append(f"operator {client_id}: {exc}")
        if failed:
            raise SmartyError("; ".join(failed))

    def line_up(self, client_id: int) -> LineUp:
        """The operator's channels. Says CLIENT_CHANNELS_NOT_FOUND when he has none."""

        def build() -> LineUp:
            with self._database.read() as session:
                rows = channel_rows.line_up(session, client_id)
            found = build_line_up(client_id, rows, allowed_sorts=self._allowed_sorts)
            self.guide_tags.watch(client_id, found.by_guide)
            return found

        tags = (f"client:{client_id}:channels", f"client:{client_id}", CHANNELS_TAG)
        found = self._line_ups.get(client_id, tags=tags, build=build)
        if not found.channels:
            log_event(_log, logging.WARNING, "CLIENT_CHANNELS_NOT_FOUND", client=client_id)
        return found

    def listing(self, entitlement: Entitlement) -> Listing:
        """The channels an entitlement shows."""
        line_up = self.line_up(entitlement.client_id)
        key = ("viewer", *entitlement.key)
        tags = (*entitlement.tags, CHANNELS_TAG)
        return self._listings.get(
            key,
            tags=tags,
            build=lambda: make_listing(key, entitlement.client_id, listed_for(line_up, entitlement)),
        )

    def public_listing(self, client_id: int, now: datetime | None = None) -> Listing:
        """The channels shown to somebody who is not logged in, at present unless another moment is named."""
        line_up = self.line_up(client_id)
        now = now or self._clock()
        works = self.works.of(client_id, now).at(now)
        key = ("public", client_id, works.ids)
        tags = (f"client:{client_id}:channels", f"client:{client_id}", CHANNELS_TAG)
        return self._listings.get(
            key, tags=tags, build=lambda: make_listing(key, client_id, listed_for_all(line_up, works))
        )

    def channel_categories(self, client_id: int) -> tuple[CategoryFacts, ...]:
        """The operator's categories of channels, in his order."""

        def build() -> tuple[CategoryFacts, ...]:
            with self._database.read() as session:
                return tuple(
                    CategoryFacts(
                        row.id,
                        texts(*channel_rows.localised(row)),
                        row.description,
                        row.color,
                        row.icon_url,
                        row.icon_tv_url,
                        row.dashboard_icon_url,
                    )
                    for row in category_rows.categories(session, client_id)
                )

        return self._categories.get(client_id, tags=(f"client:{client_id}:channels",), build=build)

    def category_names(self, client_id: int, lang: int) -> dict[int, str]:
        return {category.id: pick(category.names, lang) for category in self.channel_categories(client_id)}

    def sorts(self, client_id: int) -> tuple[SortFacts, ...]:
        """The operator's named orders."""

        def build() -> tuple[SortFacts, ...]:
            with self._database.read() as session:
                return tuple(
                    SortFacts(row.id, texts(*channel_rows.localised(row)), channel_ids)
                    for row, channel_ids in channel_rows.sorts(session, client_id)
                )

        return self._sorts.get(client_id, tags=(f"client:{client_id}:channels",), build=build)

    def sort(self, client_id: int, sort_id: int) -> SortFacts:
        """A named order of this operator. Raises `NotFound`."""
        for known in self.sorts(client_id):
            if known.id == sort_id:
                return known
        raise NotFound("no such channel sort list")

    def channels(self, client_id: int, *, lang: int = 0) -> Sequence[PublicChannel]:
        """All channels of an operator that are switched on, in his order (for plugins)."""
        return [
            PublicChannel(
                id=channel.id,
                number=channel.place,
                name=pick(channel.names, lang),
                category_id=channel.category_id or None,
                icon=self.icons.address(channel.icon_url),
                has_archive=archive_days(channel, None) > 0,
                archive_hours=24 * archive_days(channel, None),
                parent_control=channel.parental_control,
                epg_channel_id=channel.epg_channel_id,
            )
            for channel in self.line_up(client_id).channels
        ]

    def categories(self, client_id: int, *, lang: int = 0) -> Sequence[ChannelCategory]:
        """All categories of an operator, in his order (for plugins)."""
        return [
            ChannelCategory(category.id, pick(category.names, lang), self.icons.address(category.icon_url))
            for category in self.channel_categories(client_id)
        ]
