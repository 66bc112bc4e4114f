"""mmdb bases of made-up networks, written by a library of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter, TreeWriter
from netaddr import IPSet

Record = Mapping[str, Any]


def place(code: str, country: str = "", city: str = "", *, en: str = "", number: int = 0) -> Record:
    """A record as GeoLite2-City has it; without a city, as it has where only the country is known."""
    record: dict[str, Any] = {"country": {"iso_code": code, "names": {"ru": country, "en": f"{country} (en)"}}}
    if city:
        names = {"ru": city, "en": en} if en else {"ru": city}
        record["city"] = {"geoname_id": number or hash(city) % 10**6, "names": names}
        record["location"] = {"latitude": 56.8, "longitude": 35.9, "accuracy_radius": 20, "time_zone": "Europe/Moscow"}
    return record


SOME: Mapping[str, Record] = {
    "203.0.113.0/25": place("RU", "Россия", "Тверь", en="Tver", number=1),
    "203.0.113.128/25": place("RU", "Россия"),
    "198.51.100.0/24": place("KZ", "Казахстан", "Алматы", en="Almaty", number=2),
    "2001:db8::/33": place("AM", "Армения", "Ереван", en="Yerevan", number=3),
    "192.0.2.0/24": {"registered_country": {"iso_code": "US"}},
    "192.0.3.0/24": {"country": {"iso_code": 7}, "city": "Tver"},
    "192.0.4.0/24": {"country": {"iso_code": "UA", "names": ["x"]}, "city": {"names": {"en": "", "ru": 5}}},
}


def mmdb(
    path: Path, networks: Mapping[str, Record] = SOME, *, kind: str = "GeoLite2-City", version: int = 6, bits: int = 24
) -> Path:
    """Write a base whose tree has records of `bits`, as bases get them by what they have to hold."""
    writer = MMDBWriter(version, kind, languages=["ru", "en"], ipv4_compatible=version == 6)
    for network, record in networks.items():
        writer.insert_network(IPSet([network]), record)
    path.parent.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TreeWriter, "_adjust_record_size", lambda tree: _size(tree, bits))
        writer.to_db_file(str(path))
    return path


def _size(tree: Any, bits: int) -> None:
    tree.record_size = bits
    tree.data_offset = bits * 2 / 8 * tree._node_counter
