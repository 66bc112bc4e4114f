"""What the base says is what was written into it: at all sizes of records, at every boundary, for random addresses."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import maxminddb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmdb_writer import MmdbF32, MmdbI32, MmdbU16, MmdbU32, MmdbU64, MmdbU128
from smarty_geo_maxmind.base import MmdbBase
from smarty_geo_maxmind.mmdb import Mmdb

from smarty_core.api.places import NamedPlace
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import InvalidValue

from .conftest import SOME, Record, mmdb, place

TVER = Place("RU", "Россия", "Тверь")


def expected(networks: Mapping[str, Record], address: IPv4Address | IPv6Address) -> Place | None:
    """By the plain meaning of the networks."""
    for network, record in networks.items():
        if address.version == ip_network(network).version and address in ip_network(network):
            country, city = record["country"], record.get("city", {})
            return Place(country["iso_code"], country["names"]["ru"], city.get("names", {}).get("ru", ""))
    return None


def raw(path: Path, address: IPv4Address | IPv6Address) -> Any:
    """The record as our reader decodes it."""
    file = Mmdb(path)
    start, bits = (file.ipv4_start(), 32) if address.version == 4 else (0, 128)
    return file.value(file.walk(start, int(address), bits))


def boundaries(networks: Mapping[str, Record]) -> list[IPv4Address | IPv6Address]:
    found: list[IPv4Address | IPv6Address] = []
    for text in networks:
        network = ip_network(text)
        kind = type(network.network_address)
        for number in (int(network[0]) - 1, int(network[0]), int(network[-1]), int(network[-1]) + 1):
            if 0 <= number < 1 << network.max_prefixlen:
                found.append(kind(number))
    return found


@st.composite
def made_up(draw: st.DrawFn) -> dict[str, Record]:
    """Networks of both kinds that do not overlap."""
    found: dict[str, Record] = {}
    for number, (version, value, length) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from([4, 6]), st.integers(1, 2**16 - 1), st.integers(17, 32)), max_size=8))
    ):
        text = (
            f"{value >> 8 | 1}.{value & 255}.0.0/{length}"
            if version == 4
            else f"2a{value & 255:02x}:{value:x}::/{length}"
        )
        network = ip_network(text, strict=False)
        if not any(network.overlaps(ip_network(other)) for other in found if ip_network(other).version == version):  # type: ignore[arg-type]
            found[str(network)] = place("RU", "Россия", f"Город {number}" if number % 2 else "")
    return found


@pytest.mark.parametrize("bits", [24, 28, 32])
@settings(max_examples=25, deadline=None)
@given(
    networks=made_up(),
    more4=st.lists(st.ip_addresses(v=4), max_size=20),
    more6=st.lists(st.ip_addresses(v=6), max_size=20),
)
def test_every_address_is_where_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, bits: int, networks: dict[str, Record], more4: list[IPv4Address],
    more6: list[IPv6Address],
) -> None:  # fmt: skip
    path = mmdb(tmp_path_factory.mktemp("base") / "base.mmdb", networks, bits=bits)
    base = MmdbBase(path, ("ru",))
    with maxminddb.open_database(path, maxminddb.MODE_MEMORY) as other:
        assert other.metadata().record_size == bits
        for address in [*boundaries(networks), *more4, *more6]:
            assert base.locate(address) == expected(networks, address), address
            assert raw(path, address) == other.get(address)


EVERYTHING = {
    "text": "т" * 300, "long": "x" * 70_000, "empty": "", "double": -1.5, "bytes": b"\0\xff", "small": 7,
    "uint16": MmdbU16(500), "uint32": MmdbU32(2**32 - 1), "uint64": MmdbU64(2**64 - 1), "uint128": MmdbU128(2**128 - 1),
    "int32": MmdbI32(-(2**31)), "float": MmdbF32(0.5), "yes": True, "no": False, "list": [1, "two", [3.0]] * 20,
    "map": {str(number): {"again": "т" * 300} for number in range(40)},
}  # fmt: skip


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
def test_every_kind_of_value_is_read_as_the_official_reader_does(tmp_path: Path, address: str) -> None:
    path = mmdb(tmp_path / "base.mmdb", {"203.0.113.0/24": EVERYTHING, "2001:db8::/48": EVERYTHING})
    with maxminddb.open_database(path, maxminddb.MODE_MEMORY) as other:
        assert raw(path, ip_address(address)) == other.get(address)


def test_parts_that_are_missing_or_of_another_kind(tmp_path: Path) -> None:
    base = MmdbBase(mmdb(tmp_path / "base.mmdb"), ("ru", "en"))
    asked = {
        "203.0.113.7": TVER, "203.0.113.200": Place("RU", "Россия"), "192.0.2.1": None, "192.0.3.1": None,
        "192.0.4.1": Place("UA"), "::ffff:203.0.113.7": TVER, "2001:db8::5": Place("AM", "Армения", "Ереван"),
        "2001:db8:8000::": None,
    }  # fmt: skip
    assert {text: base.locate(ip_address(text)) for text in asked} == asked


@pytest.mark.parametrize(
    ("languages", "name"), [(("en", "ru"), "Tver"), (("de",), "Tver"), ((), "Tver"), (("fr", "ru"), "Тверь")]
)
def test_a_name_is_taken_in_the_first_language_there_is(tmp_path: Path, languages: tuple[str, ...], name: str) -> None:
    found = MmdbBase(mmdb(tmp_path / "base.mmdb"), languages).locate(IPv4Address("203.0.113.7"))
    assert found is not None
    assert found.city_name == name


def test_an_ipv4_base_knows_nothing_of_ipv6(tmp_path: Path) -> None:
    only = {network: record for network, record in SOME.items() if ":" not in network}
    base = MmdbBase(mmdb(tmp_path / "base.mmdb", only, version=4), ("ru",))
    assert base.locate(ip_address("2001:db8::5")) is None
    assert base.locate(ip_address("203.0.113.7")) == TVER


def test_a_base_of_countries_is_enough(tmp_path: Path) -> None:
    base = MmdbBase(
        mmdb(tmp_path / "base.mmdb", {"203.0.113.0/24": place("RU", "Россия")}, kind="GeoLite2-Country"), ("ru",)
    )
    assert base.locate(ip_address("203.0.113.7")) == Place("RU", "Россия")


def test_the_directory_has_every_place_once_in_all_languages(tmp_path: Path) -> None:
    named = list(MmdbBase(mmdb(tmp_path / "base.mmdb"), ()).named())
    assert NamedPlace("RU", {"ru": "Россия", "en": "Россия (en)"}, {"ru": "Тверь", "en": "Tver"}) in named
    assert NamedPlace("RU", {"ru": "Россия", "en": "Россия (en)"}, {}) in named
    assert len(named) == 5
    assert NamedPlace("UA") in named


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xab\xcd\xefMaxMind.com", b"\xab\xcd\xefMaxMind.com\xe0", bytes(5000)]
)
def test_what_is_no_base_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "base.mmdb").write_bytes(content)
    with pytest.raises(InvalidValue, match="not an mmdb base"):
        MmdbBase(tmp_path / "base.mmdb", ())


def test_a_base_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="'GeoLite2-ASN', which knows no places"):
        MmdbBase(mmdb(tmp_path / "base.mmdb", kind="GeoLite2-ASN"), ())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_base_never_does_worse_than_say_so(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = mmdb(tmp_path_factory.mktemp("base") / "base.mmdb")
    damaged = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    try:
        base = MmdbBase(path, ("ru",))
        for address in boundaries(SOME):
            base.locate(address)
        list(base.named())

    except InvalidValue:
        return
