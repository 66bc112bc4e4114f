"""Searching the guide by a part of a programme's name.

Names are compared in memory: databases disagree about letter case outside ASCII (SQLite knows none of it, PostgreSQL
asks the locale), and the days searched are in memory anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from smarty_core.services.catalogue import Catalogue
from smarty_core.services.line_up import CatalogueChannel
from smarty_core.services.schedules import Schedules, days_between
from smarty_core.storage.repositories.guide import ProgrammeRow

if TYPE_CHECKING:
    from smarty_core.config import Settings

MOST_DAYS: Final = 31
HITS_LOOKED_AT: Final = 2_000
"""Programmes one search may find; more are of use to nobody."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A programme on one of the operator's channels."""

    channel: CatalogueChannel
    programme: ProgrammeRow


class GuideSearch:
    """Searches the days around the present that the settings name."""

    def __init__(self, *, catalogue: Catalogue, schedules: Schedules, settings: Settings) -> None:
        self._catalogue = catalogue
        self._schedules = schedules
        self._past = _days(settings.TVMIDDLEWARE_PROGRAM_LIST_SEARCH_DAYS_PAST)
        self._future = _days(settings.TVMIDDLEWARE_PROGRAM_LIST_SEARCH_DAYS_FUTURE)
        self.most_results = max(1, int(settings.TVMIDDLEWARE_PROGRAM_LIST_SEARCH_LIMIT_RESULTS_TO))

    def find(
        self,
        client_id: int,
        text: str,
        now: datetime,
        *,
        wanted: Callable[[CatalogueChannel, ProgrammeRow], bool],
    ) -> list[Hit]:
        """Programmes whose name holds `text`, letter case aside, by time and then by channel."""
        needle = text.strip().casefold()
        if not needle:
            return []
        line_up = self._catalogue.line_up(client_id)
        begin = int((now - timedelta(days=self._past)).timestamp())
        end = int((now + timedelta(days=self._future)).timestamp())
        hits: list[Hit] = []
        for guide_id, programmes in self._matching(line_up.by_guide, needle, begin, end).items():
            for channel in line_up.by_guide[guide_id]:
                hits.extend(Hit(channel, row) for row in programmes if wanted(channel, row))
        hits.sort(key=lambda hit: (hit.programme.start, hit.channel.place))
        return hits[:HITS_LOOKED_AT]

    def _matching(
        self, guide_ids: Mapping[int, object], needle: str, begin: int, end: int
    ) -> dict[int, list[ProgrammeRow]]:
        found: dict[int, dict[int, ProgrammeRow]] = {}
        for day in days_between(begin, end):
            for (guide_id, _), schedule in self._schedules.days(guide_ids, [day]).items():
                for row, names in zip(schedule.programmes, schedule.searchable(), strict=True):
                    if needle in names and row.stop > begin and row.start < end:
                        found.setdefault(guide_id, {})[row.id] = row
        return {guide_id: list(rows.values()) for guide_id, rows in found.items()}


def _days(setting: object) -> int:
    return min(max(0, int(str(setting))), MOST_DAYS)
