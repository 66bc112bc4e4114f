"""The checks of many stream services at the same time, each service within its own time and all within another."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from smarty_core.contracts.stream_router import ServiceHealth
from smarty_core.errors import InvalidValue, ProviderProtocolError, ProviderRefused, ProviderUnavailable, SmartyError
from smarty_core.plugins.isolation import BACKGROUND_THREADS, GuardedDriver
from smarty_core.services.availability.aside import Aside
from smarty_core.services.availability.opening import answers_http, opens
from smarty_core.services.availability.outcome import PASSED, Outcome, failed, not_made
from smarty_core.services.availability.ping import Pinger
from smarty_core.services.availability.resolving import Address, Resolver
from smarty_core.services.availability.target import Target, target_of
from smarty_core.storage.repositories.availability import WatchedService
from smarty_core.storage.repositories.streams import ServiceFacts

DRIVERS_AT_ONCE: Final = BACKGROUND_THREADS
"""Servers asked through their routers at the same time. With more, calls would wait inside the threads of a plugin,
and a server that is well would be late because others are not."""

DRIVER_GRACE: Final = 0.5
"""Seconds a driver gets beyond the time it was told, to say itself that the time is over."""

Answered = tuple[Outcome, ServiceHealth | None]
"""What a server said when it was asked, and what it told of itself if it is alive."""

RouterFor = Callable[[ServiceFacts], GuardedDriver]

log = logging.getLogger("smarty_stream_services")


@dataclass(slots=True)
class Findings:
    """What the checks of one service said, by name. `health` is what it told of itself, if it was asked and alive."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    health: ServiceHealth | None = None

    @property
    def passed(self) -> bool | None:
        """Whether every check passed that could be made; None when none could."""
        made = [outcome.passed for outcome in self.outcomes.values() if outcome.passed is not None]
        return all(made) if made else None

    @property
    def failing(self) -> tuple[str, ...]:
        return tuple(name for name, outcome in self.outcomes.items() if outcome.passed is False)


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` for one check, `total` for all services, `at_once` services at the same time."""

    seconds: float
    total: float
    at_once: int


def look_at_all(
    services: Sequence[WatchedService], router_for: RouterFor, limits: Limits, *, done: Callable[[], None]
) -> dict[int, Findings]:
    """Check the services; those the time did not suffice for are missing. `done` is called after each.

    To be called where no event loop runs.
    """
    return asyncio.run(_look_at_all(services, router_for, limits, done))


async def _look_at_all(
    services: Sequence[WatchedService], router_for: RouterFor, limits: Limits, done: Callable[[], None]
) -> dict[int, Findings]:
    places = asyncio.Semaphore(limits.at_once)
    found: dict[int, Findings] = {}
    async with Pinger() as pinger:
        looker = Looker(pinger, router_for, limits.seconds)

        async def look(service: WatchedService) -> None:
            async with places:
                try:
                    found[service.facts.id] = await looker.look(service)
                except Exception:
                    log.exception("stream service %s: its checks failed by a mistake of ours", service.facts.id)
            done()

        tasks = [asyncio.create_task(look(service)) for service in services]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=limits.total)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        looker.close()
    return found


class Looker:
    """Checks one service after the other or at the same time. Belongs to one event loop."""

    def __init__(self, pinger: Pinger, router_for: RouterFor, seconds: float) -> None:
        self._pinger = pinger
        self._router_for = router_for
        self._seconds = seconds
        self._resolver = Resolver()
        self._drivers = Aside(DRIVERS_AT_ONCE, "is_alive")

    def close(self) -> None:
        self._resolver.close()

    async def look(self, service: WatchedService) -> Findings:
        """All checks that are switched on. Those over the network are made at the same time; the server is asked only
        if they pass: a dead one would keep a thread waiting."""
        end = asyncio.get_running_loop().time() + self._seconds
        names = [name for name in ("ping", "tcp", "http") if name in service.checks]
        outcomes = await asyncio.gather(*(self._network(name, service, end) for name in names))
        findings = Findings(dict(zip(names, outcomes, strict=True)))
        if "is_alive" in service.checks:
            if findings.failing:
                skipped = Outcome(False, f"not asked: {' and '.join(findings.failing)} failed")
                findings.outcomes["is_alive"] = skipped
            else:
                findings.outcomes["is_alive"], findings.health = await self._ask(service.facts, self._seconds)
        return findings

    async def _network(self, name: str, service: WatchedService, end: float) -> Outcome:
        try:
            target = target_of(service.facts, service.path)
        except InvalidValue as wrong:
            return not_made(str(wrong))
        try:
            async with asyncio.timeout_at(end):
                addresses = await self._resolver.resolve(target.host)
        except TimeoutError:
            return not_made(f"nobody told its address within {self._seconds:g} s")
        except OSError as exc:
            # "try again" is about our own name server, everything else about the name
            return not_made(str(exc.strerror)) if exc.errno == socket.EAI_AGAIN else failed(exc)
        try:
            async with asyncio.timeout_at(end):
                return await self._made(name, target, addresses, end)
        except TimeoutError as exc:
            return failed(exc, f"no answer within {self._seconds:g} s")
        except OSError as exc:
            return failed(exc)

    def _made(self, name: str, target: Target, addresses: tuple[Address, ...], end: float) -> Awaitable[Outcome]:
        if name == "ping":
            left = end - asyncio.get_running_loop().time()
            return self._pinger.ping(addresses, max(0.0, left) * 0.95)
        return opens(addresses, target.port) if name == "tcp" else answers_http(addresses, target)

    async def _ask(self, service: ServiceFacts, seconds: float) -> Answered:
        """Ask the server how it is, through its router.

        A router that does not work, cannot ask, or is refused says nothing about the server: that is for people.
        """
        try:
            router = self._router_for(service)
            if "health" not in router.supports:
                return not_made(f"its router {service.router!r} cannot ask"), None
            told = max(0.1, min(seconds, type(router.driver).deadline - DRIVER_GRACE))
            health = await self._drivers.call(lambda: router.call("is_alive", told), seconds + DRIVER_GRACE)
        except TimeoutError as exc:
            return failed(exc, f"no answer within {seconds:g} s"), None
        except (ProviderUnavailable, ProviderProtocolError) as exc:
            return failed(exc), None
        except ProviderRefused as exc:
            return Outcome(None, f"it does not accept our credentials: {exc}"), None
        except SmartyError as exc:
            return not_made(str(exc)), None
        if health is None:
            return not_made("its router knows no address to ask at"), None
        if not isinstance(health, ServiceHealth):
            return not_made(f"its router answered with {type(health).__name__}"), None
        return (PASSED, health) if health.alive else (Outcome(False, health.detail or "it says it is not alive"), None)
