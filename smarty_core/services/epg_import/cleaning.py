"""Removes the guide that is too old to be watched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from smarty_core.services.epg_import.telling import GuideEvents
from smarty_core.services.guide_tags import epg_tag
from smarty_core.storage.database import Database, bump
from smarty_core.storage.repositories import epg_days, epg_programmes, epg_sources

ROWS_AT_ONCE: Final = 5000


def remove_old(
    database: Database,
    events: GuideEvents,
    *,
    before: int,
    channels: Iterable[int] | None,
    progress: Callable[[str, str, int, int], None],
) -> int:
    """Delete the programmes that ended before `before` (seconds) of these channels, None = of all; how many.

    Each transaction deletes some thousands, the oldest first, so that an interruption leaves no hole.
    """
    with database.read_master() as session:
        found = epg_programmes.channels_with_old(session, before, channels)
        names = epg_sources.source_names(session) if found else {}
    removed = 0
    for number, channel in enumerate(found):
        name, source = names.get(channel, ("", ""))
        progress(source, "clean", number, len(found))
        gone = 0
        while True:
            with database.write() as session:
                some = epg_programmes.remove_old(session, channel, before, ROWS_AT_ONCE)
                epg_days.forget_days_before(session, channel, before // epg_days.DAY)
                bump(session, epg_tag(channel))
            gone += some
            if some < ROWS_AT_ONCE:
                break
        removed += gone
        events.removed(channel, name, source, gone)
    return removed
