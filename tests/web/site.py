"""An installation with three logged-in subscribers of one package, asked in this process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import update

from smarty_core.app import create_app
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Channel, EpgChannel, EpgSource, Programme
from smarty_core.testing.installation import Installation
from smarty_core.web.dispatch import Dispatcher

LIST = "/tvmiddleware/api/channel/list/"
STATUS = "/tvmiddleware/api/account/status/"
PROGRAMS = "/tvmiddleware/api/channel/programs/"
GUIDE = "/tvmiddleware/api/program/list/"
PORTAL = "/tvmiddleware/api/portal/settings/list/"


class Site:
    def __init__(self, database: Database, plugins: Mapping[str, Mapping[str, object]] | None = None) -> None:
        self.installation = Installation(database, plugins, MAX_LA=99, MAX_USED_MEM=99)
        self.world = self.installation.world
        self.operator = self.world.operator()
        self.tariff = self.world.tariff(self.operator)
        self.channels = [self.installation.channel(self.tariff, name=f"Channel {number}") for number in range(3)]
        self._give_guide()
        self.accounts = [
            self.world.subscriber(self.operator, str(n), tariffs=[self.tariff]) for n in (1001, 1002, 1003)
        ]
        self.system = self.installation.system
        self.app: Dispatcher = create_app(self.system)
        self.keys = [
            self.world.log_in(self.operator, abonement=str(n), password="4711", device_uid=f"uid{n}").authkey
            for n in (1001, 1002, 1003)
        ]
        self.prepared = self.app.answerer.prepared

    def ask(
        self, path: str, key: str = "", *, headers: dict[str, str] | None = None, app: Dispatcher | None = None,
        **params: Any,
    ) -> httpx.Response:  # fmt: skip
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=app or self.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                session = {"authkey": key} if key else {}
                query = {"client_id": self.operator.id, **session, "device": "android", **params}
                return await client.get(path, params=query, headers=headers)

        return asyncio.run(go())

    def asked_twice(self, path: str, key: str = "", **options: Any) -> httpx.Response:
        """The second answer, which is a prepared one."""
        self.ask(path, key, **options)
        again = self.in_the_loop(path, key, **options)
        assert again is not None
        return again

    def in_the_loop(self, path: str, key: str = "", **options: Any) -> httpx.Response | None:
        """The answer if it lay ready, else None."""
        found = self.prepared.hits
        answer = self.ask(path, key, **options)
        return answer if self.prepared.hits == found + 1 else None

    def _give_guide(self) -> None:
        """The first channel has programmes of half an hour, from two days ago until tomorrow."""
        begin = self.world.now - timedelta(days=2)
        with self.world.database.write() as session:
            source = EpgSource(name="source", parser="dummy_source")
            session.add(source)
            session.flush()
            guide = EpgChannel(source_id=source.id, source_channel_id="one", name="One")
            session.add(guide)
            session.flush()
            session.add_all(
                Programme(
                    epg_channel_id=guide.id,
                    start=begin + timedelta(minutes=30 * number),
                    stop=begin + timedelta(minutes=30 * number + 30),
                    name=f"Programme {number}",
                )
                for number in range(144)
            )
            session.execute(update(Channel).where(Channel.id == self.channels[0].id).values(epg_channel_id=guide.id))
            bump(session, f"client:{self.operator.id}:channels")


def keys_in(text: str) -> set[str]:
    return set(re.findall(r"authkey=([0-9a-f]+)", text))
