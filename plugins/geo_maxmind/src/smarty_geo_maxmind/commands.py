"""`update_maxmind` and `sync_geo_maxmind`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from smarty_core.api.host import Host
from smarty_core.errors import ConfigError, ProviderError, ProviderRefused, StorageError
from smarty_core.http.published import Published, renew
from smarty_geo_maxmind.base import MmdbBase
from smarty_geo_maxmind.locator import ADVICE
from smarty_geo_maxmind.settings import NAME, MaxMindSettings, base_file

MEGABYTE: Final = 1_000_000
ARCHIVE, SUMS = "tar.gz", "tar.gz.sha256"
_MEANINGS: Final = {
    401: "the account or the licence key is refused",
    403: "the account has no right to this edition",
    404: "there is no such edition",
    429: "the limit of downloads for today is reached; try again tomorrow",
}


def update(host: Host) -> None:
    """Fetch the base. After any failure the old one stays in use.

    Raises `ConfigError`, `ProviderRefused` in words an operator can act on, any other `SmartyError`.
    """
    settings = host.settings.of_locator(NAME, MaxMindSettings)
    key, file = settings.license_key.get_secret_value(), base_file(host, settings)
    if not key:
        raise ConfigError(f"GEO_LOCATOR_SETTINGS.{NAME}.license_key: downloads need the key of your account")
    source = _source(settings, key)
    try:
        changed = renew(host.http, source, file, check=_try_base)
    except ProviderError as exc:
        kept = "the old base stays in use" if file.exists() else "there is no base yet"
        meaning = _MEANINGS.get(exc.status)
        raise ProviderRefused(f"{settings.edition}: {f'{meaning} ({exc})' if meaning else exc}; {kept}") from exc
    print(f"{settings.edition}: {'renewed' if changed else 'nothing newer'}, {file} has {file.stat().st_size} bytes")


def sync(host: Host) -> None:
    """Lay down countries and cities from the base, with their names in all languages of the installation.

    Raises `Conflict` when there are any already, `StorageError` without a base.
    """
    settings = host.settings.of_locator(NAME, MaxMindSettings)
    file = base_file(host, settings)
    try:
        base = MmdbBase(file, ())
    except OSError as exc:
        raise StorageError(f"{file}: {exc.strerror}; {ADVICE}") from exc
    filled = host.places.fill(base.named())
    print(f"added {filled.countries} countries and {filled.cities} cities of {file}")


def _source(settings: MaxMindSettings, key: str) -> Published:
    url, edition, limit = settings.url.rstrip("/"), settings.edition, settings.max_megabytes * MEGABYTE
    common = {"edition_id": edition, "license_key": key}
    account = settings.account_id
    return Published(
        url=f"{url}/geoip/databases/{edition}/download" if account else f"{url}/app/geoip_download",
        query={"suffix": ARCHIVE} if account else {**common, "suffix": ARCHIVE},
        sums_query={"suffix": SUMS} if account else {**common, "suffix": SUMS},
        auth=(account, key) if account else None,
        wanted=lambda name: name.endswith(".mmdb"),
        secrets=(key,),
        max_bytes=limit,
        max_unpacked=limit,
        timeout=settings.timeout,
    )


def _try_base(path: Path) -> None:
    """Look an address of every /8 network and of every /11 of 2000::/3 up: damage in the middle shows."""
    base = MmdbBase(path, ())
    for number in range(256):
        base.locate(IPv4Address((number << 24) + (1 << 23)))
        base.locate(IPv6Address((1 << 125) + (number << 117)))
