"""Figures that need the database: jobs, guides, who is online, durable events. Found seldom, in a thread, with a limit.

A survey is good for METRICS_SURVEY_SECONDS, for all processes of the server together. While a new one is being made, or
cannot be made, the last one is told, with its age.
"""

from __future__ import annotations

import logging
import statistics
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from smarty_core.errors import SmartyError
from smarty_core.services.jobs import Jobs
from smarty_core.services.monitoring.families import Value, value
from smarty_core.services.monitoring.shared import SharedFigures, values_of
from smarty_core.services.outbox import Outbox
from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, Client, Programme, Session

FILE: Final = "survey.json"
WAIT_SECONDS: Final = 3.0
"""How long a scrape waits for a new survey before it tells the last one."""

_log = logging.getLogger("smarty_main")


class Survey:
    """Makes surveys; safe to share between threads."""

    def __init__(
        self,
        *,
        database: Database,
        jobs: Jobs,
        outbox: Outbox,
        shared: SharedFigures,
        clock: Callable[[], datetime],
        online_seconds: float,
        every: float,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._outbox = outbox
        self._shared = shared
        self._clock = clock
        self._online = timedelta(seconds=online_seconds)
        self._every = every
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failed = False

    def values(self) -> Iterator[Value]:
        """The newest survey there is within `WAIT_SECONDS`."""
        found = self._shared.read(FILE)
        now = self._clock().timestamp()
        if not found or not 0 <= now - found["at"] < self._every:
            self._begin().join(WAIT_SECONDS)
            found = self._shared.read(FILE)
        yield value("smarty_survey_failed", self._failed)
        if not found:
            return
        yield value("smarty_survey_timestamp_seconds", found["at"])
        for one in values_of(found["values"]):
            yield one
            if one.family == "smarty_job_last_success_timestamp_seconds":
                yield Value("smarty_job_success_age_seconds", one.labels, max(0.0, now - one.number))

    def _begin(self) -> threading.Thread:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._make, name="metrics-survey", daemon=True)
                self._thread.start()
            return self._thread

    def _make(self) -> None:
        try:
            now = self._clock()
            values = [*self._job_values(now), *self._guide(now), *self._sessions(now), *self._events()]
            self._shared.write(FILE, {"at": now.timestamp(), "values": values})
        except Exception as failure:  # noqa: BLE001 - said aloud; the last survey is still told
            bug = not isinstance(failure, (SmartyError, OSError))
            if not self._failed:
                _log.warning("the figures that need the database cannot be found: %s", failure, exc_info=bug)
            self._failed = True
        else:
            self._failed = False

    def _job_values(self, now: datetime) -> Iterator[Value]:
        for row in self._jobs.status(now):
            yield value("smarty_job_ok", row.status not in ("error", "timeout", "lost"), job=row.name)
            if row.last_run is not None:
                yield value("smarty_job_last_run_timestamp_seconds", row.last_run.timestamp(), job=row.name)
            if row.age is not None:
                success = now.timestamp() - row.age
                yield value("smarty_job_last_success_timestamp_seconds", success, job=row.name)
            if row.seconds is not None:
                yield value("smarty_job_seconds", row.seconds, job=row.name)

    def _guide(self, now: datetime) -> Iterator[Value]:
        ends = select(Programme.epg_channel_id, func.max(Programme.stop)).where(Programme.stop > now)
        with self._database.read() as session:
            known = dict(session.execute(ends.group_by(Programme.epg_channel_id)).all())
            channels = session.execute(
                select(Channel.client_id, Channel.epg_channel_id)
                .join(Client, Client.id == Channel.client_id)
                .where(Channel.enabled, Client.enabled)
            )
            horizons: defaultdict[int, list[float]] = defaultdict(list)
            for client_id, epg_channel_id in channels:
                end = known.get(epg_channel_id) if epg_channel_id is not None else None
                horizons[client_id].append(0.0 if end is None else (end - now).total_seconds())
        for client_id, seconds in sorted(horizons.items()):
            client = str(client_id)
            there = [horizon for horizon in seconds if horizon]
            yield value("smarty_guide_channels", len(there), client_id=client, guide="yes")
            yield value("smarty_guide_channels", len(seconds) - len(there), client_id=client, guide="no")
            if there:
                for which, choose in (("shortest", min), ("median", statistics.median), ("longest", max)):
                    yield value("smarty_guide_horizon_seconds", choose(there), client_id=client, which=which)

    def _sessions(self, now: datetime) -> Iterator[Value]:
        question = (
            select(Client.id, func.count(Session.id))
            .outerjoin(Session, (Session.client_id == Client.id) & (Session.last_seen_at >= now - self._online))
            .where(Client.enabled)
            .group_by(Client.id)
        )
        with self._database.read() as session:
            for client_id, number in session.execute(question):
                yield value("smarty_online_sessions", number, client_id=str(client_id))

    def _events(self) -> Iterator[Value]:
        for plugin, states in sorted(self._outbox.counts().items()):
            for state, number in states.items():
                yield value("smarty_outbox_events", number, plugin=plugin, state=state)
