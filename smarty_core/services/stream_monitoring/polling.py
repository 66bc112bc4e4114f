"""Asks all analysers, so many streams at once as the settings say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from smarty_core.errors import ProviderError, ProviderUnavailable
from smarty_core.services.availability.resolving import Resolver
from smarty_core.services.stream_monitoring.agent import Agent
from smarty_core.services.stream_monitoring.keys import Kind
from smarty_core.storage.repositories.stream_monitoring import WatchedMonitor, WatchedStream

log = logging.getLogger("smarty_stream_services")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured of a stream, or with `stream_id` None of the analyser's machine."""

    kind: Kind
    stream_id: int | None
    taken_at: datetime
    values: dict[str, float | bool]


@dataclass(slots=True)
class Polled:
    """What one analyser said. `error` is why it, or else the first of its streams, said nothing."""

    monitor: WatchedMonitor
    samples: list[Sample] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How analysers are asked: `at_once` streams, `seconds` each, answers of `longest` bytes at most."""

    at_once: int
    seconds: int
    longest: int


def poll(monitors: Sequence[WatchedMonitor], manner: Manner, clock: Callable[[], datetime]) -> list[Polled]:
    """Ask them all. To be called where no event loop runs. One that fails holds up none of the others."""
    return asyncio.run(_poll(monitors, manner, clock))


async def _poll(monitors: Sequence[WatchedMonitor], manner: Manner, clock: Callable[[], datetime]) -> list[Polled]:
    places = asyncio.Semaphore(manner.at_once)
    resolver = Resolver()

    async def ask(monitor: WatchedMonitor) -> Polled:
        polled = Polled(monitor)
        agent = Agent(monitor.host, monitor.port, manner.longest, manner.seconds, resolver)
        try:
            async with places:
                polled.samples.append(Sample("device", None, clock(), await agent.system()))
        except ProviderUnavailable as away:
            polled.error = str(away)  # its streams would only wait for the same
            return polled
        except ProviderError as failure:
            polled.error = str(failure)
        await asyncio.gather(*(measure(agent, stream, polled) for stream in monitor.streams))
        return polled

    async def measure(agent: Agent, stream: WatchedStream, polled: Polled) -> None:
        try:
            async with places:
                values = await agent.measure(stream.address)
        except ProviderError as failure:
            polled.error = polled.error or f"{stream.address}: {failure}"
            return
        polled.samples.append(Sample("multicast", stream.id, clock(), values))

    try:
        return list(await asyncio.gather(*(ask(monitor) for monitor in monitors)))
    finally:
        resolver.close()
