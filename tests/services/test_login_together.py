"""Logins that come at the same moment share a transaction, and none of them pays for another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import select

from smarty_core.services.login import LoggedIn
from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.login_together import Together
from smarty_core.storage.database import Database
from smarty_core.storage.models import Device
from smarty_core.testing.subscribers import SubscriberWorld

LONGEST = 20.0
"""Seconds a test waits for what must come."""


class Worker:
    """Work that can be held up; keeps which jobs came together. Job 0 fails by itself, job -1 with everybody."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = threading.Event()
        self.begun = threading.Event()

    def work(self, jobs: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(jobs))
        self.begun.set()
        assert self.go.wait(LONGEST)
        if -1 in jobs:
            raise OSError("everybody's")
        return [ValueError("mine alone") if job == 0 else job * 10 for job in jobs]


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _held_up(worker: Worker, jobs: Sequence[int]) -> list[Future[int]]:
    """Job 1 is being worked on and `jobs` wait; then all are let go."""
    together: Together[int, int] = Together(worker.work)
    with ThreadPoolExecutor(len(jobs) + 1) as threads:
        first = threads.submit(together.do, 1)
        assert worker.begun.wait(LONGEST)
        others = [threads.submit(together.do, job) for job in jobs]
        _until(lambda: together.waiting == len(jobs))
        worker.go.set()
        return [first, *others]


def test_who_waits_is_taken_along_and_each_gets_his_own_outcome() -> None:
    worker = Worker()
    done = _held_up(worker, [2, 3, 4, 5])
    assert [future.result() for future in done] == [10, 20, 30, 40, 50]
    assert worker.batches[0] == [1]
    assert sorted(worker.batches[1]) == [2, 3, 4, 5]
    assert len(worker.batches) == 2


def test_one_that_fails_fails_alone() -> None:
    done = _held_up(Worker(), [2, 0, 4])
    assert [future.result() for future in (done[0], done[1], done[3])] == [10, 20, 40]
    with pytest.raises(ValueError, match="mine alone"):
        done[2].result()


def test_trouble_of_the_work_itself_is_told_to_all_who_were_in_it_and_to_nobody_else() -> None:
    worker = Worker()
    done = _held_up(worker, [2, -1])
    assert done[0].result() == 10
    for future in done[1:]:
        with pytest.raises(OSError, match="everybody's"):
            future.result()


class Street:
    """Subscribers 1..n of one operator; the number is the abonement."""

    def __init__(self, database: Database, subscribers: int) -> None:
        self.world = SubscriberWorld(database)
        self.operator = self.world.operator()
        tariff = self.world.tariff(self.operator, basic_sessions_count=1, sessions_count=1)
        for number in range(1, subscribers + 1):
            self.world.subscriber(self.operator, str(number), tariffs=[tariff])

    def log_in_all(self, attempts: Sequence[tuple[int, str, str]]) -> list[LoggedIn | LoginRefusal]:
        """(abonement, password, device_uid), all at the same moment."""
        start = threading.Barrier(len(attempts))

        def one(attempt: tuple[int, str, str]) -> LoggedIn | LoginRefusal:
            start.wait(LONGEST)
            try:
                return self.world.log_in(
                    self.operator, abonement=str(attempt[0]), password=attempt[1], device_uid=attempt[2]
                )
            except LoginRefused as refused:
                return refused.refusal

        with ThreadPoolExecutor(len(attempts)) as threads:
            return list(threads.map(one, attempts))


def test_many_at_once_each_get_a_session_of_their_own(database: Database) -> None:
    street = Street(database, 12)
    first = street.log_in_all([(number, "4711", f"box-{number}") for number in range(1, 13)])
    wrong = [(number, "0000", f"box-{number}") for number in range(1, 7)]
    right = [(number, "4711", f"box-{number}") for number in range(7, 13)]
    again = street.log_in_all([*wrong, *right])
    assert again[:6] == [LoginRefusal.NO_ACCOUNT] * 6
    keys = [done.authkey for done in (*first[:6], *again[6:]) if isinstance(done, LoggedIn)]
    viewers = [street.world.sessions.find(key, street.operator.id) for key in keys]
    assert [viewer.abonement for viewer in viewers if viewer] == [str(number) for number in range(1, 13)]
    replaced = [done.authkey for done in first[6:] if isinstance(done, LoggedIn)]
    assert len(replaced) == 6
    assert [street.world.sessions.find(key, street.operator.id) for key in replaced] == [None] * 6


def test_of_two_accounts_that_claim_one_new_device_one_gets_it_and_the_neighbours_notice_nothing(
    database: Database,
) -> None:
    street = Street(database, 6)
    attempts = [
        (1, "4711", "shared"),
        (2, "4711", "shared"),
        *((number, "4711", f"b{number}") for number in (3, 4, 5, 6)),
    ]
    done = street.log_in_all(attempts)
    assert sorted(isinstance(each, LoggedIn) for each in done[:2]) == [False, True]
    assert LoginRefusal.DEVICE_OF_ANOTHER in done[:2]
    assert all(isinstance(each, LoggedIn) for each in done[2:])
    with database.read() as session:
        assert len(session.scalars(select(Device)).all()) == 5
