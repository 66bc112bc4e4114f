"""Brake on lines that repeat: what fails a thousand times a minute is told a few times, and then how often it was.

A database that is away makes every request fail. The first lines say why; the others would only fill the disk.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Final

LINES: Final = 10
"""Of one place in the code so many lines are written a minute, with so many stacks."""

SPAN_SECONDS: Final = 60.0
PLACES: Final = 5_000


@dataclass(slots=True)
class _Place:
    begun: float
    seen: int = 0


class Flood:
    """Counts records by the place in the code they come from. Safe to share between threads."""

    def __init__(self) -> None:
        self._places: dict[tuple[object, ...], _Place] = {}
        self._guard = threading.Lock()

    def count(self, record: logging.LogRecord) -> tuple[bool, int]:
        """Whether this record is among the first of its place within a minute; how many of the minute before were not.

        The second number is given once, to the first record of a new minute.
        """
        key, now = _origin(record), time.monotonic()
        with self._guard:
            place, surplus = self._places.get(key), 0
            if place is None or now - place.begun >= SPAN_SECONDS:
                surplus = max(0, place.seen - LINES) if place is not None else 0
                if len(self._places) >= PLACES:
                    self._places.clear()
                place = self._places[key] = _Place(now)
            place.seen += 1
            return place.seen <= LINES, surplus


class FewWarnings(logging.Filter):
    """Lets the first warnings and errors of each place pass in a minute, and everything that is no warning. The first
    one of a new minute has a line before it that says how many are missing."""

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__()
        self._flood = Flood()
        self._handler = handler

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        passes, surplus = self._flood.count(record)
        if surplus:
            words = f"{surplus} more lines of {record.module}:{record.lineno} were left out since the last one"
            self._handler.handle(logging.LogRecord(record.name, record.levelno, __file__, 0, words, None, None))
        return passes


def _origin(record: logging.LogRecord) -> tuple[object, ...]:
    """Where the line is written, and where the failure it tells of was raised."""
    place = (record.pathname, record.lineno)
    if not record.exc_info or record.exc_info[1] is None:
        return place
    trace = record.exc_info[2]
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    raised = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ()
    return (*place, record.exc_info[0], *raised)
