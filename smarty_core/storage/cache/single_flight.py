"""One build per key and process; everybody else who asks meanwhile waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

WAIT_SECONDS: Final = 30.0
"""After this long a waiter stops trusting the builder and builds for itself."""


class _Flight(Generic[T]):
    __slots__ = ("builder", "done", "error", "result")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.builder = threading.get_ident()
        self.result: list[T] = []
        self.error: BaseException | None = None


class SingleFlight(Generic[T]):
    """Safe to share between threads; building the same key inside its own build is allowed and simply builds."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}
        self._lock = threading.Lock()

    def do(self, key: Hashable, build: Callable[[], T]) -> T:
        """The result of `build`, by this thread or by one that is at it. An error reaches all who waited."""
        with self._lock:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if not leads:
            if flight.builder == threading.get_ident() or not flight.done.wait(WAIT_SECONDS):
                return build()
            if flight.error is not None:
                raise flight.error
            return flight.result[0]
        try:
            result = build()
            flight.result.append(result)
            return result
        except BaseException as exc:
            flight.error = exc if isinstance(exc, Exception) else RuntimeError("the builder was interrupted")
            raise
        finally:
            with self._lock:
                self._flights.pop(key, None)
            flight.done.set()
