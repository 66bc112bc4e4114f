"""How many SQL queries were made and how long they took, in all and for one request; who waits for a connection."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.pool import Pool, QueuePool

from smarty_core.services.monitoring.families import Value, value
from smarty_core.storage.database import Database


@dataclass(slots=True)
class Spent:
    """Queries of one thread while it did one thing, and their seconds."""

    queries: int = 0
    seconds: float = 0.0


class SqlWatch:
    """Listens to the engines of a database from its making until `stop`."""

    def __init__(self, database: Database) -> None:
        self._engines: Final = database.engines
        self._pools: Final = [_PoolWatch(engine.pool) for engine in self._engines.values()]
        self._lock = threading.Lock()
        self._total = Spent()
        self._errors = 0
        self._thread = threading.local()
        for engine in self._engines.values():
            for name, listener in self._listeners:
                event.listen(engine, name, listener)

    @property
    def _listeners(self) -> tuple[tuple[str, Any], ...]:
        return (
            ("before_cursor_execute", self._begin),
            ("after_cursor_execute", self._end),
            ("handle_error", self._failed),
        )

    def stop(self) -> None:
        """Leave the engines as they were. A second call does nothing."""
        for engine in self._engines.values():
            for name, listener in self._listeners:
                if event.contains(engine, name, listener):
                    event.remove(engine, name, listener)
        for pool in self._pools:
            pool.stop()

    @contextlib.contextmanager
    def noting(self) -> Iterator[Spent]:
        """What this thread spends inside the block."""
        spent = self._thread.spent = Spent()
        try:
            yield spent
        finally:
            self._thread.spent = None

    def counters(self) -> Iterator[Value]:
        yield value("smarty_sql_queries_total", self._total.queries)
        yield value("smarty_sql_seconds_total", self._total.seconds)
        yield value("smarty_sql_errors_total", self._errors)

    def gauges(self) -> Iterator[Value]:
        """The pools of connections."""
        for name, watch in zip(self._engines, self._pools, strict=True):
            if isinstance(watch.pool, QueuePool):
                yield value("smarty_pool_size", watch.pool.size(), pool=name)
                yield value("smarty_pool_in_use", watch.pool.checkedout(), pool=name)
                yield value("smarty_pool_waiting", watch.waiting, pool=name)

    def _begin(self, _connection: Any, _cursor: Any, _sql: str, _values: Any, _context: Any, _many: bool) -> None:
        self._thread.begun = time.perf_counter()

    def _end(self, _connection: Any, _cursor: Any, sql: str, _values: Any, _context: Any, _many: bool) -> None:
        if sql.startswith("BEGIN"):
            return  # SQLite is told so in so many words; elsewhere it is no query of ours
        took = time.perf_counter() - getattr(self._thread, "begun", time.perf_counter())
        spent: Spent | None = getattr(self._thread, "spent", None)
        if spent is not None:
            spent.queries += 1
            spent.seconds += took
        with self._lock:
            self._total.queries += 1
            self._total.seconds += took

    def _failed(self, _context: Any) -> None:
        with self._lock:
            self._errors += 1


class _PoolWatch:
    """Counts the threads that are inside `connect` of one pool: SQLAlchemy does not tell who waits."""

    def __init__(self, pool: Pool) -> None:
        self.pool: Final = pool
        self.waiting = 0
        self._lock = threading.Lock()
        self._connect: Final = pool.connect
        pool.connect = self._watched  # type: ignore[method-assign]

    def stop(self) -> None:
        self.pool.connect = self._connect  # type: ignore[method-assign]

    def _watched(self) -> Any:
        with self._lock:
            self.waiting += 1
        try:
            return self._connect()
        finally:
            with self._lock:
                self.waiting -= 1
