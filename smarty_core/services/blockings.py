"""Programmes an operator must not show from the archive, ready to be asked for thousands of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from smarty_core.services.archive import LONGEST_DAYS, is_blocked
from smarty_core.storage.repositories.guide import ProgrammeRow
from smarty_core.storage.repositories.streams import Blocking


@dataclass(frozen=True, slots=True, eq=False)
class Blockings:
    """One operator's blockings, by programme and by channel prefix and start (Unix seconds)."""

    by_programme: dict[int, list[Blocking]]
    by_start: dict[tuple[str, int], list[Blocking]]

    def forbid(self, programme: ProgrammeRow, prefix: str, now: datetime) -> bool:
        """Whether the programme, shown on a channel with this prefix, is blocked at `now`."""
        found = self._about(programme, prefix)
        start = datetime.fromtimestamp(programme.start, UTC)
        return bool(found) and is_blocked(found, programme_id=programme.id, start=start, now=now)

    def ends(self, programme: ProgrammeRow, prefix: str) -> Iterable[datetime]:
        """The moments at which blockings of this programme end by themselves."""
        start = datetime.fromtimestamp(programme.start, UTC)
        return [start + timedelta(days=one.days) for one in self._about(programme, prefix) if one.days > 0]

    def _about(self, programme: ProgrammeRow, prefix: str) -> list[Blocking]:
        if not self.by_programme and not self.by_start:
            return []
        return self.by_programme.get(programme.id, []) + self.by_start.get((prefix, programme.start), [])


def index(found: Iterable[Blocking]) -> Blockings:
    """Make blockings ready for asking."""
    by_programme: defaultdict[int, list[Blocking]] = defaultdict(list)
    by_start: defaultdict[tuple[str, int], list[Blocking]] = defaultdict(list)
    for blocking in found:
        if blocking.days > LONGEST_DAYS:
            blocking = replace(blocking, days=0)
        if blocking.programme_id is not None:
            by_programme[blocking.programme_id].append(blocking)
        if blocking.channel_prefix and blocking.start is not None:
            by_start[blocking.channel_prefix, int(blocking.start.timestamp())].append(blocking)
    return Blockings(dict(by_programme), dict(by_start))
