"""Rows of many threads in one transaction: nobody waits without need, a bad row fails alone, nobody is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarty_core.errors import StorageError
from smarty_core.storage.group_commit import GroupCommit

Until = Callable[[Callable[[], object]], None]
BAD = 10**6


class Store:
    """Takes groups; none with a row from `BAD` on. Writing waits while the gate is closed."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.groups: list[list[int]] = []
        self.begun = 0
        self.away = False

    def write(self, rows: Sequence[int]) -> None:
        self.begun += 1
        assert self.gate.wait(20)
        if self.away:
            raise StorageError("away")
        if max(rows) >= BAD:
            raise ValueError(f"bad: {max(rows)}")
        self.groups.append(list(rows))

    def rows(self) -> list[int]:
        return sorted(row for group in self.groups for row in group)


class Crowd:
    """Threads that put rows at the same time."""

    def __init__(self, pool: ThreadPoolExecutor, until: Until, **options: int) -> None:
        self.store = Store()
        self.group = GroupCommit(self.store.write, **options)
        self._pool = pool
        self._until = until

    def put(self, row: int) -> Future[None]:
        return self._pool.submit(self.group.put, row)

    def wait_for(self, number: int) -> None:
        self._until(lambda: len(self.group._waiting) == number)

    def behind_a_first(self, *rows: int) -> tuple[Future[None], list[Future[None]]]:
        """A first row is being written while the others queue up; then the gate opens."""
        self.store.gate.clear()
        first = self.put(0)
        self._until(lambda: self.store.begun == 1)
        others = []
        for number, row in enumerate(rows, 1):
            others.append(self.put(row))
            self.wait_for(number)
        return first, others


@pytest.fixture
def crowd(until: Until) -> Iterator[Callable[..., Crowd]]:
    with ThreadPoolExecutor(40) as pool:
        yield lambda **options: Crowd(pool, until, **options)


def test_a_lone_row_is_written_at_once_by_its_own_thread(crowd: Callable[..., Crowd]) -> None:
    one = crowd()
    one.group.put(1)
    one.group.put(2)
    assert one.store.groups == [[1], [2]]


def test_rows_that_come_while_another_is_written_go_together(crowd: Callable[..., Crowd]) -> None:
    one = crowd()
    first, others = one.behind_a_first(*range(1, 31))
    one.store.gate.set()
    for done in (first, *others):
        done.result(20)
    assert one.store.groups == [[0], list(range(1, 31))]


def test_a_group_has_its_size_and_the_next_follows(crowd: Callable[..., Crowd]) -> None:
    one = crowd(group=4)
    first, others = one.behind_a_first(*range(1, 11))
    one.store.gate.set()
    for done in (first, *others):
        done.result(20)
    assert one.store.groups == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


@pytest.mark.parametrize("bad_at", [0, 3, 9])
def test_a_bad_row_fails_alone(crowd: Callable[..., Crowd], bad_at: int) -> None:
    one = crowd()
    rows = [BAD if number == bad_at else number + 1 for number in range(10)]
    first, others = one.behind_a_first(*rows)
    one.store.gate.set()
    first.result(20)
    for row, done in zip(rows, others, strict=True):
        if row == BAD:
            with pytest.raises(ValueError, match="bad"):
                done.result(20)
        else:
            done.result(20)
    assert one.store.rows() == sorted({0, *rows} - {BAD})
    one.group.put(99)
    assert one.store.groups[-1] == [99]


def test_everybody_is_told_when_nothing_can_be_written(crowd: Callable[..., Crowd]) -> None:
    one = crowd()
    first, others = one.behind_a_first(1, 2, 3)
    one.store.away = True
    one.store.gate.set()
    for done in (first, *others):
        with pytest.raises(StorageError, match="away"):
            done.result(20)
    one.store.away = False
    one.group.put(7)
    assert one.store.groups == [[7]]


def test_a_row_too_many_is_refused_at_once(crowd: Callable[..., Crowd]) -> None:
    one = crowd(limit=3)
    first, others = one.behind_a_first(1, 2, 3)
    with pytest.raises(StorageError, match="wait"):
        one.group.put(4)
    one.store.gate.set()
    for done in (first, *others):
        done.result(20)
    assert one.store.rows() == [0, 1, 2, 3]


@settings(max_examples=20, deadline=None)
@given(bad=st.sets(st.integers(0, 59)), group=st.integers(1, 8))
def test_every_good_row_is_written_once_and_every_bad_one_is_refused(bad: set[int], group: int) -> None:
    store = Store()
    commits = GroupCommit(store.write, group=group)
    refused: list[int] = []

    def work(first: int) -> None:
        for row in range(first, 60, 6):
            try:
                commits.put(row + BAD if row in bad else row)
            except ValueError:
                refused.append(row)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert store.rows() == sorted(set(range(60)) - bad)
    assert sorted(refused) == sorted(bad)
