"""The driver: looks addresses up in the base that lies on this host."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from smarty_core.api.live_file import LiveFile
from smarty_core.contracts.driver import DriverSettings, Probe
from smarty_core.contracts.geo_locator import GeoLocator, Place
from smarty_core.errors import InvalidValue, StorageError
from smarty_geo_ip2location.bin_base import BinBase
from smarty_geo_ip2location.csv_base import CsvBase
from smarty_geo_ip2location.settings import Ip2LocationSettings, base_file

if TYPE_CHECKING:
    from smarty_core.api.host import Host

ADVICE = "smarty_manage update_ip2location fetches it"


class Ip2Location(GeoLocator[Ip2LocationSettings]):
    """`ip2location`: memory only, but for the first look-up, which opens the base."""

    Settings: ClassVar[type[DriverSettings]] = Ip2LocationSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline"})
    legacy_names: ClassVar[tuple[str, ...]] = ("IP2Location",)

    def __init__(self, name: str, settings: Ip2LocationSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        read = partial(open_base, mapped=settings.mapped)
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


def open_base(path: Path, *, mapped: bool = False) -> BinBase | CsvBase:
    """A base by what it begins with: CSV rows are quoted. `mapped`: see `BinBase`.

    Raises `OSError` and `InvalidValue`.
    """
    with path.open("rb") as file:
        quoted = file.read(4).removeprefix(b"\xef\xbb\xbf")[:1] == b'"'
    return CsvBase(path) if quoted else BinBase(path, mapped=mapped)
