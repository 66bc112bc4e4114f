"""Jobs run when they are due, once over all hosts, and their last run is known to everybody."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smarty_core.contracts.routes import JobSpec
from smarty_core.errors import LockTaken, NotFound
from smarty_core.services.commands import CommandRunner
from smarty_core.services.jobs import LOCK_GRACE_SECONDS, Job, Jobs
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.models import JobRun

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class SharedLocks:
    """Locks of one installation: every host of a test is given the same object."""

    def __init__(self) -> None:
        self.held: dict[str, float] = {}
        self._guard = threading.Lock()

    @contextlib.contextmanager
    def lock(self, name: str, ttl: float) -> Iterator[None]:
        with self._guard:
            if name in self.held:
                raise LockTaken(name)
            self.held[name] = ttl
        try:
            yield
        finally:
            with self._guard:
                del self.held[name]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/jobs.db")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host(database: Database, clock: Clock) -> Callable[..., Jobs]:
    locks = SharedLocks()

    def make(name: str = "one", *, at: Any = clock) -> Jobs:
        return Jobs(CommandRunner(database=database, locks=locks, clock=at, host=name))

    return make


def wait_for(happened: Callable[[], object], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        threading.Event().wait(0.01)


def test_a_job_is_due_at_once_and_then_after_its_period(host: Callable[..., Jobs], clock: Clock) -> None:
    ran: list[datetime] = []
    jobs = host()
    jobs.register(Job("tick", 60, lambda: ran.append(clock.now)))
    assert [outcome.status for outcome in jobs.run_due()] == ["ok"]
    clock.forward(seconds=59)
    assert jobs.run_due() == []
    clock.forward(seconds=1)
    jobs.run_due()
    assert ran == [START, START + timedelta(seconds=60)]


def test_the_next_run_survives_a_restart(host: Callable[..., Jobs], clock: Clock) -> None:
    ran: list[int] = []
    for _restart in range(3):
        jobs = host()
        jobs.register(Job("tick", 3600, lambda: ran.append(1)))
        jobs.run_due()
        clock.forward(minutes=10)
    assert ran == [1]
    assert jobs.status()[0].next_run == START + timedelta(hours=1)


def test_two_hosts_never_run_one_job_at_the_same_time(host: Callable[..., Jobs]) -> None:
    inside, most = [0], [0]
    guard, go = threading.Lock(), threading.Barrier(2)

    def work() -> None:
        with guard:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        threading.Event().wait(0.05)
        with guard:
            inside[0] -= 1

    results: list[str] = []

    def run(name: str) -> None:
        jobs = host(name)
        jobs.register(Job("tick", 60, work))
        go.wait()
        results.extend(outcome.status for outcome in jobs.run_due())

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert results.count("ok") == 1
    assert set(results) <= {"ok", "busy", "fresh"}


def test_a_job_that_another_host_has_just_done_is_not_done_again(host: Callable[..., Jobs], clock: Clock) -> None:
    ran: list[str] = []
    one, two = host("one"), host("two")
    one.register(Job("tick", 60, lambda: ran.append("one")))
    two.register(Job("tick", 60, lambda: ran.append("two")))
    now = clock.now
    one.run_due(now)
    assert two._run_in_time(two._jobs["tick"], now).status == "fresh"
    assert ran == ["one"]


def test_a_failing_job_is_remembered_and_does_not_stop_the_others(host: Callable[..., Jobs], clock: Clock) -> None:
    jobs = host()
    jobs.register(Job("good", 60, lambda: None))
    jobs.register(Job("bad", 60, lambda: 1 / 0))
    assert {outcome.name: outcome.status for outcome in jobs.run_due()} == {"good": "ok", "bad": "error"}
    clock.forward(seconds=30)
    bad, good = jobs.status()
    assert (bad.status, bad.error, bad.age) == ("error", "ZeroDivisionError: division by zero", None)
    assert (good.status, good.age, good.host) == ("ok", 30, "one")
    assert good.seconds is not None


def test_a_job_that_hangs_is_reported_late_and_not_started_again(host: Callable[..., Jobs], clock: Clock) -> None:
    release = threading.Event()
    jobs = host()
    jobs.register(Job("slow", 1, release.wait, deadline=0.2))
    outcome = jobs.run("slow")
    assert (outcome.status, jobs.status()[0].status) == ("timeout", "timeout")
    assert "deadline of 0.2 s" in jobs.status()[0].error
    clock.forward(seconds=5)
    assert host("two").status() == []
    assert [again.status for again in jobs.run_due()] == ["busy"]
    release.set()
    wait_for(lambda: jobs.status()[0].status == "ok")


def test_the_lock_outlives_the_deadline_a_little(database: Database) -> None:
    locks, seen = SharedLocks(), []
    jobs = Jobs(CommandRunner(database=database, locks=locks))
    jobs.register(Job("tick", 60, lambda: seen.append(dict(locks.held)), deadline=100))
    jobs.run("tick")
    assert seen == [{"command:tick": 100 + LOCK_GRACE_SECONDS}]


def test_a_job_without_a_lock_runs_everywhere(host: Callable[..., Jobs], clock: Clock) -> None:
    ran: list[str] = []
    one, two = host("one"), host("two")
    for name, jobs in (("one", one), ("two", two)):
        jobs.register(Job("local", 60, lambda name=name: ran.append(name), lock=False))
        jobs.run("local")
    assert ran == ["one", "two"]


def test_a_run_whose_process_died_is_shown_as_lost(database: Database, host: Callable[..., Jobs], clock: Clock) -> None:
    with database.write() as session:
        session.add(JobRun(name="tick", started_at=START, status="running", host="dead"))
    jobs = host()
    jobs.register(Job("tick", 600, lambda: None, deadline=30))
    assert jobs.status()[0].status == "running"
    clock.forward(minutes=5)
    assert jobs.status()[0].status == "lost"


def test_a_clock_that_was_set_back_does_not_stop_a_job(
    database: Database, host: Callable[..., Jobs], clock: Clock
) -> None:
    with database.write() as session:
        session.add(JobRun(name="tick", started_at=START + timedelta(days=365), status="ok"))
    ran: list[int] = []
    jobs = host()
    jobs.register(Job("tick", 60, lambda: ran.append(1)))
    next_run = jobs.status()[0].next_run
    assert next_run is not None
    assert next_run <= START + timedelta(seconds=60)


def test_an_unknown_job_names_the_known_ones(host: Callable[..., Jobs]) -> None:
    jobs = host()
    jobs.register(Job("tick", 60, lambda: None))
    with pytest.raises(NotFound, match="known: tick"):
        jobs.run("tock")


def test_a_name_belongs_to_who_came_first(host: Callable[..., Jobs]) -> None:
    jobs = host()
    jobs.register(Job("tick", 60, lambda: None))
    with pytest.raises(ValueError, match="brought by core and by demo"):
        jobs.register(Job("tick", 60, lambda: None, owner="demo"))
    jobs.register_plugin_job("demo", JobSpec("tick", 60, lambda: None))
    assert jobs.names() == ("demo.tick", "tick")


@pytest.mark.parametrize(("period", "deadline"), [(0, 1), (-1, 1), (1, 0)])
def test_a_job_needs_a_period_and_a_deadline(period: float, deadline: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Job("tick", period, lambda: None, deadline=deadline)


def test_the_scheduler_runs_what_is_due_beside_what_hangs_and_stops(database: Database) -> None:
    release, ran = threading.Event(), threading.Event()
    jobs = Jobs(CommandRunner(database=database, locks=SharedLocks()))
    jobs.register(Job("hangs", 1, release.wait, deadline=0.3))
    jobs.register(Job("good", 3600, ran.set))
    jobs.start()
    jobs.start()
    assert ran.wait(20)
    wait_for(lambda: {job.name: job.status for job in jobs.status()} == {"hangs": "timeout", "good": "ok"})
    begun = time.monotonic()
    jobs.stop(0.3)
    assert time.monotonic() - begun < 5
    release.set()


def test_the_scheduler_repeats(database: Database) -> None:
    ran: list[int] = []
    jobs = Jobs(CommandRunner(database=database, locks=SharedLocks()))
    jobs.register(Job("often", 0.5, lambda: ran.append(1)))
    jobs.start()
    wait_for(lambda: len(ran) >= 3)
    jobs.stop()
    count = len(ran)
    assert not threading.Event().wait(0.6)
    assert len(ran) == count
