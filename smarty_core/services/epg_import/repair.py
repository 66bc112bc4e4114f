"""Makes one channel's programmes a timetable: in order, one after the other, each with an end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from smarty_core.services.epg_import.spool import UNSAID, Slot

LONGEST: Final = 48 * 3600
"""Seconds; nothing longer is looked for among the programmes on air."""

UNKNOWN_LENGTH: Final = 3600
"""Seconds given to a programme that neither says its end nor has one after it that would."""

SMALL_HOLE: Final = 60
"""A pause up to so many seconds is a rounding mistake and closed; a longer one is a pause."""


class Finding(NamedTuple):
    """Something wrong between a programme and the one before it; the times are as they were told."""

    kind: Literal["overlap", "hole", "double"]
    start: int
    place: int
    previous_stop: int
    previous_place: int


def timetable(
    rows: Sequence[Slot],
    *,
    name: Callable[[int], str],
    complain: Callable[[str, str], None],
) -> tuple[list[Slot], list[Finding]]:
    """The programmes of `rows` (sorted by start), and what had to be repaired.

    An overlapped programme ends where the next one begins. Of two that begin together with one name the first is
    kept, with two names the later one, which a correction would be. `name` tells the name of what is at a place.
    """
    slots: list[Slot] = []
    findings: list[Finding] = []
    last_start = last_stop = UNSAID
    for row in rows:
        start, stop, mark, place = row
        if not start < stop <= start + LONGEST and stop != UNSAID:
            if stop == start:
                complain("zero_length", name(place))
                continue
            complain("stop_before_start" if stop < start else "too_long", name(place))
            stop = UNSAID if stop < start else start + LONGEST
            row = Slot(start, stop, mark, place)
        if last_start == start and slots:
            previous = slots[-1]
            if previous.mark == mark or name(previous.place) == name(place):
                findings.append(Finding("double", start, place, previous.stop, previous.place))
                if previous.stop == UNSAID:
                    slots[-1] = previous._replace(stop=stop)
            else:
                complain("same_start", name(previous.place))
                slots[-1] = row
            last_stop = slots[-1].stop
            continue
        if last_stop != start and slots:
            slots[-1] = _joined(slots[-1], start, place, findings, complain)
        slots.append(row)
        last_start, last_stop = start, stop
    if slots and slots[-1].stop == UNSAID:
        complain("missing_stop", "")
        slots[-1] = slots[-1]._replace(stop=slots[-1].start + UNKNOWN_LENGTH)
    for finding in findings:
        complain(finding.kind, "")
    return slots, findings


def _joined(
    previous: Slot, start: int, place: int, findings: list[Finding], complain: Callable[[str, str], None]
) -> Slot:
    """`previous` with an end that fits the programme that begins at `start`."""
    stop = previous.stop
    if stop == UNSAID:
        complain("missing_stop", "")
        if start - previous.start <= LONGEST:
            return previous._replace(stop=start)
        stop = previous.start + UNKNOWN_LENGTH
    elif stop > start:
        findings.append(Finding("overlap", start, place, stop, previous.place))
        return previous._replace(stop=start)
    findings.append(Finding("hole", start, place, stop, previous.place))
    return previous._replace(stop=start if start - stop <= SMALL_HOLE else stop)
