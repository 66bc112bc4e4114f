"""Radio stations: which of them a viewer has, and where they play.

A station's address is in the list itself, and a device may keep the list for days: so it is the station's own or one
of a service with static routing. A service with dynamic routing gives addresses that hold only for a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from smarty_core.services.entitlements import Entitlement
from smarty_core.services.languages import Texts, texts
from smarty_core.services.remembered import Remembered
from smarty_core.services.static_addresses import StaticAddresses
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import radio as rows
from smarty_core.storage.repositories.radio import StationRow

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

OPERATORS_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Station:
    """A radio station with its texts."""

    row: StationRow
    names: Texts


@dataclass(frozen=True, slots=True)
class Listed:
    """A station that somebody may hear, and its address."""

    station: Station
    url: str


class Radio:
    """The stations of all operators. Safe between threads; without SQL until a tag moves."""

    def __init__(self, *, database: Database, cache: Cache, static: StaticAddresses) -> None:
        self._database = database
        self._static = static
        self._stations: Remembered[tuple[Station, ...]] = Remembered(cache.tag_versions.vector, limit=OPERATORS_KEPT)

    def listed(self, entitlement: Entitlement, now: datetime, *, search: str = "") -> list[Listed]:
        """The stations of the viewer's tariffs that have an address, in the operator's order.

        `search` is a part of the name, letter case aside.
        """
        tariffs, needle = frozenset(entitlement.tariff_ids), search.strip().casefold()
        found = []
        for station in self.of(entitlement.client_id):
            content = station.row.content
            if tariffs.isdisjoint(content.tariff_ids):
                continue
            if needle and not any(needle in name.casefold() for name in station.names):
                continue
            if url := content.uri or self._static.of(entitlement, content, now):
                found.append(Listed(station, url))
        return found

    def of(self, client_id: int) -> tuple[Station, ...]:
        """All stations of an operator that are switched on, in his order."""

        def build() -> tuple[Station, ...]:
            with self._database.read() as session:
                found = rows.stations(session, client_id)
            return tuple(Station(row, texts(*row.names)) for row in found)

        client = f"client:{client_id}"
        tags = (f"{client}:radio", f"{client}:channels", f"{client}:tariffs")
        return self._stations.get(client_id, tags=tags, build=build)
