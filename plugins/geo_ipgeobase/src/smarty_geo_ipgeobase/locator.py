"""The driver: looks addresses up in the base that lies on this host."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, ClassVar, Final

from smarty_core.api.live_file import LiveFile
from smarty_core.contracts.driver import DriverSettings, Probe
from smarty_core.contracts.geo_locator import GeoLocator, Place
from smarty_core.errors import StorageError
from smarty_geo_ipgeobase.base import IpGeoBase
from smarty_geo_ipgeobase.settings import IpGeoBaseSettings, base_file

if TYPE_CHECKING:
    from smarty_core.api.host import Host

ADVICE: Final = "smarty_manage geoip_update fetches it"


class IpGeoBaseLocator(GeoLocator[IpGeoBaseSettings]):
    """`ipgeobase`: memory only, but for the first look-up, which reads the base."""

    Settings: ClassVar[type[DriverSettings]] = IpGeoBaseSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline"})
    legacy_names: ClassVar[tuple[str, ...]] = ("django-geoip", "django_geoip")

    def __init__(self, name: str, settings: IpGeoBaseSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        read = partial(IpGeoBase, countries=frozenset(settings.countries))
        self.base = LiveFile(base_file(host, settings), read, log=host.log, advice=ADVICE)

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        """The place of an address. Raises `StorageError` while there is no base."""
        return self.base.get().locate(address)

    def probe(self) -> Probe:
        try:
            self.base.get()
        except StorageError as exc:
            return Probe(ok=False, reason="other", detail=str(exc))
        return Probe(ok=True)
