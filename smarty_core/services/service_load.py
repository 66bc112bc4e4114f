"""How busy stream services are: what they said last, and who was sent to them since.

A service that is asked (`is_alive`) reports its load and its viewers. Between two reports a burst of viewers would all
go to the one that was least busy, so each process counts whom it has sent where: a viewer counts once, where he was
sent last, until the service reports again or the life of a stream token is over. Several processes each spread their
own viewers. A service that never reports is judged by these counts alone.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from smarty_core.services.remembered import Remembered
from smarty_core.storage.database import Database
from smarty_core.storage.repositories.streams import ServiceFacts, ServiceReport, service_reports

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

OPERATORS_KEPT: Final = 10_000

MOST_SENT: Final = 100_000
"""Viewers remembered by one process; beyond that the first sent are forgotten."""

USUAL_ROOM: Final = 1000
"""Viewers a service without a limit is taken to have room for, when it is compared with one that has."""


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a service is. `share`: the smaller the better; 1 is full where there is a limit."""

    share: float
    sessions: int
    full: bool = False


LoadOf = Callable[[ServiceFacts], Load]
"""How busy a service is for one certain viewer, who takes no room twice."""


def load_of(service: ServiceFacts, report: ServiceReport | None = None, sent: int = 0) -> Load:
    """How busy a service is by its last report (None: what was read with its row) when `sent` viewers came since.

    With a limit it is as busy as the part of it that is taken. Without one, or while it does not tell how many viewers
    it has, the load that it tells counts, or else the viewers.
    """
    load, count = (service.load, service.session_count) if report is None else (report.load, report.session_count)
    sessions = max(0, count + sent)
    room = service.max_sessions or USUAL_ROOM
    by_viewers = not load or (service.max_sessions > 0 and count > 0)
    share = sessions / room if by_viewers else load + sent / room
    return Load(share, sessions, full=0 < service.max_sessions <= sessions)


class ServiceLoads:
    """Loads as a process knows them. Safe between threads; without SQL until a service reports again."""

    def __init__(self, *, database: Database, cache: Cache, seconds: float) -> None:
        self._database = database
        self._reports: Remembered[dict[int, ServiceReport]] = Remembered(
            cache.tag_versions.vector, limit=OPERATORS_KEPT
        )
        self.sent = SentViewers(seconds)

    def seen_by(self, client_id: int, who: Hashable) -> LoadOf:
        """How busy the operator's services are for a viewer, named by something that stays the same."""

        def build() -> dict[int, ServiceReport]:
            with self._database.read() as session:
                return service_reports(session, client_id)

        tags = (loads_tag(client_id), f"client:{client_id}:channels")
        return self._load_of(self._reports.get(client_id, tags=tags, build=build), who)

    def known_to(self, client_id: int, who: Hashable) -> LoadOf | None:
        """The same when that takes no SQL."""
        reports = self._reports.known(client_id)
        return None if reports is None else self._load_of(reports, who)

    def _load_of(self, reports: Mapping[int, ServiceReport], who: Hashable) -> LoadOf:
        def load(service: ServiceFacts) -> Load:
            report = reports.get(service.id)
            return load_of(service, report, self.sent.others(service.id, report.moment if report else None, who))

        return load


class SentViewers:
    """Who was sent to which service lately. `seconds`: how long that counts at most."""

    def __init__(self, seconds: float, *, limit: int = MOST_SENT, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._limit = limit
        self._clock = clock
        self._guard = threading.Lock()
        self._where: OrderedDict[Hashable, _Sent] = OrderedDict()
        """The longest ago first."""
        self._counts: dict[int, _Count] = {}

    def note(self, who: Hashable, service_id: int) -> None:
        """A viewer was given an address of a service; from now on he counts there alone."""
        now = self._clock()
        with self._guard:
            self._forget(self._where.pop(who, None))
            count = self._counts.setdefault(service_id, _Count())
            count.viewers += 1
            self._where[who] = _Sent(service_id, count, now)
            while len(self._where) > self._limit:
                self._forget(self._where.popitem(last=False)[1])
            self._expire(now)

    def others(self, service_id: int, reported_at: datetime | None, who: Hashable) -> int:
        """How many more viewers than it reported at `reported_at` the service has, `who` left out: -1 when he is
        among those it reported."""
        with self._guard:
            self._expire(self._clock())
            count = self._counts.setdefault(service_id, _Count(reported_at))
            if count.reported_at is None:
                # who was sent before the first report was known is in it or not: better one too many than too few
                count.reported_at = reported_at
            elif count.reported_at != reported_at:
                count = self._counts[service_id] = _Count(reported_at)
            mine = self._where.get(who)
            return count.viewers - (1 if mine is not None and mine.service_id == service_id else 0)

    def _expire(self, now: float) -> None:
        while self._where:
            oldest = next(iter(self._where))
            if self._where[oldest].at > now - self._seconds:
                return
            self._forget(self._where.pop(oldest))

    def _forget(self, sent: _Sent | None) -> None:
        if sent is not None:
            sent.count.viewers -= 1


@dataclass(slots=True)
class _Count:
    """Viewers sent since a report; a new report begins a new count."""

    reported_at: datetime | None = None
    viewers: int = 0


@dataclass(frozen=True, slots=True)
class _Sent:
    service_id: int
    count: _Count
    at: float


def loads_tag(client_id: int) -> str:
    """What is bumped when a stream service reports another load; lists of channels do not depend on it."""
    return f"client:{client_id}:loads"
