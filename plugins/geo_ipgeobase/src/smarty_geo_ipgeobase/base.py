"""Reads `geo_files.zip`: ranges of IPv4 addresses with a country and perhaps a city, and the names of cities.

Both files are windows-1251, separated by tabs, without a header:

cidr_optim.txt: first number, last number, the range as text, country, city id or `-`;
cities.txt: id, city, region, federal district, latitude, longitude.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from smarty_core.api.places import NamedPlace
from smarty_core.contracts.geo_locator import Place
from smarty_core.contracts.geo_ranges import RangeTable
from smarty_core.errors import InvalidValue

RANGES, CITIES = "cidr_optim.txt", "cities.txt"
ENCODING: Final = "cp1251"
LANGUAGE: Final = "ru"
LARGEST: Final = 268_435_456
"""Bytes of one of the files, unpacked."""
_LONGEST_LINE: Final = 2_000
_LAST_IPV4: Final = (1 << 32) - 1
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError)


class IpGeoBase:
    """A base in memory: 36 bytes a range. Reading takes about a second for all of the published one."""

    def __init__(self, path: Path, countries: Collection[str] = ()) -> None:
        """`countries`: only these are taken; empty = all. Raises `OSError`, and `InvalidValue` with file and line."""
        self._ranges = RangeTable()
        self._places: list[Place] = []
        numbers: dict[Place, int] = {}
        with _opened(path) as bundle:
            cities = dict(_cities(bundle))
            for number, columns in _rows(bundle, RANGES):
                try:
                    first, last, code, city = _range(columns)
                    if countries and code not in countries:
                        continue
                    place = Place(code, "", cities.get(city, ""))
                    item = numbers.setdefault(place, len(self._places))
                    if item == len(self._places):
                        self._places.append(place)
                    self._ranges.add(first, last, item)
                except (ValueError, IndexError) as exc:
                    raise InvalidValue(f"{RANGES}: line {number}: {exc}"[:200]) from exc
        if not len(self._ranges):
            raise InvalidValue(f"{RANGES} holds no range")

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        """The place of an address; None when it is not in the base, as no real IPv6 address is."""
        plain = address.ipv4_mapped if isinstance(address, IPv6Address) else address
        if plain is None:
            return None
        found = self._ranges.find(int(plain))
        return self._places[found] if found >= 0 else None

    def named(self) -> Iterator[NamedPlace]:
        """Every country and city that addresses are in. Cities without addresses have no country and are left out."""
        for place in self._places:
            yield NamedPlace(place.country_code, {}, {LANGUAGE: place.city_name} if place.city_name else {})


def _range(columns: list[str]) -> tuple[int, int, str, str]:
    first, last, code, city = (columns[place].strip() for place in (0, 1, 3, 4))
    if not all(text.isascii() and text.isdigit() and len(text) < 11 for text in (first, last)):
        raise ValueError("the first two columns are numbers")
    if int(last) > _LAST_IPV4:
        raise ValueError("not an IPv4 range")
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise ValueError("the fourth column is a country")
    return int(first), int(last), code.upper(), city


def _cities(bundle: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    for number, columns in _rows(bundle, CITIES):
        if len(columns) < 2 or not columns[0].strip().isdigit():
            raise InvalidValue(f"{CITIES}: line {number} is no city")
        yield columns[0].strip(), columns[1].strip()


def _rows(bundle: zipfile.ZipFile, name: str) -> Iterator[tuple[int, list[str]]]:
    """Lines with their numbers, split at the tabs; empty ones are left out."""
    entry = bundle.getinfo(name)
    if entry.file_size > LARGEST:
        raise InvalidValue(f"{name} is larger than {LARGEST} bytes")
    with bundle.open(entry) as raw, io.TextIOWrapper(raw, ENCODING, errors="replace", newline=None) as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise InvalidValue(f"{name}: line {number} is too long")
            if line.strip():
                yield number, line.rstrip("\n").split("\t")


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as bundle:
            yield bundle
    except _DAMAGE as exc:
        raise InvalidValue(f"not the archive of the base: {exc}"[:200]) from exc
