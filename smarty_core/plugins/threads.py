"""The threads foreign code runs in, and the breaker in front of it.

A plugin gets a few daemon threads of its own. A call that misses its deadline is given up: the caller goes on, the
thread stays stuck in the plugin and a new one takes its place, up to a limit after which the plugin is refused at
once. The interpreter never waits for daemon threads, so a stuck plugin cannot hold up the exit either.
"""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from typing import Final, TypeVar

THREADS: Final = 4
"""Threads per plugin that may be at work at the same time."""

STUCK_LIMIT: Final = 16
"""Threads per plugin that may be stuck before every further call is refused."""

FAILURES: Final = 5
"""Failures in a row after which the breaker opens."""

PAUSE: Final = 30.0
"""Seconds the breaker stays open before it lets one call through to see."""

BATCH: Final = 256
"""Items that travel together from a streaming call to its reader."""

ResultT = TypeVar("ResultT")


class Overdue(Exception):
    """The call did not come back in time."""


class Stuck(Exception):
    """Too many earlier calls never came back."""


class _Task:
    """One call: waiting, running, done, or given up by its caller."""

    __slots__ = ("_context", "_done", "_function", "_lock", "failure", "result", "state")

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function
        self._context = contextvars.copy_context()
        self._done = threading.Event()
        self._lock = threading.Lock()
        self.state = "waiting"
        self.result: object = None
        self.failure: BaseException | None = None

    def run(self) -> bool:
        """Do the work; True if the caller had given it up while it ran."""
        with self._lock:
            if self.state == "abandoned":
                return False
            self.state = "running"
        try:
            self.result = self._context.run(self._function)
        except BaseException as failure:  # noqa: BLE001  whatever it is belongs to the caller, not to this thread
            self.failure = failure
        with self._lock:
            given_up = self.state == "abandoned"
            self.state = "done"
        self._done.set()
        return given_up

    def wait(self, seconds: float) -> bool:
        return self._done.wait(seconds)

    def abandon(self) -> str:
        """Give the task up; tells in which state it was."""
        with self._lock:
            before = self.state
            if before != "done":
                self.state = "abandoned"
            return before


class PluginThreads:
    """The pool of one plugin. Threads are made when first needed."""

    def __init__(self, plugin: str, *, size: int = THREADS, stuck_limit: int = STUCK_LIMIT) -> None:
        self.plugin = plugin
        self._size = size
        self._stuck_limit = stuck_limit
        self._tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._alive = self._idle = self._waiting = self._stuck = 0

    @property
    def stuck(self) -> int:
        """How many calls were given up and have not come back yet."""
        return self._stuck

    def call(self, function: Callable[[], ResultT], deadline: float) -> ResultT:
        """Run `function` in one of the threads and return or raise what it does.

        Raises `Overdue` after `deadline` seconds and `Stuck` without trying when too many calls are stuck already.
        """
        task = _Task(function)
        with self._lock:
            if self._stuck >= self._stuck_limit:
                raise Stuck
            self._waiting += 1
            self._tasks.put(task)
            if self._waiting > self._idle and self._alive - self._stuck < self._size:
                self._start_worker()
        if not task.wait(deadline):
            before = task.abandon()
            if before != "done":
                if before == "running":
                    self._count_stuck()
                raise Overdue
        if task.failure is not None:
            raise task.failure
        return task.result  # type: ignore[return-value]

    def stream(self, items: Callable[[], Iterator[ResultT]], deadline: float) -> Iterator[ResultT]:
        """Yield what the iterator made by `items` yields. It runs in one thread of its own from first to last item.

        Items travel in batches; the thread rests while the reader works, because two threads that take turns at the
        interpreter for every item lose more by it than they win. Raises what the iterator raises, after everything it
        yielded before; `Overdue` when nothing at all happens for `deadline` seconds. A reader that stops early lets
        the thread go.
        """
        with self._lock:
            if self._stuck >= self._stuck_limit:
                raise Stuck
        batches: queue.SimpleQueue[tuple[list[ResultT], BaseException | None, bool]] = queue.SimpleQueue()
        wanted = threading.Semaphore(0)
        stop = threading.Event()
        ended = threading.Event()

        def hand_over(batch: list[ResultT], failure: BaseException | None, last: bool) -> bool:
            batches.put((batch, failure, last))
            if not last:
                wanted.acquire()
            return not stop.is_set()

        def produce() -> None:
            batch: list[ResultT] = []
            failure: BaseException | None = None
            wanted.acquire()
            sent = time.monotonic()
            try:
                for item in items():
                    batch.append(item)
                    if len(batch) >= BATCH or time.monotonic() - sent > 0.5:
                        if not hand_over(batch, None, False):
                            return
                        batch, sent = [], time.monotonic()
            except BaseException as caught:  # noqa: BLE001  whatever it is belongs to the reader
                failure = caught
            hand_over(batch, failure, True)

        def run() -> None:
            try:
                context.run(produce)
            finally:
                with self._lock:
                    ended.set()
                    if given_up:
                        self._stuck -= 1

        given_up: list[bool] = []
        context = contextvars.copy_context()
        threading.Thread(target=run, name=f"plugin-{self.plugin}-stream", daemon=True).start()
        try:
            while True:
                wanted.release()
                try:
                    batch, failure, last = batches.get(timeout=deadline)
                except queue.Empty:
                    raise Overdue from None
                yield from batch
                if failure is not None:
                    raise failure
                if last:
                    return
        except Overdue:
            with self._lock:
                if not ended.is_set():
                    given_up.append(True)
                    self._stuck += 1
            raise
        finally:
            stop.set()
            wanted.release()

    def _count_stuck(self) -> None:
        with self._lock:
            self._stuck += 1
            if self._waiting > self._idle and self._alive - self._stuck < self._size:
                self._start_worker()

    def _start_worker(self) -> None:
        self._alive += 1
        threading.Thread(target=self._work, name=f"plugin-{self.plugin}", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            task = self._tasks.get()
            with self._lock:
                self._idle -= 1
                self._waiting -= 1
            if task.run():
                with self._lock:
                    self._stuck -= 1
                    if self._alive - self._stuck > self._size:
                        self._alive -= 1
                        return


class KeyedLocks:
    """One lock per key, so that slow work for one key does not hold up the others."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Hashable, threading.RLock] = {}

    def of(self, key: Hashable) -> threading.RLock:
        with self._guard:
            return self._locks.setdefault(key, threading.RLock())


class Breaker:
    """Stops calling what keeps failing: closed, open for `pause` seconds, then one call decides."""

    def __init__(
        self, *, failures: int = FAILURES, pause: float = PAUSE, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._pause = pause
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._count = 0
        self._open_until: float | None = None
        self._trying = False

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        with self._lock:
            if self._open_until is None:
                return "closed"
            return "open" if self._monotonic() < self._open_until else "half-open"

    def allow(self) -> bool:
        """Whether a call may be made now; when half-open, one at a time."""
        with self._lock:
            if self._open_until is None:
                return True
            if self._monotonic() < self._open_until or self._trying:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._count, self._open_until, self._trying = 0, None, False

    def failed(self) -> bool:
        """Count a failure; True if it opened the breaker."""
        with self._lock:
            self._count += 1
            opened = self._trying or (self._open_until is None and self._count >= self._limit)
            self._trying = False
            if opened:
                self._open_until = self._monotonic() + self._pause
            return opened
