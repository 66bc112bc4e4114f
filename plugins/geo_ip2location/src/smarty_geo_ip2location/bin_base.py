"""Reads a BIN base: a header, sorted rows of addresses with pointers, and the texts these point to.

Little-endian throughout. The header counts file positions from 1, the pointers count from 0. A row begins where the
one before it ends, so a closing row, which is not counted, ends the last one.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import InvalidValue

_HEADER: Final = struct.Struct("<5B6I3B")
_SHORTEST: Final = 64
_LAST_TYPE: Final = 26
_COUNTRY, _CITY = 1, 3
"""Columns, counted from the address as column 0; the country is in all types, the city in all from `_WITH_CITY` on."""
_WITH_CITY: Final = 3
_IP2LOCATION: Final = 1
_CHECKED_SINCE: Final = 21
"""From this year on, of 2000, the product code is there and tells location bases from others."""
_UNKNOWN: Final = "-"
MOST_KEPT: Final = 500_000

_LAST_IPV4: Final = (1 << 32) - 1
_LAST_IPV6: Final = (1 << 128) - 1
_MAPPED: Final = 0xFFFF
_TEREDO, _SIX_TO_FOUR = 0x20010000, 0x2002


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of one kind of address. `index` 0 = there is none; `pick` is how far the index's key is from the right
    end of an address."""

    rows: int
    base: int
    index: int
    width: int
    address: int
    pick: int
    last: int


class BinBase:
    """An open base. Safe between threads: nothing is written but answers once found.

    `mapped`: the file is not read but mapped, so several processes share it in memory; whoever then writes over it in
    place, instead of putting another one in its place, may end them all.
    """

    def __init__(self, path: Path, *, mapped: bool = False) -> None:
        """Raises `OSError`, and `InvalidValue` for a file that is no base or is damaged."""
        self._bytes = _mapped(path) if mapped else path.read_bytes()
        size = len(self._bytes)
        if size < _SHORTEST:
            raise InvalidValue("too short for a BIN base")
        (self.type, columns, year, month, day, rows4, base4, rows6, base6, index4, index6, product, _, _) = (
            _HEADER.unpack_from(self._bytes)
        )
        self.date = f"20{year:02}-{month:02}-{day:02}"
        if not 1 <= self.type <= _LAST_TYPE or columns < 2 or self._bytes[:2] == b"PK":
            raise InvalidValue("not a BIN base (is it still packed?)")
        if year >= _CHECKED_SINCE and product != _IP2LOCATION:
            raise InvalidValue(f"a BIN base of another product (code {product})")
        if self.type >= _WITH_CITY and columns <= _CITY:
            raise InvalidValue(f"type {self.type} has a city, but the rows have {columns} columns only")
        self._has_city = self.type >= _WITH_CITY
        self._v4 = _Table(rows4, base4 - 1, index4 - 1 if index4 else 0, 4 * columns, 4, 16, _LAST_IPV4)
        self._v6 = _Table(rows6, base6 - 1, index6 - 1 if index6 else 0, 4 * columns + 12, 16, 112, _LAST_IPV6)
        for table in (self._v4, self._v6):
            self._demand_inside(table, size)
        if not self._v4.rows and not self._v6.rows:
            raise InvalidValue("the base is empty")
        self._places: dict[tuple[int, int], Place | None] = {}

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        """The place of an address; None when it is not in the base. Raises `InvalidValue` where the base is damaged."""
        table, number = self._wanted(address)
        row = self._row(table, min(number, table.last - 1))
        if row < 0:
            return None
        pointers = row + table.address - 4
        country = self._uint(pointers + 4 * _COUNTRY)
        city = self._uint(pointers + 4 * _CITY) if self._has_city else 0
        try:
            return self._places[country, city]
        except KeyError:
            place = self._read_place(country, city)
        if len(self._places) >= MOST_KEPT:
            self._places.clear()
        self._places[country, city] = place
        return place

    def _wanted(self, address: IPv4Address | IPv6Address) -> tuple[_Table, int]:
        """The table an address is looked up in, and its number there. IPv4 may be inside IPv6 in three ways."""
        number = int(address)
        if address.version == 4:
            return self._v4, number
        if number >> 32 == _MAPPED:
            return self._v4, number & _LAST_IPV4
        if number >> 112 == _SIX_TO_FOUR:
            return self._v4, number >> 80 & _LAST_IPV4
        if number >> 96 == _TEREDO:
            return self._v4, ~number & _LAST_IPV4
        return self._v6, number

    def _row(self, table: _Table, number: int) -> int:
        """Where the row that holds the address begins; -1 when there is none."""
        low, high = 0, table.rows - 1
        if table.index and table.rows:
            first, last = struct.unpack_from("<2I", self._bytes, table.index + (number >> table.pick) * 8)
            low, high = min(first, high), min(last, high)
        address, width, base, octets = table.address, table.width, table.base, self._bytes
        while low <= high:
            middle = (low + high) >> 1
            at = base + middle * width
            if number < int.from_bytes(octets[at : at + address], "little"):
                high = middle - 1
            elif number >= int.from_bytes(octets[at + width : at + width + address], "little"):
                low = middle + 1
            else:
                return at
        return -1

    def _read_place(self, country: int, city: int) -> Place | None:
        code = self._text(country)
        if len(code) != 2 or not code.isalpha() or not code.isascii():
            return None
        # The country's name stands right behind its code, which always takes three bytes.
        name, town = self._text(country + 3), self._text(city) if city else ""
        return Place(code.upper(), "" if name == _UNKNOWN else name, "" if town == _UNKNOWN else town)

    def _text(self, at: int) -> str:
        if at >= len(self._bytes):
            raise InvalidValue(f"the base is damaged: a text at {at}, behind its end")
        return self._bytes[at + 1 : at + 1 + self._bytes[at]].decode("latin-1").strip()

    def _uint(self, at: int) -> int:
        return int.from_bytes(self._bytes[at : at + 4], "little")

    def _demand_inside(self, table: _Table, size: int) -> None:
        if not table.rows:
            return
        end = table.base + table.rows * table.width + table.address
        if table.base < _SHORTEST - 1 or end > size or (table.index and table.index + 8 * 65_536 > size):
            raise InvalidValue("the base is damaged: it ends before its rows do")


def _mapped(path: Path) -> bytes | mmap.mmap:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return b""  # cannot be mapped
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
