"""Requests at a steady rate from several connections, and what became of each."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PATIENCE_SECONDS = 40.0
CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Request:
    """A GET of `path`; `kind` is what reports call it. `about`: of which device, and what it tells."""

    kind: str
    path: str
    about: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a request. `status` 0: no answer came, and `body` says why."""

    request: Request
    begun: float
    seconds: float
    status: int
    body: bytes

    @property
    def error(self) -> int:
        """The `error` of the body; 0 where there is no body to hold one."""
        return int(json.loads(self.body)["error"]) if self.body.startswith(b"{") else 0

    @property
    def is_good(self) -> bool:
        return self.status in (200, 302) and self.error == 0

    def __str__(self) -> str:
        return f"{self.request.kind} -> {self.status} after {self.seconds:.2f} s: {self.body[:160]!r}"


class Connection:
    """A connection that stays open, and is opened anew when it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, request: Request) -> Answered:
        begun = time.monotonic()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
            self._connection.request("GET", request.path)
            answer = self._connection.getresponse()
            status, body = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as failure:
            self.close()
            status, body = 0, repr(failure).encode()
        return Answered(request, begun, time.monotonic() - begun, status, body)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Load:
    """What has been asked so far is in `answered`. Each thread keeps a connection to each of the ports."""

    def __init__(
        self, ports: list[int], next_request: Callable[[], Request], *, rate: float, threads: int = 16
    ) -> None:
        self.answered: list[Answered] = []
        self._ports = ports
        self._next = next_request
        self._rate = rate
        self._turns = itertools.count()
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._begun = time.monotonic()
        self._threads = [threading.Thread(target=self._work, name=f"load-{number}") for number in range(CONNECTIONS)]

    @contextlib.contextmanager
    def running(self) -> Iterator[Load]:
        """While the block runs the load is there; all answers have come when it has ended."""
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask nothing more and wait for what is being answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def goes_on(self, seconds: float) -> None:
        """Let it run for so long."""
        self._stop.wait(seconds)

    def since(self, moment: float) -> list[Answered]:
        """What was asked after `moment` (monotonic)."""
        return [answer for answer in list(self.answered) if answer.begun >= moment]

    def _work(self) -> None:
        connections = [Connection(port) for port in self._ports]
        while not self._stop.is_set():
            with self._guard:
                turn = next(self._turns)
                request = self._next()
            if self._stop.wait(max(0.0, self._begun + turn / self._rate - time.monotonic())):
                break
            self.answered.append(connections[turn % len(connections)].ask(request))
        for connection in connections:
            connection.close()


def failures(answered: list[Answered]) -> str:
    """The first failed answers in words, nothing when there is none."""
    bad = [answer for answer in answered if not answer.is_good]
    if not bad:
        return ""
    kinds = Counter(answer.request.kind for answer in bad)
    return f"{len(bad)} of {len(answered)} failed ({dict(kinds)}): " + "; ".join(map(str, bad[:5]))


def slowest(answered: list[Answered]) -> float:
    return max((answer.seconds for answer in answered), default=0.0)
