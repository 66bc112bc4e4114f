"""A server that is told to end says so first, so that a load balancer can turn away before anybody is refused."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType


def announce_end(announce: Callable[[], None], seconds: float) -> None:
    """At SIGTERM call `announce` at once, and what SIGTERM did so far only `seconds` later (at once the second time).

    To be called in the event loop once the web server has set its own handler. Where there is none, or signals do not
    arrive (another thread than the main one), nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    end = signal.getsignal(signal.SIGTERM)
    if not callable(end):
        return
    loop = asyncio.get_running_loop()
    announced = False

    def told(number: int, frame: FrameType | None) -> None:
        nonlocal announced
        announce()
        if announced or not seconds:
            end(number, frame)
            return
        announced = True
        loop.call_soon_threadsafe(loop.call_later, seconds, end, number, None)

    signal.signal(signal.SIGTERM, told)
