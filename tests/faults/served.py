"""A real server process over a town, and a way to make the life of what it depends on hard."""

from __future__ import annotations

import contextlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from smarty_core.testing.servers import free_port
from tests.cli.processes import Running, answers, running
from tests.faults.load import Connection, Load, Request
from tests.faults.town import SECRET_KEY, Town

SETTINGS = """
from settings.base import *

INSTANCE = "town"
SECRET_KEY = {key!r}
DATABASE_URL = {database!r}
CACHE_URL = {cache!r}
"""


def soaking() -> bool:
    """Whether this is the long run of `make soak`."""
    return os.environ.get("SMARTY_SOAK") == "1"


def lasting(short: float, long: float = 60.0) -> float:
    """How long a fault lasts, seconds."""
    return long if soaking() else short


def write_settings(folder: Path, *, database: str, cache: str = "memory://", more: str = "") -> None:
    """`settings/prod.py` in `folder`."""
    (folder / "settings").mkdir(exist_ok=True)
    text = SETTINGS.format(key=SECRET_KEY, database=database, cache=cache)
    (folder / "settings" / "prod.py").write_text(text + more)


class Served:
    """A server of a town. `tokens` are those of some streams that are being watched."""

    def __init__(self, town: Town, port: int, process: Running) -> None:
        self.town = town
        self.port = port
        self.process = process
        self.connection = Connection(port)
        self.tokens: tuple[str, ...] = ()

    def watch(self, viewers: range) -> None:
        """Have some devices begin to watch."""
        self.tokens = tuple(self.token(number) for number in viewers)

    def token(self, number: int) -> str:
        answer = self.connection.ask(self.town.channel_url(number, self.town.channels[0]))
        assert answer.is_good, str(answer)
        return str(json.loads(answer.body)["uri"]).partition("token=")[2]

    def mixed(self, *, rate: float = 200.0, seed: int = 1) -> contextlib.AbstractContextManager[Load]:
        """A load of everything, of all devices."""
        chance = random.Random(seed)
        return self.load(lambda: self.town.mix(chance, self.tokens), rate=rate)

    def load(
        self, next_request: Callable[[], Request], *, rate: float = 200.0
    ) -> contextlib.AbstractContextManager[Load]:
        return Load([self.port], next_request, rate=rate).running()

    def until(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        """Wait for something the server is about to do."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.process.poll() is None, f"it ended: {self.process.printed[-2000:]}"
            assert time.monotonic() < deadline, f"it did not happen: {self.process.printed[-2000:]}"
            time.sleep(0.05)

    def is_good(self, request: Request) -> bool:
        return self.connection.ask(request).is_good

    def state(self, request: Request) -> int:
        """What a poll says of its session: 0 alive, 1 there is none."""
        return int(json.loads(self.connection.ask(request).body)["status"])

    def lines(self, *words: str) -> list[str]:
        """What it has printed, the lines with all of `words`."""
        return [line for line in self.process.printed.splitlines() if all(word in line for word in words)]


@contextlib.contextmanager
def serving(folder: Path, town: Town, *arguments: str, **variables: str) -> Iterator[Served]:
    """A server in `folder`, killed at the end of the block if it still runs."""
    port = free_port()
    line = ("serve", "--port", str(port), "--settings=settings.prod", *arguments)
    with running(folder, *line, **variables) as process:
        process.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        served = Served(town, port, process)
        try:
            yield served
        finally:
            served.connection.close()
