"""The driver: looks addresses up in the base that lies on this host."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, ClassVar, Final

from smarty_core.api.live_file import LiveFile
from smarty_core.contracts.driver import DriverSettings, Probe
from smarty_core.contracts.geo_locator import GeoLocator, Place
from smarty_core.errors import InvalidValue, StorageError
from smarty_geo_maxmind.base import MmdbBase
from smarty_geo_maxmind.settings import MaxMindSettings, base_file

if TYPE_CHECKING:
    from smarty_core.api.host import Host

ADVICE: Final = "smarty_manage update_maxmind fetches it"


class MaxMind(GeoLocator[MaxMindSettings]):
    """`maxmind`: memory only, but for the first look-up, which opens the base."""

    Settings: ClassVar[type[DriverSettings]] = MaxMindSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline"})

    def __init__(self, name: str, settings: MaxMindSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        read = partial(MmdbBase, languages=settings.languages, mapped=settings.mapped)
        self.base = LiveFile(base_file(host, settings), read, log=host.log, advice=ADVICE)

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        """The place of an address. Raises `StorageError` while there is no base, or where it is damaged."""
        base = self.base.get()
        try:
            return base.locate(address)
        except InvalidValue as exc:
            raise StorageError(f"{self.base.path}: {exc}; {ADVICE}") from exc

    def probe(self) -> Probe:
        try:
            self.base.get()
        except StorageError as exc:
            return Probe(ok=False, reason="other", detail=str(exc))
        return Probe(ok=True)
