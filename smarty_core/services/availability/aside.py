"""Blocking calls beside an event loop.

The loop's own executor is waited for at its end and when the interpreter leaves. What is called here (the resolver of
the system, drivers of plugins) may hang for as long as it likes, so it gets daemon threads that nobody waits for.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Aside:
    """At most `at_once` calls at a time; a thread that hangs keeps its place until it comes back.

    Belongs to one event loop.
    """

    def __init__(self, at_once: int, name: str) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._name = name

    async def call(self, function: Callable[[], T], seconds: float | None = None) -> T:
        """What `function` returns or raises. Cancelling stops the waiting, not the thread.

        Raises `TimeoutError` after `seconds`; the time before there was a place does not count.
        """
        loop = asyncio.get_running_loop()
        await self._places.acquire()
        result: asyncio.Future[T] = loop.create_future()

        def settle(value: T | None, failure: BaseException | None) -> None:
            self._places.release()
            if result.done():
                return
            if failure is not None:
                result.set_exception(failure)
            else:
                result.set_result(value)  # type: ignore[arg-type]

        def work() -> None:
            value, failure = None, None
            try:
                value = function()
            except BaseException as caught:  # noqa: BLE001  whatever it is belongs to the caller, not to this thread
                failure = caught
            with contextlib.suppress(RuntimeError):  # the run is over and its loop closed
                loop.call_soon_threadsafe(settle, value, failure)

        threading.Thread(target=work, name=self._name, daemon=True).start()
        async with asyncio.timeout(seconds):
            return await result
