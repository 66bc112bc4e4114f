"""Contract `smarty.geo_locator`: where an IP address is. Locators form a chain; the first answer wins."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import ClassVar

from smarty_core.contracts.driver import Driver, SettingsT


@dataclass(frozen=True, slots=True)
class Place:
    """A country by ISO 3166-1 alpha-2 code and, when known, a city by its name."""

    country_code: str
    country_name: str = ""
    city_name: str = ""


class GeoLocator(Driver[SettingsT]):
    """Finds the place of an address. Look-ups happen at every login and beside signs of life: at most 20 microseconds,
    without I/O but for the first one, which may open the base. A base that is replaced is read beside the look-ups
    (`smarty_core.api.live_file`)."""

    capability: ClassVar[str] = "geo_locator"

    @abstractmethod
    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        """The place of `address`, or None when it is not known (private and reserved addresses included).

        IPv4 inside IPv6 (`::ffff:a.b.c.d`) is IPv4. Raises `StorageError` when there is no base or it cannot be read;
        the next locator is asked then, and when none is left the place is unknown.
        """
