"""A stream service goes away: every process sends its viewers elsewhere within a second, and who complained at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from smarty_core.app import System, build_system, create_app
from smarty_core.config import Settings
from smarty_core.plugins.discovery import Discovery, Injected
from smarty_core.services.maintenance import Announcement
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Maintenance, StreamService
from smarty_core.testing.installation import CORE_ROUTERS, LIVE_MASK, Installation
from smarty_core.web.dispatch import Dispatcher

URL = "/tvmiddleware/api/channel/url/"
PATIENCE = 10.0
"""Seconds; it takes one on an idle machine."""


class Town:
    """Two server processes, and a third from which an operator acts, on one database."""

    def __init__(self, database: Database) -> None:
        self.installation = Installation(database)
        world = self.world = self.installation.world
        operator = self.operator = world.operator()
        tariff = world.tariff(operator)
        first, second = (
            StreamService(client_id=operator.id, name=name, type="live", mask=LIVE_MASK, sort=sort)
            for sort, name in enumerate(("first", "second"))
        )
        self.channel = self.installation.channel(tariff, services=[first, second])
        self.first, self.second = first.id, second.id
        world.subscriber(operator, tariffs=[tariff])
        self.authkey = world.log_in(operator).authkey
        self.operators_process = self.process("command")
        self.servers = [self.process("server") for _ in range(2)]
        self.apps = [create_app(server) for server in self.servers]

    def process(self, role: Any) -> System:
        found = {
            namespace: [Injected.of(namespace, name, plugin) for name, plugin in drivers.items()]
            for namespace, drivers in CORE_ROUTERS.items()
        }
        url = self.world.database.engine.url.render_as_string(hide_password=False)
        settings = Settings.for_tests(DATABASE_URL=url)
        discovery = Discovery(environ={}, injected=found)
        return build_system(settings, role=role, clock=self.world.clock, discovery=discovery)

    def asked(self, app: Dispatcher, **params: Any) -> int:
        """The service that a device is sent to by a process; 0 when it gets no address."""
        query = {
            "client_id": self.operator.id,
            "authkey": self.authkey,
            "cid": self.channel.id,
            "redirect": 0,
            **params,
        }

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.get(URL, params=query)

        answer = asyncio.run(go()).json()
        return int(answer["stream_service_id"]) if answer["error"] == 0 else 0

    def change(self, number: int, **columns: Any) -> None:
        with self.operators_process.database.write() as session:
            row = session.get_one(StreamService, number)
            for name, value in columns.items():
                setattr(row, name, value)
            bump(session, f"client:{self.operator.id}:channels")

    def follow(self, service: int) -> None:
        """Every process comes to send its viewers there."""
        for app in self.apps:
            until(lambda app=app: self.asked(app) == service)  # type: ignore[misc]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "no process may be so late"
        time.sleep(0.02)


@pytest.fixture
def town(sqlite_database: Database) -> Iterator[Town]:
    made = Town(sqlite_database)
    yield made
    for system in (*made.servers, made.operators_process):
        system.stop()
    made.installation.close()


def test_every_process_leaves_a_service_that_fails_and_comes_back_to_it(town: Town) -> None:
    for _ in range(2):  # the second answer is given in the event loop
        assert [town.asked(app) for app in town.apps] == [town.first] * 2
    assert [town.asked(app, exclude_service_id=town.first) for app in town.apps] == [town.second] * 2
    assert town.asked(town.apps[0], exclude_service_id=f"{town.first},{town.second}") == 0
    assert [town.asked(app) for app in town.apps] == [town.first] * 2  # what one asked for is nobody else's
    town.change(town.first, available=False)
    town.follow(town.second)
    town.change(town.second, enabled=False)
    town.follow(0)
    town.change(town.first, available=True)
    town.follow(town.first)


def test_every_process_follows_technical_works_by_their_times(town: Town) -> None:
    works, client = town.operators_process.maintenance, town.operator.id
    begin = town.world.now + timedelta(minutes=10)
    said = Announcement(prefixes=["news"], service_ids=[town.first], begin=begin, end=begin + timedelta(hours=1))
    number = works.create(client, said)
    assert [town.asked(app) for app in town.apps] == [town.first] * 2
    works.edit(client, number, Announcement(unavailable=True, prefixes=["news"]))
    assert [town.asked(app) for app in town.apps] == [town.first] * 2
    town.world.move(minutes=10)
    town.follow(0)
    with town.operators_process.database.write() as session:
        session.get_one(Maintenance, number).channels = []
        bump(session, f"client:{client}:channels")
    town.follow(town.second)
    town.world.move(minutes=60)
    assert [town.asked(app) for app in town.apps] == [town.first] * 2
