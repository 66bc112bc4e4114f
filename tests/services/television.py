"""A subscriber world with channels and a guide, and the services that read them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from smarty_core.services.catalogue import Catalogue
from smarty_core.services.guide import Guide
from smarty_core.services.operators import Operator
from smarty_core.services.positions import Positions
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Channel, EpgChannel, Programme
from smarty_core.testing.subscribers import SubscriberWorld


def moment(unix: int) -> datetime:
    return datetime.fromtimestamp(unix, UTC)


class Television:
    """Guide channels, operators' channels that show them, and programmes."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.world = SubscriberWorld(database, **settings)
        parts = {"database": database, "cache": self.world.cache, "settings": self.world.settings}
        self.catalogue = Catalogue(**parts, clock=self.world.clock)
        self.guide = Guide(**parts, clock=self.world.clock, catalogue=self.catalogue)
        self.positions = Positions(**parts, clock=self.world.clock, catalogue=self.catalogue)

    def guide_channel(self, name: str = "guide") -> int:
        row = EpgChannel(name=name)
        self.world.add(row, tags=("epg:channels",))
        return row.id

    def channel(self, operator: Operator, guide_id: int | None, **columns: Any) -> int:
        row = Channel(client_id=operator.id, name=columns.pop("name", "channel"), epg_channel_id=guide_id, **columns)
        self.world.add(row, tags=(f"client:{operator.id}:channels",))
        return row.id

    def programmes(self, guide_id: int, spans: Iterable[tuple[int, int]], **columns: Any) -> list[int]:
        """Programmes from and to Unix seconds; their ids."""
        rows = [
            Programme(
                epg_channel_id=guide_id, start=moment(start), stop=moment(stop), **{"name": f"{start}", **columns}
            )
            for start, stop in spans
        ]
        with self.world.database.write() as session:
            session.add_all(rows)
            session.flush()
            bump(session, f"epgchannel:{guide_id}")
            return [row.id for row in rows]
