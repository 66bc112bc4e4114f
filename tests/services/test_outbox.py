"""Durable events reach their plugins at least once, in order per key, whatever happens on the way."""

from __future__ import annotations

import threading
import time
import types
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from stevedore.extension import Extension

from smarty_core.contracts.events import AccountCreated
from smarty_core.errors import NotFound
from smarty_core.hookspecs import hookimpl
from smarty_core.plugins.discovery import Discovery, Injected
from smarty_core.plugins.hooks import Hooks
from smarty_core.services import outbox as outbox_module
from smarty_core.services.outbox import MAX_ATTEMPTS, Delivered, Outbox
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.models import OutboxEvent

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/outbox.db")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


def hooks_with(**listeners: Callable[[Any], object]) -> Hooks:
    found = []
    for name, listener in listeners.items():
        module = types.ModuleType(name)

        def account_created(event: Any, listener: Callable[[Any], object] = listener) -> None:
            listener(event)

        module.account_created = hookimpl(account_created)  # type: ignore[attr-defined]
        extension = Extension(name, EntryPoint(name, "x:y", "smarty.hooks"), module, None)  # type: ignore[arg-type, var-annotated]
        found.append(Injected(extension, f"smarty-{name}"))
    return Hooks(Discovery(environ={}, injected={"smarty.hooks": found}))


def make(database: Database, clock: Clock, **listeners: Callable[[Any], object]) -> tuple[Outbox, Hooks]:
    hooks = hooks_with(**listeners)
    outbox = Outbox(database=database, hooks=hooks, clock=clock)
    hooks.use(put_durable=outbox.put)
    return outbox, hooks


def raise_event(database: Database, hooks: Hooks, account: int, key: str = "") -> None:
    with database.write() as session:
        event = AccountCreated(client_id=1, account_id=account)
        hooks.notify_durable(session, "account_created", event=event, order_key=key)


def test_an_event_is_delivered_once_to_each_plugin(database: Database, clock: Clock) -> None:
    told: list[tuple[str, int]] = []
    outbox, hooks = make(
        database, clock, a=lambda e: told.append(("a", e.account_id)), b=lambda e: told.append(("b", e.account_id))
    )
    raise_event(database, hooks, 5)
    assert outbox.deliver_due() == Delivered(delivered=2)
    assert outbox.deliver_due() == Delivered()
    assert sorted(told) == [("a", 5), ("b", 5)]
    assert outbox.status() == []


def test_an_undone_transaction_tells_nobody(database: Database, clock: Clock) -> None:
    told: list[Any] = []
    outbox, hooks = make(database, clock, a=told.append)

    def change_of_mind() -> None:
        with database.write() as session:
            hooks.notify_durable(session, "account_created", event=AccountCreated(client_id=1, account_id=5))
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError):
        change_of_mind()
    assert outbox.deliver_due() == Delivered()
    assert told == []


def test_events_survive_the_process_that_wrote_them(database: Database, clock: Clock) -> None:
    _, hooks = make(database, clock, a=lambda event: None)
    raise_event(database, hooks, 5)
    told: list[Any] = []
    fresh, _ = make(database, clock, a=told.append)
    assert fresh.deliver_due() == Delivered(delivered=1)
    assert told == [AccountCreated(client_id=1, account_id=5)]


def test_events_of_one_key_keep_their_order_even_when_one_fails(database: Database, clock: Clock) -> None:
    told: list[int] = []
    broken = {2}

    def listen(event: Any) -> None:
        if event.account_id in broken:
            raise RuntimeError("not yet")
        told.append(event.account_id)

    outbox, hooks = make(database, clock, a=listen)
    for number in (1, 2, 3):
        raise_event(database, hooks, number, "account:x")
    for _ in range(4):
        outbox.deliver_due()
    assert told == [1]
    broken.clear()
    clock.forward(seconds=30)
    while outbox.deliver_due().delivered:
        pass
    assert told == [1, 2, 3]


def test_a_poison_event_does_not_block_other_keys_or_plugins(database: Database, clock: Clock) -> None:
    told: list[tuple[str, int]] = []

    def picky(event: Any) -> None:
        if event.account_id == 1:
            raise RuntimeError("poison")
        told.append(("picky", event.account_id))

    outbox, hooks = make(database, clock, picky=picky, easy=lambda event: told.append(("easy", event.account_id)))
    raise_event(database, hooks, 1, "k1")
    raise_event(database, hooks, 2, "k2")
    raise_event(database, hooks, 3)
    outbox.deliver_due()
    outbox.deliver_due()
    assert sorted(told) == [("easy", 1), ("easy", 2), ("easy", 3), ("picky", 2), ("picky", 3)]
    (left,) = outbox.status()
    assert (left.plugin, left.status, left.attempts, left.order_key) == ("picky", "retrying", 1, "k1")
    assert "RuntimeError: poison" in left.last_error


def test_retries_come_later_and_later_and_end(database: Database, clock: Clock) -> None:
    calls: list[datetime] = []

    def never(event: Any) -> None:
        calls.append(clock.now)
        if event.account_id == 1:
            raise RuntimeError("never")

    outbox, hooks = make(database, clock, a=never)
    raise_event(database, hooks, 1, "k")
    raise_event(database, hooks, 2, "k")
    gaps = []
    for _ in range(MAX_ATTEMPTS):
        due = outbox.status()[0].next_attempt_at
        gaps.append((due - clock.now).total_seconds())
        clock.now = due + timedelta(seconds=1)
        hooks._breakers.clear()
        outbox.deliver_due()
    assert gaps[1:4] == pytest.approx([5, 10, 20], abs=2)
    assert max(gaps) == pytest.approx(3600, abs=2)
    state = outbox.status()[0]
    assert (state.status, state.attempts) == ("failed", MAX_ATTEMPTS)
    assert outbox.counts() == {"a": {"waiting": 1, "failed": 1}}
    clock.forward(hours=2)
    assert outbox.deliver_due() == Delivered(delivered=1), "those behind a given-up event go on"
    outbox.retry(state.id)
    assert outbox.status()[0].status != "failed"
    with pytest.raises(NotFound):
        outbox.retry(state.id + 100)


def test_a_crash_between_telling_and_noting_repeats_the_event_after_the_lease(database: Database, clock: Clock) -> None:
    told: list[Any] = []
    outbox, hooks = make(database, clock, a=told.append)
    raise_event(database, hooks, 5)
    (row,) = outbox._heads(["a"], clock.now)["a"]
    assert outbox._take(row, clock.now)
    assert outbox.deliver_due() == Delivered(), "in the hands of a process that has just died"
    clock.forward(seconds=outbox_module.LEASE.total_seconds() + 1)
    assert outbox.deliver_due() == Delivered(delivered=1)
    assert len(told) == 1


def test_two_hosts_do_not_take_the_same_event(database: Database, clock: Clock) -> None:
    told: list[int] = []
    lock = threading.Lock()

    def listen(event: Any) -> None:
        with lock:
            told.append(event.account_id)

    first, hooks = make(database, clock, a=listen)
    second, _ = make(database, clock, a=listen)
    for number in range(30):
        raise_event(database, hooks, number, f"k{number % 3}")
    hosts = [
        threading.Thread(target=lambda host=host: [host.deliver_due() for _ in range(30)]) for host in (first, second)
    ]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join()
    assert sorted(told) == list(range(30))
    for key in range(3):
        mine = [number for number in told if number % 3 == key]
        assert mine == sorted(mine)


def test_events_of_a_plugin_that_is_gone_stay(database: Database, clock: Clock) -> None:
    _, hooks = make(database, clock, gone=lambda event: None)
    raise_event(database, hooks, 5)
    told: list[Any] = []
    without, _ = make(database, clock, other=told.append)
    assert without.deliver_due() == Delivered()
    assert [event.plugin for event in without.status()] == ["gone"]
    assert told == []


def test_a_plugin_that_hangs_holds_up_no_other(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "PLUGIN_SECONDS", 0.3)
    release, told = threading.Event(), []
    outbox, hooks = make(database, clock, slow=lambda event: release.wait(), quick=told.append)
    raise_event(database, hooks, 1)
    begun = time.monotonic()
    outbox.deliver_due()
    raise_event(database, hooks, 2)
    outbox.deliver_due()
    assert time.monotonic() - begun < 5
    assert [event.account_id for event in told] == [1, 2]
    release.set()


def test_the_worker_delivers_soon_after_the_commit_and_stops(database: Database) -> None:
    told = threading.Event()
    hooks = hooks_with(a=lambda event: told.set())
    outbox = Outbox(database=database, hooks=hooks)
    hooks.use(put_durable=outbox.put)
    outbox.start()
    outbox.start()
    raise_event(database, hooks, 5)
    assert told.wait(10)
    outbox.stop()
    told.clear()
    raise_event(database, hooks, 6)
    assert not told.wait(0.2)


def test_delivered_events_are_dropped_after_a_week(database: Database, clock: Clock) -> None:
    outbox, hooks = make(database, clock, a=lambda event: None)
    raise_event(database, hooks, 1)
    outbox.deliver_due()
    clock.forward(days=6)
    assert outbox.clean() == 0
    clock.forward(days=2)
    assert outbox.clean() == 1
    with database.read() as session:
        assert session.query(OutboxEvent).count() == 0


def test_a_plugins_own_tasks_are_done_and_wait_for_their_handler(database: Database, clock: Clock) -> None:
    outbox, _ = make(database, clock)
    with database.write() as session:
        outbox.put(session, plugin="billing", hook="task:charge", payload={"sum": "5"}, order_key="c1")
    assert outbox.deliver_due() == Delivered()
    done: list[Any] = []

    def charge(payload: Any) -> None:
        done.append(payload)
        if len(done) == 1:
            raise OSError("bank is away")

    outbox.handle("billing", "charge", charge)
    assert outbox.deliver_due() == Delivered(failed=1)
    clock.forward(seconds=6)
    assert outbox.deliver_due() == Delivered(delivered=1)
    assert done == [{"sum": "5"}, {"sum": "5"}]
