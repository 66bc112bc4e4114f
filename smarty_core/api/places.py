"""Countries and cities, as plugins see them: `host.places`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A city, or a country alone, as a geo base calls it. Names are by language code (`{"ru": "Тверь"}`)."""

    country_code: str
    """ISO 3166-1 alpha-2."""
    country_names: Mapping[str, str] = field(default_factory=dict)
    city_names: Mapping[str, str] = field(default_factory=dict)
    """Empty = the country alone."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How much was added to the directory."""

    countries: int
    cities: int


class Places(Protocol):
    """The directory of countries and cities that tariffs are limited to; shared by all operators."""

    def fill(self, places: Iterable[NamedPlace]) -> Filled:
        """Lay the directory down, once: all of it or, after an error, nothing.

        Countries of the initial data stay as they are. Raises `Conflict` when there are cities, or countries that
        somebody added, already: what an operator has made is never mixed with a base. A place without a country code,
        or named twice, is passed over.
        """
