"""Device types by the name a client sends: the longest known prefix wins (`mag_250` is a `mag`)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from smarty_core.storage.cache import Cache
from smarty_core.storage.database import Database
from smarty_core.storage.models import PlayDevice

CACHE_SECONDS = 300
TAG = "playdevices"


@dataclass(frozen=True, slots=True)
class DeviceType:
    """A device type. `group`: 0 STB, 1 Smart TV, 2 mobile, 3 other."""

    id: int
    system_name: str
    answer_format: str
    group: int


class PlayDevices:
    """The device types of the installation, shared by all operators."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache

    def find(self, device: str) -> DeviceType | None:
        """The type a device name means, or None."""
        known = self._all()
        for length in range(len(device), 0, -1):
            if (found := known.get(device[:length])) is not None:
                return found
        return None

    def answer_format(self, device: str) -> str:
        """`json` or `xml`; JSON for a name nobody knows."""
        found = self.find(device) if device else None
        return found.answer_format if found else "json"

    def _all(self) -> dict[str, DeviceType]:
        rows = self._cache.get_or_build("play_devices", self._read, timeout=CACHE_SECONDS, deps=(TAG,))
        return {row[1]: DeviceType(*row) for row in rows}

    def _read(self) -> list[list[object]]:
        with self._database.read() as session:
            query = select(PlayDevice.id, PlayDevice.system_name, PlayDevice.answer_format, PlayDevice.group)
            return [list(row) for row in session.execute(query)]
