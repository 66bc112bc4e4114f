"""Device types by the name a client sends: the longest known prefix wins (`mag_250` is a `mag`)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from smarty_core.services.remembered import Remembered
from smarty_core.storage.cache import Cache
from smarty_core.storage.database import Database
from smarty_core.storage.models import PlayDevice

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
        self._kept: Remembered[dict[str, DeviceType]] = Remembered(cache.tag_versions.vector, limit=1)

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
        return self._kept.get("all", tags=(TAG,), build=self._read)

    def _read(self) -> dict[str, DeviceType]:
        with self._database.read() as session:
            query = select(PlayDevice.id, PlayDevice.system_name, PlayDevice.answer_format, PlayDevice.group)
            return {row[1]: DeviceType(*row) for row in session.execute(query)}
