"""A total time limit for a blocking exchange.

Socket time-outs only bound one read: a server that sends a byte per second never trips them. So every exchange has an
alarm that shuts its socket down when the time is over; whoever reads then sees the end of the connection.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from types import TracebackType

_current = threading.local()


class Deadline:
    """`with Deadline(seconds) as deadline:` bounds all sockets that this thread opens or reuses inside."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._guard = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._fired = False
        self._closed = False
        self._alarm = threading.Timer(max(0.0, seconds), self._fire)
        self._alarm.daemon = True

    def __enter__(self) -> Deadline:
        _current.deadline = self
        self._alarm.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        _current.deadline = None
        self._alarm.cancel()
        with self._guard:
            self._closed = True
            for watched in self._sockets:
                watched.close()
            self._sockets.clear()

    @property
    def expired(self) -> bool:
        return self._fired or time.monotonic() >= self._end

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - time.monotonic())

    def watch(self, opened: socket.socket) -> None:
        """Shut `opened` down when the time is over.

        A duplicate of the descriptor is kept: TLS takes the descriptor out of the plain socket object, while a
        shutdown through the duplicate still reaches the connection.
        """
        with self._guard:
            if self._closed or opened.fileno() < 0:
                return
            duplicate = socket.socket(opened.family, opened.type, opened.proto, fileno=os.dup(opened.fileno()))
            if self._fired:
                _shut(duplicate)
                duplicate.close()
                return
            self._sockets.append(duplicate)

    def _fire(self) -> None:
        with self._guard:
            self._fired = True
            for watched in self._sockets:
                _shut(watched)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def watch_current(opened: socket.socket | None) -> None:
    """Put `opened` under the deadline of this thread, if there is one."""
    deadline: Deadline | None = getattr(_current, "deadline", None)
    if deadline is not None and opened is not None:
        deadline.watch(opened)
