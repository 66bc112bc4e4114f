"""Reads a CSV base: `"ip_from","ip_to","country_code","country_name"[,"region_name","city_name",...]`.

Addresses are decimal numbers. The IPv6 edition holds both kinds, IPv4 as `::ffff:a.b.c.d`.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final, TextIO

from smarty_core.contracts.geo_locator import Place
from smarty_core.contracts.geo_ranges import RangeTable
from smarty_core.errors import InvalidValue

_LAST_IPV4: Final = (1 << 32) - 1
_MAPPED: Final = 0xFFFF << 32
_UNKNOWN: Final = "-"
_LONGEST_LINE: Final = 4_096


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A range of addresses and its place; None = unknown."""

    first: int
    last: int
    place: Place | None


class CsvBase:
    """A base in memory. Takes about 36 bytes a row, and a few seconds a million rows to read."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError`, and `InvalidValue` naming the line that is wrong."""
        self._ranges = RangeTable()
        self._places: list[Place] = []
        numbers: dict[Place, int] = {}
        last = 0
        for row in rows(path):
            last = row.last
            if row.place is not None:
                number = numbers.setdefault(row.place, len(self._places))
                if number == len(self._places):
                    self._places.append(row.place)
                self._ranges.add(row.first, row.last, number)
        if not len(self._ranges):
            raise InvalidValue("the base holds no place")
        self._mapped = last > _LAST_IPV4
        self.date = ""

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        """The place of an address; None when it is not in the base."""
        number = int(address)
        if address.version == 6 and number >> 32 == 0xFFFF:
            number &= _LAST_IPV4
        elif address.version == 6:
            found = self._ranges.find(number) if self._mapped else -1
            return self._places[found] if found >= 0 else None
        found = self._ranges.find(number | _MAPPED if self._mapped else number)
        return self._places[found] if found >= 0 else None


def rows(path: Path) -> Iterator[CsvRow]:
    """The rows of a base, in their order. Raises as `CsvBase` does."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(_lines(file), strict=True)
        for number in itertools.count(1):
            try:
                columns = next(reader, None)
                if columns is None:
                    return
                if columns:
                    yield _row(columns)
            except (csv.Error, ValueError, IndexError) as exc:
                raise InvalidValue(f"line {number} is no row of a CSV base ({exc})"[:200]) from exc


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith("\n"):
            raise csv.Error("too long")
        yield line


def _row(columns: list[str]) -> CsvRow:
    first, last, code, country = (text.strip() for text in columns[:4])
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        raise ValueError("the first two columns are numbers")
    city = columns[5].strip() if len(columns) > 5 else ""
    known = len(code) == 2 and code.isascii() and code.isalpha()
    place = Place(code.upper(), _known(country), _known(city)) if known else None
    return CsvRow(int(first[:40]), int(last[:40]), place)


def _known(text: str) -> str:
    return "" if text == _UNKNOWN else text
