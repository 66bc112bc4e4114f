"""Technical works as every request needs them: what they block now, and when that changes next.

Only works that are marked "unavailable" and are not finished block anything, and only from their begin to their end; a
missing end means until they are finished. A channel under works is not played at all, live or from the archive; a
stream service under works is left out of the choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from smarty_core.services.remembered import Remembered
from smarty_core.storage.database import Database
from smarty_core.storage.repositories.maintenance import WorkFacts, blocking_works

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

OPERATORS_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Works:
    """What an operator's works block at one moment. `ids`: the works that do, ascending."""

    ids: tuple[int, ...] = ()
    channel_ids: frozenset[int] = frozenset()
    service_ids: frozenset[int] = frozenset()


NO_WORKS: Final = Works()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The works of one operator that block something now or later."""

    works: tuple[WorkFacts, ...] = ()

    def going_on(self, now: datetime) -> list[WorkFacts]:
        """Those that block something at `now`."""
        return [work for work in self.works if work.begin <= now and (work.end is None or now < work.end)]

    def at(self, now: datetime) -> Works:
        """What they block at `now`, taken together."""
        going_on = self.going_on(now)
        if not going_on:
            return NO_WORKS
        return Works(
            tuple(work.id for work in going_on),
            frozenset().union(*(work.channel_ids for work in going_on)),
            frozenset().union(*(work.service_ids for work in going_on)),
        )

    def next_change(self, now: datetime) -> datetime | None:
        """The next moment at which some begin or end; None when nothing is going to change by itself."""
        moments = (moment for work in self.works for moment in (work.begin, work.end) if moment and moment > now)
        return min(moments, default=None)


class WorksCalendars:
    """The calendars of all operators. Safe between threads; without SQL until works or their operator's channels
    change (`works_tag`)."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        self._kept: Remembered[Calendar] = Remembered(cache.tag_versions.vector, limit=OPERATORS_KEPT)

    def of(self, client_id: int, now: datetime) -> Calendar:
        """The works of an operator that are not over at `now`."""

        def build() -> Calendar:
            with self._database.read() as session:
                return Calendar(blocking_works(session, client_id, now))

        return self._kept.get(client_id, tags=(works_tag(client_id),), build=build)


def works_tag(client_id: int) -> str:
    """What is bumped when works change that block something: everything made from the operator's channels."""
    return f"client:{client_id}:channels"
