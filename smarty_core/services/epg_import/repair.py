"""Makes one channel's programmes a timetable: in order, one after the other, each with an end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from smarty_core.services.epg_import.spool import UNSAID, SpooledRow

LONGEST: Final = 48 * 3600
"""Seconds; nothing longer is looked for among the programmes on air."""

UNKNOWN_LENGTH: Final = 3600
"""Seconds given to a programme that neither says its end nor has one after it that would."""

SMALL_HOLE: Final = 60
"""A pause up to so many seconds is a rounding mistake and closed; a longer one is a pause."""


class Slot(NamedTuple):
    """One programme of the timetable, `[start, stop)` in seconds; `body` is what `normalise.packed` made."""

    start: int
    stop: int
    body: bytes


class Finding(NamedTuple):
    """Something wrong between a programme and the one before it; the times are as they were told."""

    kind: Literal["overlap", "hole", "double"]
    start: int
    body: bytes
    previous_stop: int
    previous_body: bytes


def timetable(
    rows: Sequence[SpooledRow],
    *,
    name: Callable[[bytes], str],
    complain: Callable[[str, str], None],
) -> tuple[list[Slot], list[Finding]]:
    """The programmes of `rows` (sorted by start), and what had to be repaired.

    An overlapped programme ends where the next one begins. Of two that begin together with one name the first is
    kept, with two names the later one, which a correction would be.
    """
    slots: list[Slot] = []
    findings: list[Finding] = []
    for start, stop, body in rows:
        if stop == start:
            complain("zero_length", name(body))
            continue
        if stop != UNSAID and stop < start:
            complain("stop_before_start", name(body))
            stop = UNSAID
        elif stop - start > LONGEST:
            complain("too_long", name(body))
            stop = start + LONGEST
        if slots:
            previous = slots[-1]
            if previous.start == start:
                if name(previous.body) == name(body):
                    findings.append(Finding("double", start, body, previous.stop, previous.body))
                    if previous.stop == UNSAID:
                        slots[-1] = previous._replace(stop=stop)
                else:
                    complain("same_start", name(previous.body))
                    slots[-1] = Slot(start, stop, body)
                continue
            if previous.stop != start:
                slots[-1] = _joined(previous, start, body, findings, complain)
        slots.append(Slot(start, stop, body))
    if slots and slots[-1].stop == UNSAID:
        complain("missing_stop", "")
        slots[-1] = slots[-1]._replace(stop=slots[-1].start + UNKNOWN_LENGTH)
    for finding in findings:
        complain(finding.kind, "")
    return slots, findings


def _joined(
    previous: Slot, start: int, body: bytes, findings: list[Finding], complain: Callable[[str, str], None]
) -> Slot:
    """`previous` with an end that fits the programme that begins at `start`."""
    stop = previous.stop
    if stop == UNSAID:
        complain("missing_stop", "")
        if start - previous.start <= LONGEST:
            return previous._replace(stop=start)
        stop = previous.start + UNKNOWN_LENGTH
    elif stop > start:
        findings.append(Finding("overlap", start, body, stop, previous.body))
        return previous._replace(stop=start)
    findings.append(Finding("hole", start, body, stop, previous.body))
    return previous._replace(stop=start if start - stop <= SMALL_HOLE else stop)
