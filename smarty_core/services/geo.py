"""Where a viewer is: the chain of geo locators, and our own countries and cities behind their answers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from smarty_core.contracts.events import RegionWish
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import SmartyError, StorageError
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.operators import Operator
from smarty_core.services.remembered import Remembered
from smarty_core.storage.base import LANGUAGE_SUFFIXES
from smarty_core.storage.database import Database
from smarty_core.storage.models import City, Country, PluginInstance
from smarty_core.storage.vault import Vault

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.storage.cache import Cache

TAG: Final = "places"
CHOOSE: Final = "choose_region"
SAID_EVERY: Final = 60.0
"""Seconds between two log lines about one locator that fails."""
DIRECTORY_SECONDS: Final = 3600.0
"""Life of the directory in memory. Its tag tells changes, and reading a hundred thousand cities takes half a second."""
SOMEWHERE: Final = IPv4Address("192.0.2.1")
"""An address that nobody has."""
KNOWN_PLACES: Final = 100_000
"""Answers of locators that are kept with our ids for them."""

_NAMES: Final = ("name", *(f"name{suffix}" for suffix in LANGUAGE_SUFFIXES))

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
    cities: Mapping[tuple[int, str], int]
    """By country and any of its names without case."""
    city_names: Mapping[int, tuple[str, ...]]
    known: dict[Place, PlaceIds] = field(default_factory=dict)
    """Our ids for answers of locators so far."""

    def ids(self, place: Place) -> PlaceIds:
        """A locator's answer by our ids; what we do not know keeps the locator's words."""
        found = self.known.get(place)
        if found is None:
            if len(self.known) >= KNOWN_PLACES:
                self.known.clear()
            found = self.known[place] = self._look_up(place)
        return found

    def _look_up(self, place: Place) -> PlaceIds:
        code = place.country_code.upper()
        country = self.countries.get(code)
        if country is None:
            return PlaceIds(0, 0, code, place.country_name, place.city_name)
        city_id = self.cities.get((country.id, place.city_name.casefold()), 0)
        city_name = self.city_names[city_id][0] if city_id else place.city_name
        return PlaceIds(country.id, city_id, country.code, country.name(), city_name)


@dataclass(frozen=True, slots=True)
class _Link:
    """One locator of a chain."""

    driver: str
    instance: str
    attributes: Mapping[str, Any]


class Places:
    """Finds places. The operator's own locator is asked first, then those of GEO_LOCATORS, until one knows.

    A locator is configured by the operator's instance of that name or by GEO_LOCATOR_SETTINGS (name -> settings). One
    that fails knows nothing: the next one is asked, and when none is left the place is unknown, so what is limited to
    places is denied.
    """

    def __init__(
        self,
        *,
        database: Database,
        cache: Cache,
        settings: Settings,
        registry: DriverRegistry,
        vault: Vault,
        hooks: Hooks,
    ) -> None:
        self._database = database
        self._settings = settings
        self._registry = registry
        self._vault = vault
        self._hooks = hooks
        self._said: dict[tuple[str, str], float] = {}
        self._directory: Remembered[_Directory] = Remembered(
            cache.tag_versions.vector, limit=1, seconds=DIRECTORY_SECONDS
        )
        self._general = tuple(self._of_settings(name) for name in settings.GEO_LOCATORS)
        self._own: Remembered[_Link] = Remembered(cache.tag_versions.vector, limit=10_000)

    def locate(self, ip: str, operator: Operator) -> PlaceIds:
        """The place of an address; an empty one when no locator knows it. Never raises for what a locator does."""
        try:
            address = ip_address(ip)
        except ValueError:
            return PlaceIds()
        place = None
        for link in self._chain(operator):
            place = self._ask(link, address)
            if place is not None:
                break
        if self._hooks.implementers(CHOOSE):
            place = self._overruled(operator.id, ip, place)
        return self._places().ids(place) if place is not None else PlaceIds()

    def warm(self) -> threading.Thread:
        """Open the bases of the settings' locators beside everything else, so that the first viewer does not wait."""

        def ask() -> None:
            for link in self._general:
                self._ask(link, SOMEWHERE)

        thread = threading.Thread(target=ask, name="geo-warm", daemon=True)
        thread.start()
        return thread

    def countries(self) -> tuple[CountryFacts, ...]:
        """All countries, by their names in the default language."""
        return tuple(sorted(self._places().countries.values(), key=lambda country: country.name()))

    def country_name(self, code: str, lang: int) -> str:
        country = self._places().countries.get(code)
        return country.name(lang) if country else ""

    def city_name(self, city_id: int, lang: int) -> str:
        names = self._places().city_names.get(city_id)
        return (names[lang] or names[0]) if names else ""

    def _ask(self, link: _Link, address: IPv4Address | IPv6Address) -> Place | None:
        try:
            locator = self._registry.instance("geo_locator", link.driver, link.instance, link.attributes)
            found = locator.call("locate", address)
        except SmartyError as exc:
            self._say(link, exc)
            return None
        return found if _readable(found) else None

    def _say(self, link: _Link, failure: SmartyError) -> None:
        """A locator without its base fails at every login; once a minute is enough to know it."""
        now, key = time.monotonic(), (link.driver, link.instance)
        if now - self._said.get(key, -SAID_EVERY) >= SAID_EVERY:
            self._said[key] = now
            log_event(_log, logging.WARNING, "GEO_LOCATOR_FAILED", locator=link.driver, error=str(failure))

    def _overruled(self, client_id: int, ip: str, place: Place | None) -> Place | None:
        known = place or Place("")
        wish = RegionWish(client_id, ip, known.country_code, known.city_name)
        chosen = self._hooks.decide(CHOOSE, wish=wish)
        return chosen if _readable(chosen) else place

    def _chain(self, operator: Operator) -> Sequence[_Link]:
        if not operator.geo_locator:
            return self._general
        own = self._own.get(operator.id, tags=(f"client:{operator.id}",), build=lambda: self._read_own(operator))
        return (own, *(link for link in self._general if link.driver != operator.geo_locator))

    def _of_settings(self, name: str) -> _Link:
        """The locator with the settings that the settings file gives it."""
        return _Link(name, f"geo:{name}", self._settings.GEO_LOCATOR_SETTINGS.get(name, {}))

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
                return self._of_settings(operator.geo_locator)
            attributes = {item.key: self._clear(item.value, secret=item.secret) for item in row.attributes}
            return _Link(row.driver, f"geo:{operator.id}:{row.name}", attributes)

    def _clear(self, value: str, *, secret: bool) -> str:
        try:
            return self._vault.decrypt(value) if secret else value
        except StorageError:
            return ""

    def _places(self) -> _Directory:
        return self._directory.get("directory", tags=(TAG,), build=self._read)

    def _read(self) -> _Directory:
        with self._database.read() as session:
            countries = {
                row.code.upper(): CountryFacts(row.id, row.code.upper(), row.phone_code, _names(row))
                for row in session.execute(select(Country.id, Country.code, Country.phone_code, *_named(Country)))
            }
            cities: dict[tuple[int, str], int] = {}
            city_names = {}
            for row in session.execute(select(City.id, City.country_id, *_named(City)).order_by(City.id)):
                city_names[row.id] = _names(row)
                for name in city_names[row.id]:
                    if name:
                        cities.setdefault((row.country_id, name.casefold()), row.id)
        return _Directory(countries, cities, city_names)


def _readable(answer: Any) -> bool:
    """Whether a plugin answered with a place, and one made of texts."""
    return isinstance(answer, Place) and all(
        isinstance(text, str) for text in (answer.country_code, answer.country_name, answer.city_name)
    )


def _named(model: type[Country | City]) -> list[Any]:
    """The columns of a name. Columns and not objects: there may be a hundred thousand rows."""
    return [getattr(model, column) for column in _NAMES]


def _names(row: Any) -> tuple[str, ...]:
    return tuple([getattr(row, column) or "" for column in _NAMES])
