"""Geo locator `static`: places of networks written down in the settings."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting
from smarty_core.contracts.geo_locator import GeoLocator, Place

if TYPE_CHECKING:
    from smarty_core.api.host import Host


class StaticNetwork(BaseModel):
    """One network and where it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: str
    country: str = Field(pattern=r"\A[A-Z]{2}\z")
    """ISO 3166-1 alpha-2."""
    country_name: str = ""
    city: str = ""

    @field_validator("network")
    @classmethod
    def _is_network(cls, text: str) -> str:
        return str(ip_network(text))


class StaticSettings(DriverSettings):
    """The networks; the narrowest one that holds an address wins."""

    networks: tuple[StaticNetwork, ...] = setting((), en="Networks and their places", ru="Сети и их расположение")


class StaticLocator(GeoLocator[StaticSettings]):
    """Looks an address up by its masked bits: one dictionary look-up per prefix length in use."""

    Settings: ClassVar[type[DriverSettings]] = StaticSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline"})

    def __init__(self, name: str, settings: StaticSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        self._places: dict[IPv4Network | IPv6Network, Place] = {
            ip_network(known.network): Place(known.country, known.country_name, known.city)
            for known in settings.networks
        }
        self._lengths = {
            version: sorted({net.prefixlen for net in self._places if net.version == version}, reverse=True)
            for version in (4, 6)
        }

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        for length in self._lengths[address.version]:
            kind = IPv4Network if address.version == 4 else IPv6Network
            found = self._places.get(kind((int(address), length), strict=False))
            if found is not None:
                return found
        return None
