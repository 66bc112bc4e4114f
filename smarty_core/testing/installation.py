"""A whole system over a database of its own, with operators and subscribers from a `SubscriberWorld`.

`Installation(database)` adds rows through `world`; the first use of `system` builds the real parts. Plugins may be put
in without being installed: `Installation(database, {"smarty.sms_backend": {"fake": FakeSmsBackend}})`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from smarty_core.api.host import Host
from smarty_core.app import System, build_system
from smarty_core.builtin.mask_router import MaskRouter
from smarty_core.builtin.multicast_router import MulticastRouter
from smarty_core.config import Settings
from smarty_core.plugins.discovery import Discovery, Injected
from smarty_core.services.operators import Operator
from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, StreamService, Tariff
from smarty_core.testing.subscribers import SubscriberWorld

CORE_ROUTERS = {"smarty.stream_router": {"mask": MaskRouter, "multicast": MulticastRouter}}
"""There whatever is installed; of all else only what a test puts in."""

LIVE_MASK = "http://video.test/$prefix/index.m3u8?token=$token"
ARCHIVE_MASK = "http://video.test/$prefix/archive-$flpbt-$flpdur.m3u8?token=$token"


class Installation:
    """Rows first, then the system: what is written past it afterwards is noticed only after `bump`s of its own."""

    def __init__(
        self, database: Database, plugins: Mapping[str, Mapping[str, object]] | None = None, **settings: Any
    ) -> None:
        self.world = SubscriberWorld(database)
        self._url = database.engine.url.render_as_string(hide_password=False)
        self._plugins = {**CORE_ROUTERS, **(plugins or {})}
        self._settings = settings

    @functools.cached_property
    def system(self) -> System:
        """The parts of one process; times are those of `world`."""
        found = {
            namespace: [Injected.of(namespace, name, plugin) for name, plugin in drivers.items()]
            for namespace, drivers in self._plugins.items()
        }
        settings = Settings.for_tests(DATABASE_URL=self._url, **self._settings)
        discovery = Discovery(environ={}, injected=found)
        return build_system(settings, role="test", clock=self.world.clock, discovery=discovery)

    def host(self, plugin: str = "test") -> Host:
        """What a plugin of this name gets."""
        return self.system.hosts.host(plugin)

    def channel(self, tariff: Tariff, name: str = "News", **columns: Any) -> Channel:
        """A channel of the tariff that a live service with a mask and an archive of three days play."""
        live = StreamService(client_id=tariff.client_id, name="live", type="live", mask=LIVE_MASK)
        archive = StreamService(
            client_id=tariff.client_id, name="archive", type="pvr", mask=ARCHIVE_MASK, recording_days=3
        )
        columns = {"url_prefix": name.lower(), "recording_days": 3, "services": [live, archive], **columns}
        channel = Channel(client_id=tariff.client_id, name=name, **columns)
        with self.world.database.write() as session:
            session.add(channel)
            held = session.get_one(Tariff, tariff.id)
            held.channels.append(channel)
            held.services += channel.services
        return channel

    def house(self, name: str, **columns: Any) -> tuple[Operator, Tariff, Channel]:
        """An operator with one tariff and one channel in it."""
        operator = self.world.operator(name, **columns)
        tariff = self.world.tariff(operator)
        return operator, tariff, self.channel(tariff)

    def close(self) -> None:
        """Take the system down, if there is one."""
        if "system" in self.__dict__:
            self.system.stop()
