"""Periodic work: who is due, who ran when, and the scheduler inside `serve`.

When a job is due follows from its last start on any host, kept in `job_run`, so a restart forgets nothing and two
schedulers do not run one job twice: each run takes the lock of the command of that name and looks again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from smarty_core.contracts.routes import JobSpec
from smarty_core.errors import NotFound, SmartyError
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.commands import CommandRunner, Outcome
from smarty_core.storage.models import JobRun

TICK_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 10.0
"""When to look again after another host was found at work, or the database was away."""

LOCK_GRACE_SECONDS: Final = 60.0
"""How long after its deadline a job that does not come back still keeps other hosts from starting it."""

log = logging.getLogger("smarty_management")


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of periodic work. `name` is the name of the management command that does the same, if there is one."""

    name: str
    period_seconds: float
    run: Callable[[], object]
    deadline: float = 3600.0
    """Seconds after which a run counts as failed and, a little later, other hosts may start it."""
    lock: bool = True
    """Whether only one host at a time may run it; without, every process runs it for itself."""
    doc: str = ""
    owner: str = "core"
    """Name of the plugin that brought it."""

    def __post_init__(self) -> None:
        if self.period_seconds <= 0 or self.deadline <= 0:
            raise ValueError(f"job {self.name!r} needs a positive period and deadline")


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What is known of a job. Times are None, and `status` is `never`, before its first run.

    `status`: ok, error, timeout, running, or lost (its process died on the way). `age` is the time in seconds since it
    last succeeded.
    """

    name: str
    owner: str
    period_seconds: float
    status: str
    last_run: datetime | None = None
    seconds: float | None = None
    age: float | None = None
    next_run: datetime | None = None
    error: str = ""
    host: str = ""


class Jobs:
    """All jobs of this process. `start` and `stop` belong to `serve`; everything else works without."""

    def __init__(self, runner: CommandRunner) -> None:
        self.runner: Final = runner
        self._jobs: dict[str, Job] = {}
        self._next: dict[str, datetime] = {}
        self._running: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._scheduler: threading.Thread | None = None

    def register(self, job: Job, *, replace: bool = False) -> None:
        """Add a job. Raises `ValueError` when the name is taken; the same owner may `replace` its own."""
        with self._lock:
            known = self._jobs.get(job.name)
            if known is not None and not (replace and known.owner == job.owner):
                raise ValueError(f"job {job.name!r} is brought by {known.owner} and by {job.owner}")
            self._jobs[job.name] = job
            self._next.pop(job.name, None)

    def register_plugin_job(self, plugin: str, spec: JobSpec, *, replace: bool = False) -> None:
        """Add a plugin's job as `<plugin>.<name>`."""
        job = Job(
            name=f"{plugin}.{spec.name}",
            period_seconds=spec.period_seconds,
            run=spec.run,
            deadline=spec.deadline,
            lock=spec.lock,
            owner=plugin,
        )
        self.register(job, replace=replace)

    def collect_from(self, hooks: Hooks) -> None:
        """Ask every plugin for its jobs. A plugin that answers with something else is disabled."""
        for plugin, answer in hooks.collect("register_jobs"):
            specs = list(answer) if isinstance(answer, (list, tuple)) else [answer]
            if strangers := [spec for spec in specs if not isinstance(spec, JobSpec)]:
                hooks.disable(plugin, f"register_jobs answered with {type(strangers[0]).__name__} instead of JobSpec")
                continue
            for spec in specs:
                self.register_plugin_job(plugin, spec, replace=True)

    def find(self, name: str) -> Job:
        """The job of this name. Raises `NotFound`."""
        job = self._jobs.get(name)
        if job is None:
            raise NotFound(f"there is no job {name!r}; known: {', '.join(self.names()) or 'none'}")
        return job

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._jobs))

    def run(self, name: str) -> Outcome:
        """Run a job now, due or not, and wait for it until its deadline. Raises `NotFound`."""
        return self._run_in_time(self.find(name), None)

    def run_due(self, now: datetime | None = None) -> list[Outcome]:
        """Run every job that is due at `now`, one after the other; what became of each."""
        now = now or self.runner.clock()
        rows = self._rows()
        due = [job for job in list(self._jobs.values()) if _next_run(job, rows.get(job.name), now) <= now]
        return [self._run_in_time(job, now) for job in due]

    def status(self, now: datetime | None = None) -> list[JobStatus]:
        """All jobs by name, with their last run on any host."""
        now = now or self.runner.clock()
        rows = self._rows()
        return [_status(self._jobs[name], rows.get(name), now) for name in self.names()]

    def start(self) -> None:
        """Start the scheduler thread; a second call does nothing."""
        with self._lock:
            if self._scheduler is not None:
                return
            self._stop.clear()
            self._scheduler = threading.Thread(target=self._schedule, name="scheduler", daemon=True)
            self._scheduler.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Start nothing more and give what runs a moment to finish. Returns after `seconds` at the latest."""
        self._stop.set()
        deadline = time.monotonic() + seconds
        with self._lock:
            threads = [thread for thread in (self._scheduler, *self._running.values()) if thread is not None]
            self._scheduler = None
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _schedule(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            try:
                self._tick(self.runner.clock())
            except Exception:
                log.exception("the scheduler stumbled; it goes on")

    def _tick(self, now: datetime) -> None:
        jobs = list(self._jobs.values())
        if any(job.name not in self._next for job in jobs):
            try:
                rows = self._rows()
            except SmartyError as failure:
                log.error("the scheduler cannot read the last runs: %s", failure)
                self._stop.wait(RETRY_SECONDS)
                return
            for job in jobs:
                self._next.setdefault(job.name, _next_run(job, rows.get(job.name), now))
        for job in jobs:
            busy = self._running.get(job.name)
            if self._next.setdefault(job.name, now) <= now and not (busy is not None and busy.is_alive()):
                self._next[job.name] = now + timedelta(seconds=min(job.period_seconds, RETRY_SECONDS))
                self._launch(job, now, then=self._plan, watched=True)

    def _plan(self, job: Job, outcome: Outcome) -> None:
        """When to look at the job again."""
        if outcome.status == "busy":
            return  # looked at again after RETRY_SECONDS
        try:
            row = self.runner.last(job.name)
        except SmartyError:
            return
        self._next[job.name] = _next_run(job, row, self.runner.clock())

    def _run_in_time(self, job: Job, now: datetime | None) -> Outcome:
        outcomes: list[Outcome] = []
        thread = self._launch(job, now, then=lambda _job, outcome: outcomes.append(outcome))
        thread.join(job.deadline)
        if outcomes:
            return outcomes[0]
        return Outcome(job.name, "timeout", job.deadline, self.runner.note_overdue(job.name, job.deadline))

    def _launch(
        self, job: Job, now: datetime | None, then: Callable[[Job, Outcome], None], *, watched: bool = False
    ) -> threading.Thread:
        """Run a job in a daemon thread: one that hangs holds up neither its neighbours nor the exit.

        `now` is given for a run that is only due by the clock; `watched` when nobody waits for its deadline.
        """

        def still_fresh() -> bool:
            return now is not None and _next_run(job, self.runner.last(job.name), now) > now

        def work() -> None:
            watch = threading.Timer(job.deadline, self.runner.note_overdue, (job.name, job.deadline))
            watch.daemon = True
            if watched:
                watch.start()
            try:
                outcome = self.runner.perform(
                    job.name, job.run, ttl=job.deadline + LOCK_GRACE_SECONDS, locked=job.lock, unless=still_fresh
                )
            except SystemExit as left:
                outcome = Outcome(job.name, "error", error=f"it tried to end the process ({left})")
            finally:
                watch.cancel()
            then(job, outcome)

        thread = threading.Thread(target=work, name=f"job-{job.name}", daemon=True)
        with self._lock:
            self._running[job.name] = thread
        thread.start()
        return thread

    def _rows(self) -> dict[str, JobRun]:
        with self.runner.database.read() as session:
            rows: Iterable[JobRun] = session.scalars(select(JobRun).where(JobRun.name.in_(list(self._jobs))))
            return {row.name: row for row in rows}


def _next_run(job: Job, row: JobRun | None, now: datetime) -> datetime:
    """When the job is due; at once if it never ran, or if a clock set back made its last run lie in the future."""
    if row is None:
        return now
    return min(row.started_at, now) + timedelta(seconds=job.period_seconds)


def _status(job: Job, row: JobRun | None, now: datetime) -> JobStatus:
    if row is None:
        return JobStatus(job.name, job.owner, job.period_seconds, "never", next_run=now)
    status = row.status
    if status == "running" and now - row.started_at > timedelta(seconds=job.deadline + LOCK_GRACE_SECONDS):
        status = "lost"
    return JobStatus(
        name=job.name,
        owner=job.owner,
        period_seconds=job.period_seconds,
        status=status,
        last_run=row.started_at,
        seconds=row.seconds,
        age=None if row.succeeded_at is None else max(0.0, (now - row.succeeded_at).total_seconds()),
        next_run=_next_run(job, row, now),
        error=row.error,
        host=row.host,
    )
