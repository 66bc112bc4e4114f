"""Reads an mmdb base with MaxMind's own library, and makes places of its records.

The library maps the file, so several processes share it in memory. Records come from outside: any part may be missing
or of another kind than published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Final

import maxminddb

from smarty_core.api.places import NamedPlace
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import InvalidValue

FALLBACK: Final = "en"
_DAMAGE = (maxminddb.InvalidDatabaseError, ValueError, TypeError, KeyError, RecursionError)
"""What the library raises for a file that is damaged."""


class MmdbBase:
    """An open base. Safe between threads. `languages`: names are taken in the first of these that a record has."""

    def __init__(self, path: Path, languages: Sequence[str]) -> None:
        """Raises `OSError`, and `InvalidValue` for a file that is no base of places."""
        try:
            self._reader = maxminddb.open_database(path)
            kind = self._reader.metadata()
        except _DAMAGE as exc:
            raise InvalidValue(f"not an mmdb base: {exc}"[:200]) from exc
        if not any(word in kind.database_type for word in ("City", "Country", "Enterprise")):
            self._reader.close()
            raise InvalidValue(f"a base of the type {kind.database_type[:60]!r}, which knows no places")
        self._only_ipv4 = kind.ip_version == 4
        self._most_networks = 8 * (kind.node_count + 1)
        self._languages = (*languages, FALLBACK)

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        """The place of an address; None when it is not in the base. Raises `InvalidValue` where the base is damaged."""
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        if self._only_ipv4 and address.version == 6:
            return None
        try:
            record = self._reader.get(address)
        except _DAMAGE as exc:
            raise InvalidValue(f"the base is damaged: {exc}"[:200]) from exc
        if not isinstance(record, dict):
            return None
        country = _part(record, "country")
        code = country.get("iso_code")
        if not isinstance(code, str) or len(code) != 2 or not code.isalpha() or not code.isascii():
            return None
        return Place(code.upper(), self._name(country), self._name(_part(record, "city")))

    def named(self) -> Iterator[NamedPlace]:
        """Every country and city of the base with its names in all languages. Takes a minute or two for a whole base.

        Raises `InvalidValue` where the base is damaged.
        """
        seen: set[tuple[str, str]] = set()
        for record in self._records():
            country, city = _part(record, "country"), _part(record, "city")
            code = country.get("iso_code")
            key = str(code), str(city.get("geoname_id") or city.get("names"))
            if isinstance(code, str) and key not in seen:
                seen.add(key)
                yield NamedPlace(code, _names(country), _names(city))

    def _records(self) -> Iterator[dict[str, Any]]:
        """The records of all networks in the order of these, by look-ups: the library's own walk does not survive a
        damaged tree. A tree that leads back into itself has more networks than nodes."""
        bits, kind = (32, IPv4Address) if self._only_ipv4 else (128, IPv6Address)
        at = walked = 0
        while at < 1 << bits:
            walked += 1
            if walked > self._most_networks:
                raise InvalidValue("the base is damaged: its networks have no end")
            try:
                record, length = self._reader.get_with_prefix_len(kind(at))
            except _DAMAGE as exc:
                raise InvalidValue(f"the base is damaged: {exc}"[:200]) from exc
            if isinstance(record, dict):
                yield record
            size = 1 << bits - length
            at = (at // size + 1) * size

    def close(self) -> None:
        """Let go of the file; nothing may be looked up any more."""
        self._reader.close()

    def _name(self, part: dict[str, Any]) -> str:
        names = part.get("names")
        if isinstance(names, dict):
            for language in self._languages:
                name = names.get(language)
                if isinstance(name, str) and name:
                    return name
        return ""


def _part(record: dict[str, Any], name: str) -> dict[str, Any]:
    part = record.get(name)
    return part if isinstance(part, dict) else {}


def _names(part: dict[str, Any]) -> dict[str, str]:
    names = part.get("names")
    if not isinstance(names, dict):
        return {}
    return {str(language): name for language, name in names.items() if isinstance(name, str) and name}
