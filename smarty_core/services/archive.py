"""Past programmes: which window of time a wish means, and whether it may be played."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.archive_facts import ArchiveFacts
from smarty_core.storage.repositories.streams import Blocking, ChannelFacts

UNKNOWN_PROGRAMME: Final = timedelta(hours=1)
"""How much is played from a moment the guide knows nothing about."""

LONGEST_WINDOW: Final = timedelta(hours=24)
"""How much may be asked for at once without naming a programme."""

LONGEST_DAYS: Final = 36_500
"""A blocking that is to last longer than this lasts for ever."""

LAST_UNIX: Final = 253_402_300_799
"""The end of the year 9999."""

DEEPEST: Final = 3650
"""Days; an archive that is said to be deeper is taken for so deep."""


@dataclass(frozen=True, slots=True)
class ArchiveWindow:
    """What to play. `stop` None = still on air, or (`going_on`) from `start` up to the live picture and on."""

    start: datetime
    stop: datetime | None
    going_on: bool = False
    programme_id: int | None = None

    def age_days(self, now: datetime) -> float:
        return (now - self.start).total_seconds() / 86_400


def kept_days(channel_days: int, service_days: int) -> int:
    """How many days a service keeps of a channel: what the channel or the service says, the smaller one where both
    do; 0 = nothing is recorded."""
    return min((days for days in (channel_days, service_days) if days > 0), default=0)


def offered_for(days: int, hidden: timedelta) -> timedelta:
    """How long after its begin a record of so many days is offered: so much shorter that whoever begins to watch it
    can watch to the end, but at least half of the time."""
    life = timedelta(days=min(days, DEEPEST))
    return max(life - hidden, life / 2)


def moment(unix: int) -> datetime:
    """A Unix time from outside. Raises `InvalidValue` when it is none."""
    if not 0 < unix <= LAST_UNIX:
        raise InvalidValue("time: not a Unix time")
    return datetime.fromtimestamp(unix, UTC)


def find_window(
    facts: ArchiveFacts,
    channel: ChannelFacts,
    *,
    pid: int | None,
    time: int | None,
    tv_pause: bool,
    now: datetime,
) -> ArchiveWindow:
    """The window that `pid` (wins) or `time` means.

    With `pid` it is the programme; with `time` the rest of the programme on air then. `tv_pause` plays from there and
    goes on. Raises `InvalidValue` without either, `NotFound` for an unknown or blocked programme and for one that has
    not begun.
    """
    guide = channel.epg_channel_id
    if pid is not None:
        programme = facts.programme(guide, pid) if guide is not None else None
        if programme is None:
            raise NotFound("programme not found")
        start = moment(time) if time is not None and tv_pause else programme.start
        start = min(max(start, programme.start), programme.stop)
    elif time is not None:
        start = moment(time)
        programme = facts.programme_at(guide, start) if guide is not None and start < now else None
    else:
        raise InvalidValue("pid or time is required")
    if start >= now:
        raise NotFound("this programme has not begun yet")
    begin = programme.start if programme else start
    found = facts.blockings(channel.client_id, programme.id if programme else None, channel.prefix)
    if is_blocked(found, programme_id=programme.id if programme else None, start=begin, now=now):
        raise NotFound("this programme is blocked")
    if tv_pause:
        return ArchiveWindow(start, None, going_on=True, programme_id=programme.id if programme else None)
    stop = programme.stop if programme else start + UNKNOWN_PROGRAMME
    return ArchiveWindow(start, stop if stop <= now else None, programme_id=programme.id if programme else None)


def given_window(
    facts: ArchiveFacts, channel: ChannelFacts, *, begin: datetime, end: datetime | None, now: datetime
) -> ArchiveWindow:
    """The window from `begin` to `end`, whatever programmes are in it; `end` None or in the future = still on air.

    Raises `InvalidValue` for a window that is none or longer than `LONGEST_WINDOW`, `NotFound` when it has not begun
    or a programme in it is blocked.
    """
    if begin.tzinfo is None or (end is not None and end.tzinfo is None):
        raise InvalidValue("a window needs aware times")
    if begin >= now:
        raise NotFound("this window has not begun yet")
    stop = now if end is None or end > now else end
    if stop <= begin or stop - begin > LONGEST_WINDOW:
        raise InvalidValue(f"a window has an end after its begin and at most {LONGEST_WINDOW}")
    guide = channel.epg_channel_id
    programmes = facts.programmes_between(guide, begin, stop) if guide is not None else ()
    for programme in programmes:
        found = facts.blockings(channel.client_id, programme.id, channel.prefix)
        if is_blocked(found, programme_id=programme.id, start=programme.start, now=now):
            raise NotFound("a programme in this window is blocked")
    return ArchiveWindow(begin, end if end == stop else None)


def is_blocked(blockings: Iterable[Blocking], *, programme_id: int | None, start: datetime, now: datetime) -> bool:
    """Whether one of `blockings` forbids the programme that began at `start`."""
    for blocking in blockings:
        same = blocking.programme_id is not None and blocking.programme_id == programme_id
        if not same and not (blocking.channel_prefix and blocking.start == start):
            continue
        if not 0 < blocking.days <= LONGEST_DAYS or now < start + timedelta(days=blocking.days):
            return True
    return False
