"""The guide of an operator's channels: what is on now, what comes, what was, and what may still be watched of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from smarty_core.api.catalogue import Programme as PublicProgramme
from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.archive import offered_between
from smarty_core.services.blockings import Blockings, index
from smarty_core.services.catalogue import Catalogue
from smarty_core.services.channel_rows import ChannelRows
from smarty_core.services.guide_categories import GuideCategories
from smarty_core.services.guide_search import GuideSearch
from smarty_core.services.guide_tags import CATEGORIES_TAG
from smarty_core.services.languages import pick
from smarty_core.services.line_up import CatalogueChannel
from smarty_core.services.listing import Listed, Listing
from smarty_core.services.now_next import NowNext
from smarty_core.services.programme_rows import ProgrammeRows
from smarty_core.services.remembered import Remembered
from smarty_core.services.schedules import Schedules
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import guide as rows
from smarty_core.storage.repositories.guide import ProgrammeRow

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.storage.cache import Cache

LONGEST_WINDOW: Final = timedelta(days=31)
DAY: Final = 86_400
HOUR: Final = 3600
LISTINGS_KEPT: Final = 5_000
AHEAD: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Change:
    """When the present of a listing changes next, known from `since` on."""

    since: int
    until: int


class Guide:
    """Programmes of all operators' channels. Safe between threads; without SQL until a tag moves."""

    def __init__(
        self,
        *,
        database: Database,
        cache: Cache,
        settings: Settings,
        clock: Callable[[], datetime],
        catalogue: Catalogue,
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue
        self._vanishing = timedelta(hours=int(settings.TVMIDDLEWARE_VODPVR_TIMEOUT_OFFSET))
        self.schedules = Schedules(database=database, cache=cache)
        self.now_next = NowNext(self.schedules)
        self.categories = GuideCategories(database=database, cache=cache)
        self.search = GuideSearch(catalogue=catalogue, schedules=self.schedules, settings=settings)
        versions = cache.tag_versions.vector
        self.programme_rows = ProgrammeRows(guide=self, icons=catalogue.icons, versions=versions)
        self.channel_rows = ChannelRows(catalogue=catalogue, programme_rows=self.programme_rows)
        catalogue.on_warm(self.warm)
        self._blockings: Remembered[Blockings] = Remembered(versions, limit=2_000, seconds=DAY)
        self._changes: Remembered[_Change] = Remembered(versions, limit=LISTINGS_KEPT, seconds=DAY)

    def tags(self, client_id: int) -> tuple[str, ...]:
        """Tags of every answer that shows programmes of this operator's channels."""
        return (f"client:{client_id}:channels", self._catalogue.guide_tags.tag(client_id), CATEGORIES_TAG)

    def changes_at(self, listing: Listing, now: datetime) -> datetime:
        """When the first programme that is on air on these channels ends, or one begins in a hole."""
        moment = int(now.timestamp())
        key = listing.key
        if now - self._clock() > AHEAD:  # asked beforehand: what is remembered is the present
            return datetime.fromtimestamp(self._change(listing, moment).until, UTC)
        known = self._changes.get(key, tags=self.tags(listing.client_id), build=lambda: self._change(listing, moment))
        if not known.since <= moment < known.until:
            self._changes.forget(key)
            known = self._changes.get(
                key, tags=self.tags(listing.client_id), build=lambda: self._change(listing, moment)
            )
        return datetime.fromtimestamp(known.until, UTC)

    def _change(self, listing: Listing, now: int) -> _Change:
        shifts = {
            (item.channel.epg_channel_id, now - item.shift_hours * HOUR): item.shift_hours
            for item in listing.items
            if item.channel.epg_channel_id is not None
        }
        seen = self.now_next.on_air_all(shifts)
        moments = (air.changes_at + shifts[wanted] * HOUR for wanted, air in seen.items())
        return _Change(now, min(moments, default=now + HOUR))

    def of_channel(self, channel: CatalogueChannel, begin: int, end: int) -> list[ProgrammeRow]:
        """The channel's programmes on air at any time of `[begin, end)` (Unix seconds)."""
        if channel.epg_channel_id is None or end <= begin:
            return []
        return self.schedules.between(channel.epg_channel_id, begin, end)

    def programme(
        self, client_id: int, programme_id: int, channel_id: int = 0
    ) -> tuple[ProgrammeRow, CatalogueChannel]:
        """A programme and the operator's channel that shows it: `channel_id`, or the first one. Raises `NotFound`."""
        line_up = self._catalogue.line_up(client_id)
        with self._database.read() as session:
            row = rows.programme(session, programme_id, line_up.by_guide)
        for channel in line_up.by_guide.get(row.epg_channel_id, ()) if row is not None else ():
            if row is not None and channel_id in (0, channel.id):
                return row, channel
        raise NotFound("no such programme")

    def blockings(self, client_id: int) -> Blockings:
        """What the operator forbids. Changes bump `client:<id>:channels`."""

        def build() -> Blockings:
            with self._database.read() as session:
                return index(rows.operator_blockings(session, client_id))

        return self._blockings.get(client_id, tags=(f"client:{client_id}:channels",), build=build)

    def has_record(self, programme: ProgrammeRow, item: Listed | None, now: datetime) -> bool:
        """Whether a record of the programme exists now, or is being made."""
        begin, end = self._record_life(programme, item)
        return begin <= now.timestamp() < end

    def records_change(
        self, programmes: Sequence[ProgrammeRow], item: Listed | None, channel: CatalogueChannel, now: datetime
    ) -> datetime:
        """When the next of these programmes gets or loses its record, or a blocking of one ends."""
        blockings = self.blockings(channel.client_id)
        moments = [now + timedelta(hours=1)]
        for programme in programmes:
            begin, end = self._record_life(programme, item)
            if end > begin:
                moments.extend(datetime.fromtimestamp(moment, UTC) for moment in (begin, end))
            moments.extend(blockings.ends(programme, channel.prefix))
        return min(moment for moment in moments if moment > now)

    def _record_life(self, programme: ProgrammeRow, item: Listed | None) -> tuple[int, int]:
        """From when to when (Unix seconds) a record can be played; empty without an archive."""
        if item is None:
            return 0, 0
        return offered_between(programme.start, item.shift_hours, item.archives, self._vanishing)

    def warm(self, client_id: int) -> None:
        """Read what lists of this operator's channels need for the present day."""
        self.categories.all()
        self.blockings(client_id)
        self.changes_at(self._catalogue.public_listing(client_id), self._clock())

    def programmes(
        self, client_id: int, channel_id: int, *, begin: datetime, end: datetime, lang: int = 0
    ) -> Sequence[PublicProgramme]:
        """Programmes that touch the window, by time; at most 31 days. Raises `NotFound`, `InvalidValue` (plugins)."""
        if begin.tzinfo is None or end.tzinfo is None or not begin <= end <= begin + LONGEST_WINDOW:
            raise InvalidValue(f"a window of aware times, at most {LONGEST_WINDOW.days} days long")
        channel = self._channel(client_id, channel_id)
        found = self.of_channel(channel, int(begin.timestamp()), int(end.timestamp()))
        return [_public(row, lang) for row in found]

    def now(self, client_id: int, channel_id: int, *, lang: int = 0) -> PublicProgramme | None:
        """What is on now, None for a hole. Raises `NotFound` (plugins)."""
        channel = self._channel(client_id, channel_id)
        if channel.epg_channel_id is None:
            return None
        found = self.now_next.on_air(channel.epg_channel_id, int(self._clock().timestamp())).at(0)
        return None if found is None else _public(found, lang)

    def _channel(self, client_id: int, channel_id: int) -> CatalogueChannel:
        found = self._catalogue.line_up(client_id).by_id.get(channel_id)
        if found is None:
            raise NotFound("no such channel")
        return found


def _public(row: ProgrammeRow, lang: int) -> PublicProgramme:
    return PublicProgramme(
        id=row.id,
        name=pick(row.names, lang),
        begin=datetime.fromtimestamp(row.start, UTC),
        end=datetime.fromtimestamp(row.stop, UTC),
        description=pick(row.descriptions, lang),
        age=row.rating,
    )
