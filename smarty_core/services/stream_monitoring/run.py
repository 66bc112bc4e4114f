"""One run over all analysers: ask, keep what they measured, begin and end accidents, tell people, remove the old."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy.orm import Session

from smarty_core.errors import ProviderUnavailable
from smarty_core.events import log_event
from smarty_core.services.mail import Mailer
from smarty_core.services.stream_monitoring.alarms import Alarms, Told
from smarty_core.services.stream_monitoring.judging import Judgement, Rule, judge
from smarty_core.services.stream_monitoring.keys import KEYS, Kind
from smarty_core.services.stream_monitoring.polling import Manner, Polled, Sample, poll
from smarty_core.storage.database import Database
from smarty_core.storage.models import Accident, MonitoredStream, StreamMonitor, StreamSample, StreamTrigger
from smarty_core.storage.repositories import stream_monitoring as rows
from smarty_core.storage.repositories.stream_monitoring import AccidentFacts

if TYPE_CHECKING:
    from smarty_core.config import Settings

ERROR_LENGTH: Final = 255
LISTED_SINCE: Final = timedelta(days=1)
"""How long an accident that has ended is still listed."""

log = logging.getLogger("smarty_stream_services")


@dataclass(slots=True)
class Monitored:
    """What one run did."""

    monitors: int = 0
    silent: int = 0
    """Analysers that could not be asked, or not about everything."""
    samples: int = 0
    begun: int = 0
    ended: int = 0
    removed: int = 0
    told: Told = field(default_factory=Told)
    seconds: float = 0.0

    def line(self) -> str:
        return (
            f"{self.monitors} analysers in {self.seconds:.1f} s, {self.silent} with trouble: {self.samples} samples;"
            f" {self.begun} accidents began, {self.ended} ended; {self.told.sent} mails sent, {self.removed} old rows"
            f" removed"
        )

    def demand_told(self) -> None:
        """Raises `ProviderUnavailable` when there are mails that could not be sent: a run that ends so has failed."""
        if self.told.trouble:
            raise ProviderUnavailable(f"{self.told.waiting} mails wait for the next run: {self.told.trouble}")


class StreamMonitoring:
    """Asks analysers and tells people. Two runs at once would tell twice: the command and the job take a lock."""

    def __init__(
        self, *, database: Database, settings: Settings, clock: Callable[[], datetime], mailer: Mailer | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._manner = Manner(
            settings.MONITORING_CONCURRENT_STREAMS_COUNT,
            settings.MONITORING_STREAM_TEST_DURATION,
            settings.MONITORING_AGENT_SOCKET_TCP_BUFFER,
        )
        self._kept = timedelta(days=settings.MONITORING_STREAM_CHECKS_TTL_DAYS)
        self._alarms = Alarms(
            database=database, mailer=mailer or Mailer(settings), zone=settings.TIME_ZONE, clock=clock
        )

    def run(self, client_id: int | None = None) -> Monitored:
        """Ask the analysers of one operator or of all. Raises `StorageError`.

        Everything that was measured is kept before anybody is told; see `Monitored.demand_told` for the mail server.
        """
        begun = time.monotonic()
        done = Monitored()
        with self._database.read_master() as session:
            monitors = rows.watched_monitors(session, client_id)
        for polled in poll(monitors, self._manner, self._clock):
            self._take(polled, done)
        self._end_unwatched(client_id, done)
        done.told = self._alarms.tell(client_id)
        done.removed = self._remove_old()
        done.seconds = time.monotonic() - begun
        return done

    def accidents(self, client_id: int | None = None) -> list[AccidentFacts]:
        """Those that go on and those that ended lately, the latest first."""
        with self._database.read() as session:
            return rows.accidents(session, client_id, ended_since=self._clock() - LISTED_SINCE)

    def _take(self, polled: Polled, done: Monitored) -> None:
        """Keep the samples of an analyser and judge them, in one transaction."""
        monitor, now = polled.monitor, self._clock()
        done.monitors += 1
        done.silent += bool(polled.error)
        if polled.error:
            log_event(log, logging.WARNING, "STREAM_MONITOR_ERROR", monitor=_named(monitor), error=polled.error)
        with self._database.write() as session:
            row = session.get(StreamMonitor, monitor.id)
            if row is None:
                return  # removed while it was asked
            row.last_error = polled.error[:ERROR_LENGTH]
            samples = [one for one in polled.samples if _still_there(session, one)]
            if samples:
                row.last_seen_at = now
            session.add_all(
                StreamSample(
                    client_id=monitor.client_id,
                    monitor_id=monitor.id,
                    stream_id=one.stream_id,
                    taken_at=one.taken_at,
                    values=dict(one.values),
                )
                for one in samples
            )
            changed = self._judge(session, monitor.client_id, monitor.id, samples)
        done.samples += len(samples)
        for accident in changed:
            done.begun += accident.ended_at is None
            done.ended += accident.ended_at is not None
            _log(accident)

    def _judge(self, session: Session, client_id: int, monitor_id: int, samples: Sequence[Sample]) -> list[Accident]:
        """Begin and end accidents by what was measured; what was not measured changes nothing."""
        rules = [rule for row in rows.triggers_of(session, client_id) if (rule := _rule(row)) is not None]
        going_on = rows.open_accidents(session, monitor_id)
        changed: list[Accident] = []
        for sample in samples:
            for rule in rules:
                judgement = judge(rule, sample.kind, sample.values)
                known = going_on.get((rule.trigger_id, sample.stream_id))
                if judgement is None or judgement.bad is (known is not None):
                    continue
                if known is not None:
                    known.ended_at = max(sample.taken_at, known.begun_at)
                    changed.append(known)
                else:
                    accident = _accident(client_id, monitor_id, rule, sample, judgement)
                    session.add(accident)
                    changed.append(accident)
        session.flush()
        return changed

    def _end_unwatched(self, client_id: int | None, done: Monitored) -> None:
        """What is switched off would otherwise be an accident for ever."""
        with self._database.write() as session:
            ended = rows.unwatched_accidents(session, client_id)
            for accident in ended:
                accident.ended_at = max(self._clock(), accident.begun_at)
        done.ended += len(ended)
        for accident in ended:
            _log(accident)

    def _remove_old(self) -> int:
        before, removed = self._clock() - self._kept, 0
        while True:
            with self._database.write() as session:
                some = rows.remove_old(session, before)
            removed += some
            if not some:
                return removed


def _rule(row: StreamTrigger) -> Rule | None:
    if row.type not in KEYS or row.key not in KEYS[cast(Kind, row.type)]:
        log.warning("trigger %s watches %r of %r, which nobody measures", row.id, row.key, row.type)
        return None
    return Rule(row.id, cast(Kind, row.type), row.key, row.lower, row.upper, row.message, row.name)


def _still_there(session: Session, sample: Sample) -> bool:
    return sample.stream_id is None or session.get(MonitoredStream, sample.stream_id) is not None


def _accident(client_id: int, monitor_id: int, rule: Rule, sample: Sample, judgement: Judgement) -> Accident:
    return Accident(
        client_id=client_id,
        trigger_id=rule.trigger_id,
        monitor_id=monitor_id,
        stream_id=sample.stream_id,
        value=judgement.value,
        message=rule.message or rule.name,
        begun_at=sample.taken_at,
    )


def _named(monitor: rows.WatchedMonitor) -> str:
    return f"{monitor.name} ({monitor.id})"


def _log(accident: Accident) -> None:
    """Tell the log that an accident has begun, or ended."""
    about: dict[str, Any] = {
        "accident": accident.id, "trigger": accident.trigger_id, "monitor": accident.monitor_id,
        "stream": accident.stream_id, "value": accident.value,
    }  # fmt: skip
    if accident.ended_at is None:
        log_event(log, logging.ERROR, "STREAM_ACCIDENT_BEGUN", **about)
    else:
        log_event(log, logging.INFO, "STREAM_ACCIDENT_ENDED", **about)
