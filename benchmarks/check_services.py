"""Checks of a thousand stream services, a third of them dead: `python -m benchmarks.check_services`.

The dead ones are dead in three ways: nobody listens at the port; packets vanish (the port's queue is full, as behind a
firewall that drops); the connection is taken and nothing is ever said. All have the TCP, the HTTP and the is_alive
check on, and ping, where the system lets us. Each run is the whole of it: read, check, write, tell.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from benchmarks.result import Result, tell
from smarty_core.builtin.mask_router import MaskRouter
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_router import PlayRequest, ServiceHealth, StreamRouter, StreamUrl
from smarty_core.errors import ProviderUnavailable
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.migrations import Migrations
from smarty_core.storage.database import Database
from smarty_core.storage.models import StreamService
from smarty_core.testing.installation import Installation

GOAL_SECONDS = 10.0
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{}"

SERVER = f"""
import asyncio, sys

async def talk(reader, writer):
    if sys.argv[1] == "well":
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write({GOOD!r})
        await writer.drain()
        writer.close()
    else:
        await asyncio.sleep(3600)

async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


class AskedSettings(DriverSettings):
    host: str
    port: int


class AskedRouter(StreamRouter[AskedSettings]):
    """Asks its server over HTTP, as routers do that know an API."""

    Settings: ClassVar[type[DriverSettings]] = AskedSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "health"})

    def issue(self, request: PlayRequest) -> StreamUrl:
        return StreamUrl(f"http://{self.settings.host}/{request.prefix}")

    def is_alive(self, deadline: float) -> ServiceHealth | None:
        try:
            address = f"http://{self.settings.host}:{self.settings.port}/status"
            self.host.http.request("GET", address, timeout=deadline)
        except ProviderUnavailable as exc:
            return ServiceHealth(alive=False, detail=str(exc))
        return ServiceHealth(alive=True, load=0.5, session_count=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=2, help="checks in a row; the second takes the dead ones out")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        well, silent = stack.enter_context(_serving("well")), stack.enter_context(_serving("silent"))
        refusing, hole = stack.enter_context(_refusing()), stack.enter_context(_black_hole())
        _measure(folder, [well, refusing, well, well, hole, well, well, silent, well], options)


def _measure(folder: Path, ports: list[int], options: argparse.Namespace) -> None:
    database = Database(f"sqlite:///{folder / 'smarty.sqlite'}")
    Migrations(database, Hooks()).upgrade()
    installation = Installation(database, {"smarty.stream_router": {"mask": MaskRouter, "asked": AskedRouter}})
    operator = installation.world.operator()
    dead = {number for number in range(options.services) if ports[number % len(ports)] != ports[0]}
    checks = {"check_ping": True, "check_tcp": True, "check_http": True, "check_is_alive": True}
    about = {"client_id": operator.id, "router": "asked", "host": "127.0.0.1", **checks}
    numbered = ((f"edge-{number}", ports[number % len(ports)]) for number in range(options.services))
    installation.world.add(*(StreamService(name=name, port=port, **about) for name, port in numbered))
    logging.getLogger("smarty_stream_services").addHandler(logging.FileHandler(folder / "checks.log"))
    logging.getLogger("smarty_stream_services").propagate = False
    slowest = 0.0
    for number in range(1, options.runs + 1):
        begun = time.monotonic()
        done = installation.system.availability.run()
        seconds = time.monotonic() - begun
        slowest = max(slowest, seconds)
        print(f"run {number}: {done.line()}", flush=True)
        failing = sum(one.passed is False for one in done.services)
        passing = sum(one.passed is True for one in done.services)
        if (failing, passing) != (len(dead), options.services - len(dead)):
            raise SystemExit(f"{len(dead)} of {options.services} are dead, and {failing} failed, {passing} passed")
    if "ping" in done.services[0].details:
        print(f"without ping: {done.services[0].details['ping']}")
    installation.close()
    database.close()
    job = f"checks of {options.services} stream services, {len(dead)} dead"
    tell(Result(job, "", f"{slowest:.1f} s", "", f"< {GOAL_SECONDS:g} s", met=slowest < GOAL_SECONDS))


@contextlib.contextmanager
def _serving(how: str) -> Iterator[int]:
    """The port of a server in a process of its own."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, how], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def _refusing() -> Iterator[int]:
    """A port that is taken, so that nobody else gets it, and not listened at."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


@contextlib.contextmanager
def _black_hole() -> Iterator[int]:
    """A port whose queue is full: it neither takes a connection nor refuses it."""
    with socket.socket() as listening, contextlib.ExitStack() as filling:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(3):
            one = filling.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield int(listening.getsockname()[1])


if __name__ == "__main__":
    main()
