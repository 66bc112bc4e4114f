"""Durable events: written in the transaction that causes them, told to each plugin until it has taken them.

At least once: a crash between the commit and the telling loses nothing, a crash after the telling repeats it. Events
of one order key reach a plugin one by one in the order they were written; the next one waits until the one before it
is taken or given up. Other keys, and other plugins, do not wait.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from smarty_core.errors import NotFound, SmartyError, StorageError
from smarty_core.plugins.discovery import describe
from smarty_core.plugins.hooks import HookFailed, HookPaused, Hooks
from smarty_core.plugins.isolation import plugin_log, threads_of
from smarty_core.plugins.threads import PAUSE, Overdue, Stuck
from smarty_core.storage.database import Database, after_commit
from smarty_core.storage.models import OutboxEvent
from smarty_core.values import utc_now

LEASE: Final = timedelta(seconds=90)
"""How long an event that a process has taken in hand is left alone by others; longer than any hook's deadline."""

FIRST_RETRY_SECONDS: Final = 5.0
LAST_RETRY_SECONDS: Final = 3600.0
MAX_ATTEMPTS: Final = 50
"""About two days of trying. Then the event is given up: it stays visible, and those behind it go on."""

KEEP_DELIVERED: Final = timedelta(days=7)
BATCH: Final = 200
TICK_SECONDS: Final = 1.0
PLUGIN_SECONDS: Final = 5.0
"""How long one delivery step waits for the slowest plugin; it goes on in the background after that."""

TASK: Final = "task:"
"""Begins the `hook` of a plugin's own tasks (`Host.outbox`)."""

TASK_DEADLINE: Final = 60.0

TaskHandler = Callable[[Mapping[str, Any]], object]

EventStatus = Literal["waiting", "retrying", "failed", "delivered"]

log = logging.getLogger("smarty_plugins")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one delivery step did."""

    delivered: int = 0
    failed: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        return Delivered(self.delivered + other.delivered, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class EventState:
    """One event as support sees it. `order_key` is empty for events that need no order."""

    id: int
    plugin: str
    hook: str
    order_key: str
    status: EventStatus
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    last_error: str


class Outbox:
    """Writes, tells and shows durable events."""

    def __init__(self, *, database: Database, hooks: Hooks, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._hooks = hooks
        self._clock = clock
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._busy: dict[str, threading.Thread] = {}
        self._handlers: dict[tuple[str, str], TaskHandler] = {}
        self._cleaned_at: datetime | None = None

    def put(self, session: Session, *, plugin: str, hook: str, payload: Mapping[str, Any], order_key: str = "") -> None:
        """Write one event for one plugin in the caller's transaction. `payload` holds JSON values only."""
        now = self._clock()
        session.add(
            OutboxEvent(
                plugin=plugin,
                hook=hook,
                # An event without an order has a key of its own, so that "the first of each key" finds it.
                order_key=order_key or f"~{secrets.token_hex(12)}",
                payload=dict(payload),
                created_at=now,
                next_attempt_at=now,
            )
        )
        after_commit(session, self._wake.set)

    def handle(self, plugin: str, kind: str, handler: TaskHandler) -> None:
        """Say who does the plugin's own tasks of `kind`; rows of kinds nobody handles in this process wait."""
        self._handlers[plugin, f"{TASK}{kind}"] = handler

    def deliver_due(self, now: datetime | None = None) -> Delivered:
        """Tell every event that is due at `now`, plugin by plugin at the same time.

        A plugin that is still busy with an earlier step is left out. Rows of plugins that are not installed stay.
        """
        now = now or self._clock()
        known = {*self._hooks.plugins(), *(plugin for plugin, _ in self._handlers)}
        plugins = [name for name in sorted(known) if not self._is_busy(name)]
        heads = self._heads(plugins, now)
        results: dict[str, Delivered] = {}
        begun = time.monotonic()

        def moment() -> datetime:
            return now + timedelta(seconds=time.monotonic() - begun)

        for plugin, rows in heads.items():
            thread = threading.Thread(
                target=self._deliver_to, args=(plugin, rows, moment, results), name=f"outbox-{plugin}", daemon=True
            )
            self._busy[plugin] = thread
            thread.start()
        deadline = time.monotonic() + PLUGIN_SECONDS
        for plugin in heads:
            self._busy[plugin].join(max(0.0, deadline - time.monotonic()))
        return sum(list(results.values()), Delivered())

    def status(self, *, limit: int = 200, plugin: str = "") -> list[EventState]:
        """Events that are not delivered yet, the oldest first."""
        question = select(OutboxEvent).where(OutboxEvent.delivered_at.is_(None)).order_by(OutboxEvent.id).limit(limit)
        if plugin:
            question = question.where(OutboxEvent.plugin == plugin)
        with self._database.read() as session:
            return [_state(row) for row in session.scalars(question)]

    def counts(self) -> dict[str, dict[str, int]]:
        """Undelivered events by plugin: `waiting` and `failed`."""
        given_up = OutboxEvent.attempts >= MAX_ATTEMPTS
        question = (
            select(OutboxEvent.plugin, given_up, func.count())
            .where(OutboxEvent.delivered_at.is_(None))
            .group_by(OutboxEvent.plugin, given_up)
        )
        found: dict[str, dict[str, int]] = {}
        with self._database.read() as session:
            for plugin, failed, count in session.execute(question):
                found.setdefault(plugin, {"waiting": 0, "failed": 0})["failed" if failed else "waiting"] = count
        return found

    def retry(self, event_id: int) -> None:
        """Try an event again at once, also one that was given up. Raises `NotFound`."""
        with self._database.write() as session:
            row = session.get(OutboxEvent, event_id)
            if row is None or row.delivered_at is not None:
                raise NotFound(f"no undelivered event {event_id}")
            row.attempts, row.next_attempt_at = 0, self._clock()
            after_commit(session, self._wake.set)

    def clean(self, now: datetime | None = None) -> int:
        """Drop what was delivered more than a week ago; how many rows."""
        before = (now or self._clock()) - KEEP_DELIVERED
        with self._database.write() as session:
            gone = session.execute(delete(OutboxEvent).where(OutboxEvent.delivered_at < before))
            return _count(gone)

    def start(self) -> None:
        """Start the delivery thread; a second call does nothing."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
            self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Take nothing more in hand; wait a moment for what is."""
        self._stop.set()
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(seconds)

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(TICK_SECONDS)
            self._wake.clear()
            if self._stop.is_set():
                return
            try:
                while not self._stop.is_set() and self.deliver_due().delivered:
                    pass
                self._clean_daily()
            except StorageError as failure:
                log.error("the outbox waits: %s", failure)
                self._stop.wait(TICK_SECONDS * 5)
            except Exception:
                log.exception("the outbox stumbled; it goes on")
                self._stop.wait(TICK_SECONDS * 5)

    def _clean_daily(self) -> None:
        now = self._clock()
        if self._cleaned_at is None or now - self._cleaned_at > timedelta(days=1):
            self._cleaned_at = now
            self.clean(now)

    def _is_busy(self, plugin: str) -> bool:
        thread = self._busy.get(plugin)
        return thread is not None and thread.is_alive()

    def _heads(self, plugins: Collection[str], now: datetime) -> dict[str, list[OutboxEvent]]:
        """The first undelivered event of each plugin and order key, if it is due."""
        if not plugins:
            return {}
        with self._database.read() as session:
            due = select(OutboxEvent.id).where(*_open(), OutboxEvent.next_attempt_at <= now).limit(1)
            if session.scalar(due) is None:
                return {}
            first = (
                select(func.min(OutboxEvent.id))
                .where(*_open(), OutboxEvent.plugin.in_(plugins))
                .group_by(OutboxEvent.plugin, OutboxEvent.order_key)
            )
            question = (
                select(OutboxEvent)
                .where(OutboxEvent.id.in_(first), OutboxEvent.next_attempt_at <= now)
                .order_by(OutboxEvent.id)
                .limit(BATCH)
            )
            heads: defaultdict[str, list[OutboxEvent]] = defaultdict(list)
            for row in session.scalars(question):
                if not row.hook.startswith(TASK) or (row.plugin, row.hook) in self._handlers:
                    heads[row.plugin].append(row)
            return dict(heads)

    def _tell(self, row: OutboxEvent) -> None:
        """Hand one event to its plugin and wait. Raises `HookFailed` with the reason."""
        handler = self._handlers.get((row.plugin, row.hook))
        if handler is None:
            self._hooks.deliver(row.plugin, row.hook, row.payload)
            return
        try:
            threads_of(f"{row.plugin}.outbox").call(lambda: handler(row.payload), TASK_DEADLINE)
        except (Overdue, Stuck):
            raise HookFailed(f"the task did not end within {TASK_DEADLINE:g} s") from None
        except Exception as failure:
            plugin_log(row.plugin).error("task %d (%s) failed", row.id, row.hook, exc_info=failure)
            raise HookFailed(describe(failure)) from failure

    def _deliver_to(
        self, plugin: str, rows: list[OutboxEvent], moment: Callable[[], datetime], results: dict[str, Delivered]
    ) -> None:
        total = Delivered()
        for row in rows:
            if self._stop.is_set() and self._thread is not None:
                break
            try:
                total += self._deliver(row, moment)
            except HookPaused:
                break
            except SmartyError as failure:
                log.error("event %d for plugin %s stays in the outbox: %s", row.id, plugin, failure)
                break
        results[plugin] = total

    def _deliver(self, row: OutboxEvent, moment: Callable[[], datetime]) -> Delivered:
        if not self._take(row, moment()):
            return Delivered()
        try:
            self._tell(row)
        except HookPaused:
            with self._database.write() as session:  # not tried, so it does not count
                session.execute(
                    update(OutboxEvent)
                    .where(OutboxEvent.id == row.id)
                    .values(attempts=row.attempts, next_attempt_at=moment() + timedelta(seconds=PAUSE))
                )
            raise
        except HookFailed as failure:
            attempts = row.attempts + 1
            delay = min(FIRST_RETRY_SECONDS * 2.0 ** min(row.attempts, 20), LAST_RETRY_SECONDS)
            with self._database.write() as session:
                session.execute(
                    update(OutboxEvent)
                    .where(OutboxEvent.id == row.id, OutboxEvent.delivered_at.is_(None))
                    .values(next_attempt_at=moment() + timedelta(seconds=delay), last_error=str(failure)[:4000])
                )
            if attempts >= MAX_ATTEMPTS:
                log.error("event %d (%s) for plugin %s is given up: %s", row.id, row.hook, row.plugin, failure)
            return Delivered(failed=1)
        with self._database.write() as session:
            session.execute(
                update(OutboxEvent).where(OutboxEvent.id == row.id).values(delivered_at=self._clock(), last_error="")
            )
        return Delivered(delivered=1)

    def _take(self, row: OutboxEvent, now: datetime) -> bool:
        """Take an event in hand, unless another process has just done so. A crash frees it after the lease."""
        with self._database.write() as session:
            taken = session.execute(
                update(OutboxEvent)
                .where(
                    OutboxEvent.id == row.id,
                    OutboxEvent.attempts == row.attempts,
                    OutboxEvent.delivered_at.is_(None),
                    OutboxEvent.next_attempt_at <= now,
                )
                .values(next_attempt_at=now + LEASE, attempts=row.attempts + 1)
            )
            return _count(taken) == 1


def _open() -> tuple[ColumnElement[bool], ...]:
    return OutboxEvent.delivered_at.is_(None), OutboxEvent.attempts < MAX_ATTEMPTS


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _state(row: OutboxEvent) -> EventState:
    status: EventStatus = "waiting"
    if row.delivered_at is not None:
        status = "delivered"
    elif row.attempts >= MAX_ATTEMPTS:
        status = "failed"
    elif row.last_error:
        status = "retrying"
    return EventState(
        id=row.id,
        plugin=row.plugin,
        hook=row.hook,
        order_key="" if row.order_key.startswith("~") else row.order_key,
        status=status,
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
    )
