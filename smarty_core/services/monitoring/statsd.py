"""Figures of API methods for statsd: how many requests, how long they took, their SQL queries and its time.

    smarty.api.channel_list.requests:17|c
    smarty.api.channel_list.time:12.5|ms|@0.25
    smarty.api.channel_list.sql_count:3|c
    smarty.api.channel_list.sql_time:4.125|ms

What is measured is gathered in a form whose size depends on the number of methods only, and a thread sends it once a
second over UDP. So nothing waits for the server of statsd, and nothing grows while it is away: a second that cannot be
sent is forgotten.
"""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

from smarty_core.services.monitoring.requests import Teller

SEND_SECONDS: Final = 1.0
LARGEST_DATAGRAM: Final = 1432
SAMPLES: Final = 50
"""Most times of one method that are sent per second, evenly chosen when there are more; `@rate` says so."""

METHODS: Final = 2000
"""Methods that are counted at most; there are some three hundred."""

RESOLVED_SECONDS: Final = 60.0
"""How long the address of the server is used before it is looked up again."""

RETRY_SECONDS: Final = 10.0
"""Between two tries to look it up while that fails."""

_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]+")

_log = logging.getLogger("smarty_main")


class _Times:
    """How long things took: all of them while there are few, else every second, fourth, eighth ..."""

    __slots__ = ("kept", "number", "step")

    def __init__(self) -> None:
        self.number = 0
        self.step = 1
        self.kept: list[float] = []

    def add(self, seconds: float) -> None:
        self.number += 1
        if self.number % self.step == 0:
            self.kept.append(seconds)
            if len(self.kept) > SAMPLES:
                self.step *= 2
                self.kept = self.kept[1::2]

    def lines(self, name: str) -> Iterator[str]:
        share = f"|@{len(self.kept) / self.number:.6f}" if self.number > len(self.kept) else ""
        for seconds in self.kept:
            yield f"{name}:{seconds * 1000:.3f}|ms{share}"


class _Gathered:
    """One method in one second."""

    __slots__ = ("queries", "sql", "times")

    def __init__(self) -> None:
        self.times = _Times()
        self.queries = 0
        self.sql = _Times()


class Statsd:
    """A `Listener` that sends. Safe to share between threads."""

    def __init__(self, host: str, port: int, prefix: str) -> None:
        self._where: Final = (host, port)
        self._prefix: Final = "".join(f"{part}." for part in (_clean(prefix).strip("."), "api") if part)
        self._methods: dict[str, _Gathered] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._look_at = 0.0
        self._said = False

    def answered(self, method: str, path: str, code: str, seconds: float, *, missed: bool) -> None:
        if path:
            self._note(path, seconds)

    def teller(self, method: str, path: str) -> Teller:
        return partial(self._note, path)

    def _note(self, path: str, seconds: float) -> None:
        with self._lock:
            found = self._methods.get(path) or self._of(path)
            if found is not None:
                found.times.add(seconds)

    def queried(self, method: str, path: str, queries: int, seconds: float) -> None:
        if not queries:
            return
        with self._lock:
            found = self._of(path)
            if found is not None:
                found.queries += queries
                found.sql.add(seconds)

    def start(self) -> None:
        """Send once a second from now on; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="statsd", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Send what is left, without waiting for anybody."""
        thread, self._thread = self._thread, None
        self._stop.set()
        if thread is not None:
            thread.join(timeout=1.0)

    def _of(self, path: str) -> _Gathered | None:
        found = self._methods.get(path)
        if found is None and len(self._methods) < METHODS:
            found = self._methods[path] = _Gathered()
        return found

    def _work(self) -> None:
        last = False
        while not last:
            last = self._stop.wait(SEND_SECONDS)
            with self._lock:
                taken, self._methods = self._methods, {}
            if taken:
                self._send(datagrams(self._lines(taken)))
        if self._socket is not None:
            self._socket.close()

    def _lines(self, taken: dict[str, _Gathered]) -> Iterator[str]:
        for path, found in taken.items():
            name = self._prefix + _clean(path.strip("/").replace("/", "_"))
            if found.times.number:
                yield f"{name}.requests:{found.times.number}|c"
            yield from found.times.lines(f"{name}.time")
            if found.queries:
                yield f"{name}.sql_count:{found.queries}|c"
            yield from found.sql.lines(f"{name}.sql_time")

    def _send(self, packets: Iterable[bytes]) -> None:
        now = time.monotonic()
        if now >= self._look_at:
            try:
                self._connect()
                self._look_at = now + RESOLVED_SECONDS
            except (OSError, UnicodeError) as failure:
                self._look_at = now + RETRY_SECONDS
                self._complain(failure)
        opened = self._socket
        if opened is None:
            return
        for packet in packets:
            try:
                opened.send(packet)
            except OSError as failure:  # refused (the answer to an earlier packet), or no room in the kernel
                self._complain(failure)

    def _complain(self, failure: Exception) -> None:
        if not self._said:
            self._said = True
            _log.warning("figures do not reach statsd at %s:%d and are lost: %s", *self._where, failure)

    def _connect(self) -> None:
        family, kind, protocol, _, address = socket.getaddrinfo(*self._where, type=socket.SOCK_DGRAM)[0]
        fresh = socket.socket(family, kind, protocol)
        try:
            fresh.setblocking(False)
            fresh.connect(address)
        except BaseException:
            fresh.close()
            raise
        old, self._socket = self._socket, fresh
        if old is not None:
            old.close()


def datagrams(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines packed into as few datagrams as fit; a line that fits into none is left out."""
    packet = b""
    for line in lines:
        raw = line.encode("ascii")
        if len(raw) > LARGEST_DATAGRAM:
            continue
        if packet and len(packet) + 1 + len(raw) > LARGEST_DATAGRAM:
            yield packet
            packet = b""
        packet = packet + b"\n" + raw if packet else raw
    if packet:
        yield packet


def _clean(name: Any) -> str:
    """Only letters, digits, `_`, `-` and `.`: everything else has a meaning in a line, or breaks a receiver."""
    return _NOT_A_NAME.sub("_", str(name))
