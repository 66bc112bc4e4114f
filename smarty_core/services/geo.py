"""Where a viewer is: the chain of geo locators, and our own countries and cities behind their answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import ConfigError, DriverError, ProviderError, StorageError
from smarty_core.events import log_event
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.operators import Operator
from smarty_core.services.remembered import Remembered
from smarty_core.storage.database import Database
from smarty_core.storage.models import City, Country, PluginInstance
from smarty_core.storage.vault import Vault

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.storage.cache import Cache

TAG: Final = "places"

_log = logging.getLogger("smarty_main")


@dataclass(frozen=True, slots=True)
class PlaceIds:
    """A place by our own ids, 0 = unknown, and by the names in the default language."""

    country_id: int = 0
    city_id: int = 0
    country_code: str = ""
    country_name: str = ""
    city_name: str = ""


@dataclass(frozen=True, slots=True)
class CountryFacts:
    """A country: names by language (0 the default one), ISO code, telephone prefix."""

    id: int
    code: str
    phone_code: str
    names: tuple[str, ...]

    def name(self, lang: int = 0) -> str:
        return self.names[lang] or self.names[0]


@dataclass(frozen=True, slots=True)
class _Directory:
    countries: Mapping[str, CountryFacts]
    cities: Mapping[tuple[int, str], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Link:
    """One locator of a chain."""

    driver: str
    instance: str
    attributes: Mapping[str, Any]


class Places:
    """Finds places. The operator's own locator is asked first, then those of GEO_LOCATORS, until one knows.

    A locator is configured by the operator's instance of that name or by GEO_LOCATOR_SETTINGS (name -> settings).
    """

    def __init__(
        self, *, database: Database, cache: Cache, settings: Settings, registry: DriverRegistry, vault: Vault
    ) -> None:
        self._database = database
        self._settings = settings
        self._registry = registry
        self._vault = vault
        self._directory: Remembered[_Directory] = Remembered(cache.tag_versions.vector, limit=1)
        self._own: Remembered[_Link | None] = Remembered(cache.tag_versions.vector, limit=10_000)

    def locate(self, ip: str, operator: Operator) -> PlaceIds:
        """The place of an address; an empty one when no locator knows it. Never raises for what a locator does."""
        try:
            address = ip_address(ip)
        except ValueError:
            return PlaceIds()
        for link in self._chain(operator):
            place = self._ask(link, address)
            if place is not None:
                return self._known(place)
        return PlaceIds()

    def countries(self) -> tuple[CountryFacts, ...]:
        """All countries, by their names in the default language."""
        return tuple(sorted(self._places().countries.values(), key=lambda country: country.name()))

    def country_name(self, code: str, lang: int) -> str:
        country = self._places().countries.get(code)
        return country.name(lang) if country else ""

    def _ask(self, link: _Link, address: IPv4Address | IPv6Address) -> Place | None:
        try:
            locator = self._registry.instance("geo_locator", link.driver, link.instance, link.attributes)
            found = locator.call("locate", address)
        except (DriverError, ProviderError, ConfigError) as exc:
            log_event(_log, logging.WARNING, "GEO_LOCATOR_FAILED", locator=link.driver, error=str(exc))
            return None
        return found if isinstance(found, Place) else None

    def _chain(self, operator: Operator) -> list[_Link]:
        chain: list[_Link] = []
        if operator.geo_locator:
            own = self._own.get(operator.id, tags=(f"client:{operator.id}",), build=lambda: self._read_own(operator))
            if own is not None:
                chain.append(own)
        general = [name for name in self._settings.GEO_LOCATORS if name != operator.geo_locator]
        attributes = self._settings.GEO_LOCATOR_SETTINGS
        return chain + [_Link(name, f"geo:{name}", attributes.get(name, {})) for name in general]

    def _read_own(self, operator: Operator) -> _Link:
        """The operator's locator: an instance of that name when he configured one, else the driver of that name."""
        with self._database.read() as session:
            row = session.scalar(
                select(PluginInstance).where(
                    PluginInstance.client_id == operator.id,
                    PluginInstance.capability == "geo_locator",
                    PluginInstance.name == operator.geo_locator,
                    PluginInstance.enabled,
                )
            )
            if row is None:
                attributes = self._settings.GEO_LOCATOR_SETTINGS.get(operator.geo_locator, {})
                return _Link(operator.geo_locator, f"geo:{operator.geo_locator}", attributes)
            attributes = {item.key: self._clear(item.value, secret=item.secret) for item in row.attributes}
            return _Link(row.driver, f"geo:{operator.id}:{row.name}", attributes)

    def _clear(self, value: str, *, secret: bool) -> str:
        try:
            return self._vault.decrypt(value) if secret else value
        except StorageError:
            return ""

    def _known(self, place: Place) -> PlaceIds:
        directory = self._places()
        country = directory.countries.get(place.country_code.upper())
        if country is None:
            return PlaceIds(0, 0, place.country_code.upper(), place.country_name, place.city_name)
        city = directory.cities.get((country.id, place.city_name.casefold()), (0, place.city_name))
        return PlaceIds(country.id, city[0], country.code, country.name(), city[1])

    def _places(self) -> _Directory:
        return self._directory.get("directory", tags=(TAG,), build=self._read)

    def _read(self) -> _Directory:
        with self._database.read() as session:
            countries = {
                row.code.upper(): CountryFacts(row.id, row.code.upper(), row.phone_code, _names(row))
                for row in session.scalars(select(Country))
            }
            cities: dict[tuple[int, str], tuple[int, str]] = {}
            for row in session.scalars(select(City).order_by(City.id)):
                for name in _names(row):
                    if name:
                        cities.setdefault((row.country_id, name.casefold()), (row.id, row.name))
        return _Directory(countries, cities)


def _names(row: Country | City) -> tuple[str, ...]:
    return (row.name, *(getattr(row, f"name_lang{number}") or "" for number in range(1, 6)))
