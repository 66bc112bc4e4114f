"""Places out of the records of an mmdb base.

Records come from outside: any part may be missing or of another kind than published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Final

from smarty_core.api.places import NamedPlace
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import InvalidValue
from smarty_geo_maxmind.mmdb import Mmdb

FALLBACK: Final = "en"
KINDS: Final = ("City", "Country", "Enterprise")
MOST_KEPT: Final = 500_000
"""Places of records and, apart from these, beginnings of addresses that are kept once found."""


class MmdbBase:
    """An open base. Safe between threads. `languages`: names are taken in the first of these that a record has."""

    def __init__(self, path: Path, languages: Sequence[str], *, mapped: bool = False) -> None:
        """`mapped`: see `Mmdb`. Raises `OSError`, and `InvalidValue` for a file that is no base of places."""
        self._file = Mmdb(path, mapped=mapped)
        if not any(word in self._file.kind for word in KINDS):
            raise InvalidValue(f"a base of the kind {self._file.kind[:60]!r}, which knows no places")
        self._languages = (*languages, FALLBACK)
        self._begun: dict[tuple[int, int], int] = {}
        self._places: dict[int, Place | None] = {}

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        """The place of an address; None when it is not in the base. Raises `InvalidValue` where the base is damaged."""
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        number = int(address)
        if address.version == 4:
            record = self._record(self._file.ipv4_start(), number, 32)
        elif self._file.only_ipv4:
            return None
        else:
            record = self._record(0, number, 128)
        try:
            return self._places[record]
        except KeyError:
            place = self._place(self._file.value(record))
        if len(self._places) >= MOST_KEPT:
            self._places.clear()
        self._places[record] = place
        return place

    def named(self) -> Iterator[NamedPlace]:
        """Every country and city of the base with its names in all languages, some of them more than once.

        Raises `InvalidValue` where the base is damaged.
        """
        for number in self._file.records():
            record = self._file.value(number)
            country, city = _part(record, "country"), _part(record, "city")
            code = country.get("iso_code")
            if isinstance(code, str):
                yield NamedPlace(code, _names(country), _names(city))

    def _record(self, start: int, number: int, bits: int) -> int:
        """Where an address ends up. Its first quarter or half has been walked for many others already."""
        rest = 16 if bits == 32 else 96
        beginning = bits, number >> rest
        reached = self._begun.get(beginning)
        if reached is None:
            if len(self._begun) >= MOST_KEPT:
                self._begun.clear()
            reached = self._begun[beginning] = self._file.walk(start, number >> rest, bits - rest)
        return self._file.walk(reached, number, rest)

    def _place(self, record: Any) -> Place | None:
        country = _part(record, "country")
        code = country.get("iso_code")
        if not isinstance(code, str) or len(code) != 2 or not code.isalpha() or not code.isascii():
            return None
        return Place(code.upper(), self._name(country), self._name(_part(record, "city")))

    def _name(self, part: dict[str, Any]) -> str:
        names = _names(part)
        return next((names[language] for language in self._languages if language in names), "")


def _part(record: Any, name: str) -> dict[str, Any]:
    part = record.get(name) if isinstance(record, dict) else None
    return part if isinstance(part, dict) else {}


def _names(part: dict[str, Any]) -> dict[str, str]:
    names = part.get("names")
    if not isinstance(names, dict):
        return {}
    return {language: name for language, name in names.items() if isinstance(name, str) and name}
