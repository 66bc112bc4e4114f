"""`update_ip2location` and `sync_geo_ip2location`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from smarty_core.api.host import Host
from smarty_core.api.places import NamedPlace
from smarty_core.errors import ConfigError, ProviderError, ProviderRefused, SmartyError, StorageError
from smarty_core.http.published import Published, renew
from smarty_geo_ip2location.csv_base import CsvBase, rows
from smarty_geo_ip2location.locator import open_base
from smarty_geo_ip2location.settings import NAME, Ip2LocationSettings, base_file, directory_file

MEGABYTE: Final = 1_000_000
_MEANINGS: Final = {
    401: "the token is refused",
    403: "the token is refused",
    429: "too many downloads; try again in an hour",
}


def update(host: Host) -> None:
    """Fetch both bases. One that fails leaves its old file in use and does not keep the other from being renewed.

    Raises `ConfigError` and, with everything that went wrong, `ProviderRefused`.
    """
    settings = host.settings.of_locator(NAME, Ip2LocationSettings)
    if not settings.token.get_secret_value():
        raise ConfigError(f"GEO_LOCATOR_SETTINGS.{NAME}.token: downloads need the token of your account")
    wanted: list[tuple[str, Path, Callable[[Path], object]]] = [
        (settings.database, base_file(host, settings), _try_base)
    ]
    if settings.directory:
        wanted.append((settings.directory, directory_file(host, settings), CsvBase))
    failures = []
    for code, file, check in wanted:
        try:
            _renew(host, settings, code, file, check)
        except SmartyError as exc:
            failures.append(f"{code}: {_words(exc)}; {'the old base stays in use' if file.exists() else 'no base yet'}")
    if failures:
        raise ProviderRefused("\n".join(failures))


def sync(host: Host) -> None:
    """Lay down countries and cities from the base of names. Raises `Conflict` when there are any already."""
    settings = host.settings.of_locator(NAME, Ip2LocationSettings)
    file = directory_file(host, settings)
    try:
        filled = host.places.fill(_named(file))
    except OSError as exc:
        raise StorageError(f"{file}: {exc.strerror}; smarty_manage update_ip2location fetches it") from exc
    print(f"added {filled.countries} countries and {filled.cities} cities of {file}")


def _renew(host: Host, settings: Ip2LocationSettings, code: str, file: Path, check: Callable[[Path], object]) -> None:
    token = settings.token.get_secret_value()
    source = Published(
        url=settings.url,
        query={"token": token, "file": code},
        wanted=lambda name: name.upper().endswith((".BIN", ".CSV")),
        secrets=(token,),
        max_bytes=settings.max_megabytes * MEGABYTE,
        max_unpacked=settings.max_megabytes * MEGABYTE,
        timeout=settings.timeout,
    )
    changed = renew(host.http, source, file, check=check)
    print(f"{code}: {'renewed' if changed else 'nothing newer'}, {file} has {file.stat().st_size} bytes")


def _try_base(path: Path) -> None:
    """Look an address of every /8 network up: a base that is damaged in the middle shows it."""
    base = open_base(path)
    for network in range(0, 1 << 32, 1 << 24):
        base.locate(IPv4Address(network + (1 << 23)))


def _named(file: Path) -> Iterator[NamedPlace]:
    for row in rows(file):
        place = row.place
        if place is not None:
            countries = {"en": place.country_name} if place.country_name else {}
            yield NamedPlace(place.country_code, countries, {"en": place.city_name} if place.city_name else {})


def _words(failure: SmartyError) -> str:
    meaning = _MEANINGS.get(failure.status, "") if isinstance(failure, ProviderError) else ""
    return f"{meaning} ({failure})" if meaning else str(failure)
