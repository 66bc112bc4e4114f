"""The periodic job `npvr`: tells video servers what to record, and follows each record until it is there or failed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from smarty_core.contracts.stream_router import Recording, RecordTask
from smarty_core.errors import DriverError, ProviderError, ProviderRefused, StorageError
from smarty_core.plugins.isolation import call
from smarty_core.services.npvr_recorders import ChosenRecorders
from smarty_core.services.stream_addresses import RouterFor
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import npvr as rows
from smarty_core.storage.repositories.npvr import DueTask, RecorderFacts

if TYPE_CHECKING:
    from smarty_core.config import Settings

LEAD: Final = timedelta(minutes=15)
"""How long before its begin a server is told of a record."""

PATIENCE: Final = timedelta(days=1)
"""How long after the end of a record its server is asked what became of it, or told that nobody wants it."""

FAILURES_SHOWN: Final = timedelta(days=7)
BATCH: Final = 200

_UNFIT: Final = re.compile(r"[^A-Za-z0-9-]")

log = logging.getLogger("smarty_main")


@dataclass(slots=True)
class Advanced:
    """What one round did."""

    told: int = 0
    begun: int = 0
    done: int = 0
    failed: int = 0
    taken_back: int = 0
    removed: int = 0

    def line(self) -> str:
        return (
            f"{self.told} sent, {self.begun} begun, {self.done} done, {self.failed} failed,"
            f" {self.taken_back} taken back, {self.removed} removed"
        )


@dataclass(slots=True)
class _Round:
    """The present, what was done, and what the servers said of their tasks; each is asked once."""

    now: datetime
    did: Advanced = field(default_factory=Advanced)
    said: dict[int, Mapping[str, Recording] | None] = field(default_factory=dict)


class NpvrRounds:
    """Carries all records on. Only one at a time over all hosts: the job's lock sees to that."""

    def __init__(
        self, *, database: Database, router_for: RouterFor, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._router_for = router_for
        self._recorders = ChosenRecorders(database=database, router_for=router_for)
        self._prefix = _UNFIT.sub("-", str(settings.INSTANCE))
        self._clock = clock

    def advance(self) -> Advanced:
        """Do what is due. A server that does not answer is tried again in the next round."""
        this = _Round(self._clock())
        with self._database.read_master() as session:
            shifts = rows.shifts(session)
        for shift_hours in shifts:
            for one in self._due(shift_hours, this.now):
                try:
                    self._carry_on(one, this)
                except StorageError:
                    raise
                except Exception:  # one record that cannot be carried on must not keep the others
                    log.exception("record %s could not be carried on", one.task.id)
        while True:
            with self._database.write() as session:
                gone = rows.remove_expired(session, this.now, this.now - FAILURES_SHOWN, BATCH)
            this.did.removed += gone
            if gone < BATCH:
                return this.did

    def _due(self, shift_hours: int, now: datetime) -> Iterator[DueTask]:
        last = 0
        while True:
            with self._database.read_master() as session:
                batch = rows.due(session, shift_hours, now=now, lead=LEAD, limit=BATCH, after_id=last)
            yield from batch
            if len(batch) < BATCH:
                return
            last = batch[-1].task.id

    def _carry_on(self, one: DueTask, this: _Round) -> None:
        task, recorder = one.task, one.recorder
        if task.status == rows.CANCELLED:
            self._take_back(one, this)
            return
        if recorder is None:
            self._fail(one, "the stream service was removed", this)
            return
        shift = timedelta(hours=recorder.service.shift_hours)
        begin, end = task.begin + shift, task.end + shift
        if task.status == rows.PLANNED and not task.external_id:
            told = self._recorders.is_told(recorder)
            if told is not False and end <= this.now:
                self._fail(one, task.error or "the server was not told in time", this)
                return
            if told is None:
                self._write(one, (rows.PLANNED,), error="the router of the stream service does not work")
                return
            if told:
                self._tell(one, recorder, this)
                if not task.external_id:
                    return
        if task.status == rows.PLANNED and begin <= this.now:
            this.did.begun += self._write(one, (rows.PLANNED,), status=rows.RECORDING)
        elif task.status == rows.RECORDING:
            self._follow(one, recorder, end, this)

    def _tell(self, one: DueTask, recorder: RecorderFacts, this: _Round) -> None:
        try:
            name = call(self._router_for(recorder.service), "record", self._task(one, recorder, this.now))
        except ProviderRefused as exc:
            self._fail(one, str(exc), this)
        except (ProviderError, DriverError) as exc:
            log.warning("record %s: the server of %s took no task: %s", one.task.id, recorder.service.name, exc)
            self._write(one, (rows.PLANNED,), error=str(exc)[:255])
        else:
            # Also when it was taken back meanwhile: without the name nobody could tell the server.
            this.did.told += self._write(one, (rows.PLANNED, rows.CANCELLED), external_id=name, error="")

    def _follow(self, one: DueTask, recorder: RecorderFacts, end: datetime, this: _Round) -> None:
        """A record whose time is over: is it there, has it failed?"""
        if one.task.external_id:
            said = self._said(recorder, this)
            known = said.get(one.task.external_id) if said is not None else None
            if known is not None and known.state == "failed":
                self._fail(one, known.detail or "the server says that it failed", this)
                return
            if said is None or (known is not None and known.state != "done"):
                if this.now > end + PATIENCE:
                    self._fail(one, "the server never said that it is done", this)
                return
        this.did.done += self._write(one, (rows.RECORDING,), status=rows.DONE, error="")

    def _said(self, recorder: RecorderFacts, this: _Round) -> Mapping[str, Recording] | None:
        """What a server says of its tasks, by their names; None when it says nothing."""
        number = recorder.service.id
        if number not in this.said:
            try:
                found = call(self._router_for(recorder.service), "recordings")
                this.said[number] = {one.external_id: one for one in found}
            except (ProviderError, DriverError) as exc:
                log.warning("stream service %s does not say what it records: %s", recorder.service.name, exc)
                this.said[number] = None
        return this.said[number]

    def _take_back(self, one: DueTask, this: _Round) -> None:
        task, recorder = one.task, one.recorder
        if task.external_id and recorder is not None:
            try:
                task_ = self._task(one, recorder, this.now)
                call(self._router_for(recorder.service), "cancel_record", task_)
            except ProviderRefused as exc:
                log.warning("record %s could not be taken back: %s", task.id, exc)
            except (ProviderError, DriverError) as exc:
                if this.now < task.end + PATIENCE:
                    log.warning("record %s could not be taken back yet: %s", task.id, exc)
                    return
        with self._database.write() as session:
            rows.remove(session, task.id, while_status=rows.CANCELLED)
        this.did.taken_back += 1

    def _task(self, one: DueTask, recorder: RecorderFacts, now: datetime) -> RecordTask:
        task, shift = one.task, timedelta(hours=recorder.service.shift_hours)
        return RecordTask(
            id=f"{self._prefix}-{task.id}-{int(task.end.timestamp())}",
            content_id=one.channel.content_id,
            prefix=one.channel.prefix,
            start=task.begin + shift,
            stop=task.end + shift,
            name=task.name,
            source=one.channel.source,
            directory=recorder.directory,
            keep_seconds=recorder.lifetime,
            urgent=task.begin + shift <= now,
            external_id=task.external_id,
        )

    def _fail(self, one: DueTask, why: str, this: _Round) -> None:
        if self._write(one, (rows.PLANNED, rows.RECORDING), status=rows.FAILED, error=why[:255]):
            log.warning("record %s of channel %s failed: %s", one.task.id, one.channel.prefix, why)
            this.did.failed += 1

    def _write(self, one: DueTask, states: tuple[str, ...], **columns: object) -> bool:
        """Write it down, unless the task has changed meanwhile; whether it was written."""
        with self._database.write() as session:
            written = rows.change(session, one.task, while_status=states, **columns)
        if written:
            for name, value in columns.items():
                setattr(one.task, name, value)
        return written
