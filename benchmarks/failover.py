"""One of two video servers dies while viewers switch channels: `python -m benchmarks.failover`.

Two workers give addresses at a steady rate. Half way one of two video servers stops listening; the real command
`check_stream_services` runs every second, as a scheduler would have it. A viewer who is sent to the dead server cannot
play, and asks again with `exclude_service_id`, as devices do. A request is lost when it fails or when the second
address does not play either.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import insert, select

from benchmarks.devices.load import percentile
from benchmarks.devices.served import served
from benchmarks.devices.world import DEVICE, World, world
from benchmarks.installation import authkey_of
from benchmarks.result import Result, tell
from smarty_core.config import load_settings
from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, StreamService, Tariff, channel_stream_service, tariff_stream_service

CONNECTIONS = 64
WARM_SECONDS = 5.0


@dataclass
class Seen:
    """What viewers saw. `asked_twice`: sent to the dead server first, the last `until` seconds after its end."""

    answers: int = 0
    lost: list[str] = field(default_factory=list)
    asked_twice: int = 0
    until: float = 0.0
    latencies: list[float] = field(default_factory=list)


class Viewers:
    """They switch channels, each over one of a few connections."""

    def __init__(self, known: World, port: int, alive: dict[int, bool]) -> None:
        self._known, self._port, self._alive = known, port, alive
        self.seen = Seen()
        self.died = 0.0
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def watch(self, rate: float, seconds: float) -> None:
        """`rate` viewers a second switch for so long; those who are asked late are counted from when they were due."""
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await asyncio.open_connection("127.0.0.1", self._port))
        begun, running = time.monotonic(), set()
        for number in range(int(rate * seconds)):
            due = begun + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(self._switch(number, due))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
        while not self._free.empty():
            self._free.get_nowait()[1].close()

    async def _switch(self, number: int, due: float) -> None:
        connection = await self._free.get()
        try:
            port, service = await self._ask(connection, number, "")
            self.seen.latencies.append(time.monotonic() - due)
            if not self._alive[port]:
                self.seen.asked_twice += 1
                self.seen.until = max(self.seen.until, time.monotonic() - self.died)
                port, _ = await self._ask(connection, number, f"&exclude_service_id={service}")
                if not self._alive[port]:
                    self.seen.lost.append("the second address does not play either")
        except (OSError, ValueError, KeyError, asyncio.IncompleteReadError) as failure:
            self.seen.lost.append(repr(failure))
        finally:
            self.seen.answers += 1
            self._free.put_nowait(connection)

    async def _ask(
        self, connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], number: int, more: str
    ) -> tuple[int, int]:
        """The port of the server a viewer is sent to, and the service's number."""
        reader, writer = connection
        session = number % self._known.sessions
        channel = self._known.channels[session % len(self._known.channels)]
        writer.write(
            f"GET /tvmiddleware/api/channel/url/?client_id={self._known.client_id}&device={DEVICE}&cid={channel}"
            f"&authkey={authkey_of(session)}&redirect=0{more} HTTP/1.1\r\nHost: tv.example\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        answer = json.loads(await reader.readexactly(int(size.partition(b":")[2])))
        if answer["error"]:
            raise ValueError(f"error {answer['error']}: {answer['error_message']}")
        return urlsplit(answer["uri"]).port or 0, answer["stream_service_id"]


@contextlib.asynccontextmanager
async def video_server() -> AsyncIterator[asyncio.Server]:
    """Something that accepts connections."""

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server
    finally:
        server.close()


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


def attach(settings_file: str, client_id: int, ports: list[int]) -> None:
    """All channels and tariffs get two services, checked by TCP; those they had are switched off."""
    database = Database.at(load_settings(settings_file).databases)
    with database.write() as session:
        for old in session.scalars(select(StreamService).where(StreamService.client_id == client_id)):
            old.enabled = False
        services = [
            StreamService(client_id=client_id, name=f"server {number}", type="live", router="mask", host="127.0.0.1",
                          port=port, check_tcp=True, mask=f"http://127.0.0.1:{port}/$prefix.m3u8?token=$token")
            for number, port in enumerate(ports, 1)
        ]  # fmt: skip
        session.add_all(services)
        session.flush()
        for table, column, owner in (
            (channel_stream_service, "channel_id", Channel.id), (tariff_stream_service, "tariff_id", Tariff.id),
        ):  # fmt: skip
            ids = session.scalars(select(owner)).all()
            session.execute(insert(table), [
                {column: one, "stream_service_id": service.id} for one in ids for service in services
            ])  # fmt: skip
    database.close()


async def check_every_second(settings_file: str) -> None:
    command = [sys.executable, "-m", "smarty_core", "check_stream_services", "--settings", settings_file]
    while True:
        running = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL)
        try:
            await running.wait()
        except asyncio.CancelledError:
            running.terminate()
            raise
        await asyncio.sleep(1.0)


async def measure(known: World, settings_file: str, options: argparse.Namespace) -> None:
    async with video_server() as first, video_server() as second:
        ports = [port_of(first), port_of(second)]
        attach(settings_file, known.client_id, ports)
        with served(settings_file, workers=options.workers) as smarty:
            viewers = Viewers(known, smarty.port, dict.fromkeys(ports, True))
            await viewers.watch(options.rate, WARM_SECONDS)
            viewers.seen = Seen()
            checking = asyncio.create_task(check_every_second(settings_file))
            watching = asyncio.create_task(viewers.watch(options.rate, options.seconds))
            await asyncio.sleep(options.seconds / 3)
            first.close()
            viewers._alive[ports[0]] = False
            viewers.died = time.monotonic()
            await watching
            checking.cancel()
            await asyncio.gather(checking, return_exceptions=True)
    seen = viewers.seen
    print(f"{seen.answers} viewers, {seen.asked_twice} of them sent to the dead server first, the last "
          f"{seen.until:.1f} s after its end; p99 {percentile(seen.latencies, 0.99) * 1000:.0f} ms")  # fmt: skip
    for reason in sorted(set(seen.lost))[:5]:
        print(f"  lost: {reason}")
    tell(Result(f"failover at {options.rate:g} requests/s: lost", "", f"{len(seen.lost)} of {seen.answers}", "", "0",
                met=not seen.lost))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=500.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--channels", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="smarty-bench-") as folder,
        world(Path(folder), sessions=options.sessions, channels=options.channels) as known,
    ):
        asyncio.run(measure(known, known.settings_file, options))


if __name__ == "__main__":
    main()
