"""One run over all stream services: read what is to be checked, check it, write what follows from it."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy.orm import Session

from smarty_core.contracts.events import StreamServiceDown, StreamServiceUp
from smarty_core.contracts.stream_router import ServiceHealth
from smarty_core.events import log_event
from smarty_core.services.availability.checks import Findings, Limits, RouterFor, look_at_all
from smarty_core.services.availability.verdict import Patience, State, after
from smarty_core.services.service_load import loads_tag
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import StreamService
from smarty_core.storage.repositories.availability import WatchedService, service_rows, watched_services

if TYPE_CHECKING:
    from smarty_core.config import Settings

AT_A_TIME: Final = 500
"""Services written in one transaction."""

MOST_SESSIONS: Final = 2**31 - 1

Progress = Callable[[int, int], None]
"""Told how many services are checked, and how many there are."""

log = logging.getLogger("smarty_stream_services")


class Hooks(Protocol):
    """What the checks need of the plugins."""

    def notify_durable(self, session: Session, hook: str, *, event: Any, order_key: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Looked:
    """One service after a run. `passed` None: no check could be made, or the time did not suffice (`late`).

    `available` is what holds from now on, `before` what held until now. `details`: what was wrong, by check.
    """

    service_id: int
    client_id: int
    name: str
    passed: bool | None
    available: bool
    before: bool = True
    late: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    """Names of the checks that failed."""

    @property
    def changed(self) -> bool:
        return self.available is not self.before


@dataclass(frozen=True, slots=True)
class Run:
    """All services of one run, by id."""

    services: tuple[Looked, ...]
    seconds: float

    def line(self) -> str:
        count = {passed: sum(one.passed is passed for one in self.services) for passed in (True, False, None)}
        down = sum(one.changed and not one.available for one in self.services)
        up = sum(one.changed and one.available for one in self.services)
        return (
            f"{len(self.services)} stream services in {self.seconds:.1f} s: {count[True]} pass, {count[False]} fail,"
            f" {count[None]} could not be checked; {down} went down, {up} came up"
        )


class Availability:
    """Checks stream services. Safe to share between threads, but two runs at once would count one check twice: the
    command and the job take a lock."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        router_for: RouterFor,
        hooks: Hooks,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._router_for = router_for
        self._hooks = hooks
        self._clock = clock
        self._patience = Patience(settings.STREAM_SERVICE_CHECK_FAILURES, settings.STREAM_SERVICE_CHECK_SUCCESSES)
        self._limits = Limits(
            settings.STREAM_SERVICE_CHECK_SECONDS,
            settings.STREAM_SERVICE_CHECK_TOTAL_SECONDS,
            settings.STREAM_SERVICE_CHECKS_AT_ONCE,
        )

    def run(
        self,
        client_id: int | None = None,
        *,
        dry_run: bool = False,
        progress: Progress = lambda done, total: None,
    ) -> Run:
        """Check the services of one operator or of all. With `dry_run` nothing is written and nobody is told.

        Raises `StorageError`. A service that fails changes at its threshold; whoever routes by it knows within a
        second, in every process.
        """
        begun = time.monotonic()
        with self._database.read_master() as session:
            services = watched_services(session, client_id)
        done = 0

        def one_more() -> None:
            nonlocal done
            done += 1
            progress(done, len(services))

        progress(0, len(services))
        found = look_at_all([one for one in services if one.checks], self._router_for, self._limits, done=one_more)
        parts = [services[begin : begin + AT_A_TIME] for begin in range(0, len(services), AT_A_TIME)]
        looked = [one for part in parts for one in self._take(part, found, dry_run=dry_run)]
        return Run(tuple(looked), time.monotonic() - begun)

    def _take(
        self, services: Sequence[WatchedService], found: Mapping[int, Findings], *, dry_run: bool
    ) -> Iterable[Looked]:
        """Draw the conclusions of a part of the services, by their rows as they are now: whoever changed one while it
        was checked is not overruled."""
        watched = {one.facts.id: one for one in services}
        opened = self._database.read_master() if dry_run else self._database.write()
        taken = []
        with opened as session:
            for row in service_rows(session, list(watched), for_change=not dry_run):
                end = conclude(row, watched[row.id], found.get(row.id), self._patience)
                taken.append(end.looked)
                if not dry_run:
                    self._write(session, row, end)
        for looked in taken:
            if not dry_run and looked.service_id in found:
                _log(looked, found[looked.service_id])
        return taken

    def _write(self, session: Session, row: StreamService, end: Conclusion) -> None:
        for column, value in end.columns.items():
            setattr(row, column, value)
        if end.columns:
            row.checked_at = self._clock()
        if end.reported:
            bump(session, loads_tag(row.client_id))
        if end.looked.changed:
            bump(session, f"client:{row.client_id}:channels")
            self._tell_plugins(session, end.looked)

    def _tell_plugins(self, session: Session, looked: Looked) -> None:
        key = f"stream_service:{looked.service_id}"
        if looked.available:
            up = StreamServiceUp(looked.client_id, looked.service_id, looked.name)
            self._hooks.notify_durable(session, "stream_service_up", event=up, order_key=key)
        else:
            down = StreamServiceDown(looked.client_id, looked.service_id, looked.name, looked.failing)
            self._hooks.notify_durable(session, "stream_service_down", event=down, order_key=key)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows for one service: its new columns, and whether it told how busy it is."""

    looked: Looked
    columns: Mapping[str, Any]
    reported: bool = False


def conclude(row: StreamService, watched: WatchedService, findings: Findings | None, patience: Patience) -> Conclusion:
    """What follows from the checks of a service; `findings` None: it was not checked in time, or has no check left."""
    if not watched.checks:
        # nobody would ever find out that a service without checks is well again
        looked = Looked(row.id, row.client_id, row.name, None, True, before=row.available)
        return Conclusion(looked, {"available": True, "check_streak": 0, "check_result": None})
    if findings is None:
        looked = Looked(row.id, row.client_id, row.name, None, row.available, before=row.available, late=True)
        return Conclusion(looked, {})
    state = after(State(row.available, row.check_streak), findings.passed, patience)
    details = {name: one.detail for name, one in findings.outcomes.items() if one.detail}
    looked = Looked(
        row.id, row.client_id, row.name, findings.passed, state.available,
        before=row.available, details=details, failing=findings.failing,
    )  # fmt: skip
    result = {name: {"passed": one.passed, "detail": one.detail} for name, one in findings.outcomes.items()}
    report = _report(findings.health)
    columns = {"available": state.available, "check_streak": state.streak, "check_result": result, **report}
    return Conclusion(looked, columns, reported=findings.health is not None)


def _report(health: ServiceHealth | None) -> dict[str, Any]:
    """The columns of what a server told of itself, as far as it makes sense: it comes from outside."""
    if health is None:
        return {}
    columns: dict[str, Any] = {}
    if isinstance(health.load, (int, float)) and math.isfinite(health.load) and health.load >= 0:
        columns["load"] = float(health.load)
    if isinstance(health.session_count, int) and health.session_count >= 0:
        columns["session_count"] = min(health.session_count, MOST_SESSIONS)
    return columns


def _log(looked: Looked, findings: Findings) -> None:
    """The documented event of one check, and the failures of each part in place of a stack."""
    results: dict[str, Any] = {f"check_{name}_success": outcome.passed for name, outcome in findings.outcomes.items()}
    about: dict[str, Any] = {
        "stream_service": f"{looked.name} ({looked.service_id})",
        "was_available_before": looked.before,
    }
    if findings.passed is not False:
        log_event(log, logging.INFO, "STREAM_SERVICE_CHECKING_SUCCESS", **about, **results)
        return
    stacks = [f"{name}: {one.stack or one.detail}" for name, one in findings.outcomes.items() if one.passed is False]
    log_event(log, logging.WARNING, "STREAM_SERVICE_CHECKING_ERROR", **about, **results, stacktrace="\n".join(stacks))
