"""The load generator, a process of its own: `python -m benchmarks.devices.generator PLAN` prints what it saw.

The load is open: the moment of each request is drawn beforehand (a Poisson process), and its latency counts from that
moment, whether or not a connection was free then. So a server that stalls is not asked less while it stalls.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import resource
import sys
import time
from array import array
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.devices.connection import Connection
from benchmarks.devices.mix import KINDS, Wish, wishes
from benchmarks.devices.world import World

TICK = 0.0005
SAMPLE = 0.02
SAMPLES = 400

GOOD = (b"200", b"302")
_KEY = re.compile(rb"[0-9a-f]{128}")
_NO_ERROR = re.compile(rb'"error": ?0\b')
_ALIVE = re.compile(rb'"status": ?0\b')
_STATUS = KINDS.index("account_status")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send: `rate` requests a second for `seconds`, by sessions `first` to `last`, see `mix`."""

    world: World
    port: int
    mix: str
    rate: float
    seconds: float
    first: int
    last: int
    seed: int = 1
    connections: int = 128
    patience: float = 40.0
    """Seconds answers are waited for after the last request was due; those that are missing then count as failed."""
    keep_bodies: bool = False
    """Keep the whole answers of logins, for the keys in them."""
    keys: Sequence[tuple[int, str]] = ()
    """Of devices that do not use the keys they were made with."""


@dataclass(slots=True)
class Seen:
    """What came back. Latencies in seconds, by request in the order they were due; `began` on the monotonic clock."""

    began: float = 0.0
    took: float = 0.0
    due: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    processor: float = 0.0
    keys: list[tuple[int, str]] = field(default_factory=list)


class Generator:
    """Sends the wishes of a plan when they are due."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        draw = random.Random(plan.seed + 1)
        count = max(1, int(plan.rate * plan.seconds))
        self._wishes = wishes(
            plan.world, plan.mix, count, first=plan.first, last=plan.last, seed=plan.seed, keys=plan.keys
        )
        moments = sorted(draw.uniform(0.0, plan.seconds) for _ in self._wishes)
        self._due = array("d", moments)
        self._latency = array("d", [-1.0]) * count
        sampled = min(SAMPLE, SAMPLES / count)
        self._whole = [plan.keep_bodies or draw.random() < sampled for _ in self._wishes]
        self._free: list[Connection] = []
        self._waiting: deque[int] = deque()
        self._bodies: list[tuple[Wish, bytes, bytes]] = []
        self._failures: Counter[str] = Counter()
        self._open = 0
        self._left = count
        self._done = asyncio.Event()
        self._began = 0.0

    async def run(self) -> Seen:
        loop = asyncio.get_running_loop()
        for _ in range(self._plan.connections):
            await loop.create_connection(self._connection, "127.0.0.1", self._plan.port)
        used = _processor_seconds()
        self._began = time.monotonic() + 0.05
        await self._send_when_due()
        try:
            await asyncio.wait_for(self._done.wait(), self._plan.patience)
        except TimeoutError:
            self._failures["no answer"] += self._left
        took, used = time.monotonic() - self._began, _processor_seconds() - used
        for connection in self._free:
            connection.close()
        seen = Seen(self._began, took, list(self._due), list(self._latency), [wish.kind for wish in self._wishes])
        seen.processor = used
        self._look_into_bodies(seen)
        seen.failures = dict(self._failures)
        return seen

    async def _send_when_due(self) -> None:
        due, count, at = self._due, len(self._due), 0
        while at < count:
            now = time.monotonic() - self._began
            while at < count and due[at] <= now:
                if self._free:
                    self._send(self._free.pop(), at)
                else:
                    self._waiting.append(at)
                at += 1
            if at < count:
                await asyncio.sleep(max(TICK, due[at] - now))

    def _connection(self) -> Connection:
        connection = Connection(self._answered, self._lost)
        self._free.append(connection)
        return connection

    def _send(self, connection: Connection, at: int) -> None:
        connection.send(self._wishes[at].request, at, whole=self._whole[at])

    def _answered(self, connection: Connection, status: bytes, head: bytes, body: bytes | None) -> None:
        at = connection.token
        assert isinstance(at, int)
        self._latency[at] = time.monotonic() - self._began - self._due[at]
        connection.token = None
        if self._waiting:
            self._send(connection, self._waiting.popleft())
        else:
            self._free.append(connection)
        wish = self._wishes[at]
        if status not in GOOD:
            self._failures[f"{KINDS[wish.kind]}: status {status.decode()}"] += 1
        elif body is not None:
            self._bodies.append((wish, head, body))
        elif status == b"200" and b"gzip" not in head and not _is_good(wish.kind, head):
            self._failures[f"{KINDS[wish.kind]}: {head[-120:].decode(errors='replace')}"] += 1
        self._left -= 1
        if not self._left:
            self._done.set()

    def _lost(self, connection: Connection) -> None:
        if isinstance(connection.token, int):
            self._failures["connection lost"] += 1
            self._left -= 1
            if not self._left:
                self._done.set()
        elif connection in self._free and not self._done.is_set():
            self._free.remove(connection)

    def _look_into_bodies(self, seen: Seen) -> None:
        """Of the sample: no error, and no key but the asker's own."""
        for wish, head, body in self._bodies:
            kind = KINDS[wish.kind]
            text = gzip.decompress(body) if b"content-encoding: gzip" in head else body
            seen.bytes += len(body)
            if kind == "login":
                answer = json.loads(text)
                if answer.get("error") == 0:
                    seen.keys.append((wish.number, answer["authkey"]))
                else:
                    self._failures[f"login: error {answer.get('error')}"] += 1
                continue
            if head.startswith(b"HTTP/1.1 200") and not _is_good(wish.kind, text):
                self._failures[f"{kind}: error {text[:80].decode(errors='replace')}"] += 1
            own = wish.authkey.encode()
            if any(found != own for found in _KEY.findall(head + text)):
                self._failures[f"{kind}: a foreign key"] += 1


def _is_good(kind: int, answer: bytes) -> bool:
    """No error, and a poll that says that the session is alive."""
    return bool(_NO_ERROR.search(answer)) and (kind != _STATUS or bool(_ALIVE.search(answer)))


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def read_plan(path: Path) -> Plan:
    given: dict[str, Any] = json.loads(path.read_text())
    world = given.pop("world")
    world |= {"channels": tuple(world["channels"]), "records": tuple(map(tuple, world["records"])),
              "window": tuple(world["window"])}  # fmt: skip
    return Plan(world=World(**world), **given)


async def main(path: Path) -> None:
    generator = Generator(read_plan(path))
    print(json.dumps(asdict(await generator.run())))


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
