"""Past programmes: which window of time a wish means, and whether it may be played.

Windows are in the guide's time. A viewer whose picture comes later names later moments, and a service that broadcasts
later has recorded later: `shift_hours` is how much, on either side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.archive_facts import ArchiveFacts
from smarty_core.storage.repositories.streams import Blocking, ContentFacts, Recorded

UNKNOWN_PROGRAMME: Final = timedelta(hours=1)
"""How much is played from a moment the guide knows nothing about."""

LONGEST_WINDOW: Final = timedelta(hours=24)
"""How much may be asked for at once without naming a programme."""

LONGEST_DAYS: Final = 36_500
"""A blocking that is to last longer than this lasts for ever."""

LAST_UNIX: Final = 253_370_764_799
"""The end of the year 9998: a shift still fits behind it."""

DEEPEST: Final = 3650
"""Days; an archive that is said to be deeper is taken for so deep."""


@dataclass(frozen=True, slots=True)
class ArchiveWindow:
    """What to play, in the guide's time. `stop` None = up to the live picture; with `going_on` from there on too."""

    start: datetime
    stop: datetime | None
    going_on: bool = False
    programme_id: int | None = None

    def age_days(self, now: datetime) -> float:
        return (now - self.start).total_seconds() / 86_400

    def behind(self, now: datetime, shift_hours: int) -> float:
        """How many seconds ago the picture that comes `shift_hours` later was at the begin."""
        return (now - self.start).total_seconds() - shift_hours * 3600


def kept_days(channel_days: int, service_days: int) -> int:
    """How many days a service keeps of a channel: what the channel or the service says, the smaller one where both
    do, at most `DEEPEST`; 0 = nothing is recorded."""
    return min(DEEPEST, min((days for days in (channel_days, service_days) if days > 0), default=0))


def offered_for(days: int, hidden: timedelta) -> timedelta:
    """How long after its begin a record of so many days is offered: so much shorter that whoever begins to watch it
    can watch to the end, but at least half of the time."""
    life = timedelta(days=days)
    return max(life - hidden, life / 2)


def offered_between(
    start: int, shift_hours: int, archives: Iterable[tuple[int, int]], hidden: timedelta
) -> tuple[int, int]:
    """From when to when (Unix seconds) a programme that begins at `start` by the guide is offered as a record.

    To a viewer whose picture comes `shift_hours` later, out of records that are made so many hours later and kept so
    many days. What he has not been shown yet is not offered, though an earlier broadcast may be recorded. Empty
    without records.
    """
    spans = [
        (max(shift_hours, shift) * 3600, shift * 3600 + int(offered_for(days, hidden).total_seconds()))
        for shift, days in archives
    ]
    spans = [span for span in spans if span[0] < span[1]]
    if not spans:
        return 0, 0
    return start + min(begin for begin, _ in spans), start + max(end for _, end in spans)


def moment(unix: int) -> datetime:
    """A Unix time from outside. Raises `InvalidValue` when it is none."""
    if not 0 < unix <= LAST_UNIX:
        raise InvalidValue("time: not a Unix time")
    return datetime.fromtimestamp(unix, UTC)


def find_window(
    facts: ArchiveFacts,
    channel: ContentFacts,
    *,
    pid: int | None,
    time: int | None,
    tv_pause: bool,
    now: datetime,
    shift_hours: int = 0,
) -> ArchiveWindow:
    """The window that `pid` (wins) or `time` means to a viewer whose picture comes `shift_hours` later.

    With `pid` it is the programme; with `time` the rest of the programme on air then. `tv_pause` plays from there and
    goes on. Raises `InvalidValue` without either, `NotFound` for an unknown or blocked programme and for one that he
    has not been shown yet.
    """
    guide, shift = channel.epg_channel_id, timedelta(hours=shift_hours)
    shown = now - shift
    if pid is not None:
        programme = facts.programme(guide, pid) if guide is not None else None
        if programme is None:
            raise NotFound("programme not found")
        start = moment(time) - shift if time is not None and tv_pause else programme.start
        start = min(max(start, programme.start), programme.stop)
    elif time is not None:
        start = moment(time) - shift
        programme = facts.programme_at(guide, start) if guide is not None and start < shown else None
    else:
        raise InvalidValue("pid or time is required")
    if start >= shown:
        raise NotFound("this programme has not begun yet")
    begin = programme.listed_start if programme else start
    found = facts.blockings(channel.client_id, programme.id if programme else None, channel.prefix)
    if is_blocked(found, programme_id=programme.id if programme else None, start=begin, now=now):
        raise NotFound("this programme is blocked")
    if tv_pause:
        return ArchiveWindow(start, None, going_on=True, programme_id=programme.id if programme else None)
    stop = programme.stop if programme else start + UNKNOWN_PROGRAMME
    return ArchiveWindow(start, stop, programme_id=programme.id if programme else None)


def given_window(
    facts: ArchiveFacts,
    channel: ContentFacts,
    *,
    begin: datetime,
    end: datetime | None,
    now: datetime,
    shift_hours: int = 0,
) -> ArchiveWindow:
    """The window from `begin` to `end`, whatever programmes are in it; `end` None or in the future = still on air.

    Times are the guide's. A viewer whose picture comes `shift_hours` later has not been shown all that is in it.

    Raises `InvalidValue` for a window that is none or longer than `LONGEST_WINDOW`, `NotFound` when it has not begun
    or a programme in it is blocked.
    """
    if begin.tzinfo is None or (end is not None and end.tzinfo is None):
        raise InvalidValue("a window needs aware times")
    shown = now - timedelta(hours=shift_hours)
    if begin >= shown:
        raise NotFound("this window has not begun yet")
    stop = shown if end is None or end > shown else end
    if stop <= begin or stop - begin > LONGEST_WINDOW:
        raise InvalidValue(f"a window has an end after its begin and at most {LONGEST_WINDOW}")
    guide = channel.epg_channel_id
    programmes = facts.programmes_between(guide, begin, stop) if guide is not None else ()
    for programme in programmes:
        found = facts.blockings(channel.client_id, programme.id, channel.prefix)
        if is_blocked(found, programme_id=programme.id, start=programme.listed_start, now=now):
            raise NotFound("a programme in this window is blocked")
    return ArchiveWindow(begin, end if end == stop else None)


def recorded_window(facts: ArchiveFacts, content: ContentFacts, recorded: Recorded, now: datetime) -> ArchiveWindow:
    """The window a film was made of. Raises `NotFound` when its programme is blocked."""
    guide, number = content.epg_channel_id, recorded.programme_id
    programme = None
    if guide is not None:
        programme = facts.programme_at(guide, recorded.begin) if number is None else facts.programme(guide, number)
    number = programme.id if programme is not None else number
    start = programme.listed_start if programme is not None else recorded.begin
    found = facts.blockings(content.client_id, number, content.prefix)
    if is_blocked(found, programme_id=number, start=start, now=now):
        raise NotFound("the programme of this film is blocked")
    return ArchiveWindow(recorded.begin, recorded.end, programme_id=number)


def is_blocked(blockings: Iterable[Blocking], *, programme_id: int | None, start: datetime, now: datetime) -> bool:
    """Whether one of `blockings` forbids the programme that began at `start`."""
    for blocking in blockings:
        same = blocking.programme_id is not None and blocking.programme_id == programme_id
        if not same and not (blocking.channel_prefix and blocking.start == start):
            continue
        if not 0 < blocking.days <= LONGEST_DAYS or now < start + timedelta(days=blocking.days):
            return True
    return False
