"""`geoip_update` and `sync_geo_geoip`."""

from __future__ import annotations

from typing import Final

from smarty_core.api.host import Host
from smarty_core.errors import ProviderError, ProviderRefused, StorageError
from smarty_core.http.published import Published, renew
from smarty_geo_ipgeobase.base import IpGeoBase
from smarty_geo_ipgeobase.locator import ADVICE
from smarty_geo_ipgeobase.settings import NAME, IpGeoBaseSettings, base_file

MEGABYTE: Final = 1_000_000


def update(host: Host) -> None:
    """Fetch the archive. After any failure the old one stays in use. Raises `ProviderRefused`, any `SmartyError`."""
    settings = host.settings.of_locator(NAME, IpGeoBaseSettings)
    file = base_file(host, settings)
    source = Published(
        url=settings.url, max_bytes=settings.max_megabytes * MEGABYTE, timeout=settings.timeout,
    )  # fmt: skip
    try:
        changed = renew(host.http, source, file, check=IpGeoBase)
    except ProviderError as exc:
        kept = "the old base stays in use" if file.exists() else "there is no base yet"
        raise ProviderRefused(f"{exc}; {kept}") from exc
    print(f"{'renewed' if changed else 'nothing newer'}, {file} has {file.stat().st_size} bytes")


def sync(host: Host) -> None:
    """Lay down countries and cities from the base.

    Raises `Conflict` when there are any already, `StorageError` without a base, `InvalidValue` when it is none.
    """
    settings = host.settings.of_locator(NAME, IpGeoBaseSettings)
    file = base_file(host, settings)
    try:
        base = IpGeoBase(file, settings.countries)
    except OSError as exc:
        raise StorageError(f"{file}: {exc.strerror}; {ADVICE}") from exc
    filled = host.places.fill(base.named())
    print(f"added {filled.countries} countries and {filled.cities} cities of {file}")
