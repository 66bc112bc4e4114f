"""Categories and genres of programmes, and which of them occur in an archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from smarty_core.services.guide_tags import CATEGORIES_TAG
from smarty_core.services.languages import Texts, pick, texts
from smarty_core.services.listing import Listing
from smarty_core.services.remembered import Remembered
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import categories as rows
from smarty_core.storage.repositories.channels import localised

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

DAY: Final = 86_400.0
RECORDS_LOOKED_AT_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class GuideCategory:
    """A category of programmes (news, films ...)."""

    id: int
    names: Texts
    icon_type: str
    icon_url: str
    icon_tv_url: str


@dataclass(frozen=True, slots=True)
class GuideGenre:
    id: int
    names: Texts
    icon_url: str


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """All categories and genres, in their order."""

    categories: tuple[GuideCategory, ...]
    genres: tuple[GuideGenre, ...]
    category_names: tuple[dict[int, str], ...]
    """Names by id, one mapping per language."""
    genre_names: tuple[dict[int, str], ...]


class GuideCategories:
    """Shared by all operators; changes bump `epg:categories`."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        versions = cache.tag_versions.vector
        self._kinds: Remembered[Kinds] = Remembered(versions, limit=1, seconds=DAY)
        self._used: Remembered[tuple[frozenset[int], frozenset[int]]] = Remembered(
            versions, limit=1_000, seconds=RECORDS_LOOKED_AT_SECONDS
        )

    def all(self) -> Kinds:
        def build() -> Kinds:
            with self._database.read() as session:
                categories = tuple(
                    GuideCategory(row.id, texts(*localised(row)), row.icon_type, row.icon_url, row.icon_tv_url)
                    for row in rows.programme_categories(session)
                )
                genres = tuple(
                    GuideGenre(row.id, texts(*localised(row)), row.icon_url) for row in rows.programme_genres(session)
                )
            languages = range(6)
            return Kinds(
                categories,
                genres,
                tuple({one.id: pick(one.names, lang) for one in categories} for lang in languages),
                tuple({one.id: pick(one.names, lang) for one in genres} for lang in languages),
            )

        return self._kinds.get("kinds", tags=(CATEGORIES_TAG,), build=build)

    def in_records(
        self, listing: Listing, now: datetime, tags: tuple[str, ...]
    ) -> tuple[frozenset[int], frozenset[int]]:
        """Ids of categories and genres of programmes that these channels' archives hold; ten minutes old at most."""

        def build() -> tuple[frozenset[int], frozenset[int]]:
            depths: dict[int, int] = {}
            for item in listing.items:
                guide_id = item.channel.epg_channel_id
                if guide_id is not None and item.archive_days > 0:
                    depths[guide_id] = max(depths.get(guide_id, 0), item.archive_days)
            categories: frozenset[int] = frozenset()
            genres: frozenset[int] = frozenset()
            with self._database.read() as session:
                for depth in set(depths.values()):
                    channels = [channel for channel, days in depths.items() if days == depth]
                    begin = now - timedelta(days=min(depth, 3650))
                    found = rows.used_between(session, channels, begin, now)
                    categories, genres = categories | found[0], genres | found[1]
            return categories, genres

        return self._used.get(listing.key, tags=tags, build=build)
