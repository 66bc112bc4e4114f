"""Both readers give what the official reader gives, on bases of made-up networks, at every boundary and in between."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import IP2Location
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smarty_geo_ip2location.bin_base import BinBase
from smarty_geo_ip2location.csv_base import CsvBase
from smarty_geo_ip2location.locator import open_base

from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import InvalidValue

from .conftest import LAST4, LAST6, SOME4, SOME6, Range, bin_base, csv_base, ip4

Address = IPv4Address | IPv6Address
TEXT = st.text(st.characters(max_codepoint=255, categories=("L", "N")), min_size=1, max_size=30)


def places(last: int) -> st.SearchStrategy[list[Range]]:
    """Ranges from 0 on, some close together, some unknown."""
    near = st.integers(0, 300) | st.integers(0, last) | st.sampled_from([last, last - 1, 1 << 16, (1 << 16) - 1])
    place = st.tuples(st.sampled_from(["", "KZ", "RU", "AM"]), TEXT, TEXT)
    names = {"KZ": "Kazakhstan", "RU": "Russian Federation", "AM": "Armenia", "": ""}

    def build(firsts: set[int], drawn: list[tuple[str, str, str]]) -> list[Range]:
        known = zip(sorted({0, *firsts} - {last}), drawn, strict=False)
        return [
            Range(first, code, names[code], *((region, city) if code else ("", "")))
            for first, (code, region, city) in known
        ]

    return st.builds(build, st.sets(near, max_size=20), st.lists(place, min_size=21, max_size=21))


@contextlib.contextmanager
def official(path: Path) -> Iterator[Callable[[Address], Place | None]]:
    """The official reader, asked as ours is."""
    reader = IP2Location.IP2Location(str(path))

    def locate(address: Address) -> Place | None:
        record = reader.get_all(str(address))
        if len(record.country_short) != 2:
            return None
        return Place(record.country_short, record.country_long.strip(), record.city.strip().removeprefix("-"))

    yield locate
    reader.close()


def around(ranges: list[Range], kind: type[Address], last: int) -> list[Address]:
    numbers = {0, 1, last, last - 1}
    for row in ranges:
        numbers |= {row.first, row.first + 1, row.first - 1}
    return [kind(number) for number in sorted(numbers) if 0 <= number <= last]


@settings(max_examples=60, deadline=None)
@given(
    v4=places(LAST4), v6=places(LAST6), index=st.booleans(), more4=st.lists(st.integers(0, LAST4), max_size=20),
    more6=st.lists(st.integers(0, LAST6), max_size=20),
)  # fmt: skip
def test_a_bin_base_reads_as_with_the_official_reader(
    tmp_path_factory: pytest.TempPathFactory, v4: list[Range], v6: list[Range], index: bool, more4: list[int],
    more6: list[int],
) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("base") / "base.bin"
    path.write_bytes(bin_base(v4, v6, index=index))
    ours, asked = BinBase(path), around(v4, IPv4Address, LAST4) + around(v6, IPv6Address, LAST6)
    with official(path) as theirs:
        for address in [*asked, *map(IPv4Address, more4), *map(IPv6Address, more6)]:
            assert ours.locate(address) == theirs(address), address


@pytest.mark.parametrize(
    ("kind", "columns"), [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (11, 8), (24, 20), (26, 24)]
)  # fmt: skip
def test_all_types_of_base_are_read(tmp_path: Path, kind: int, columns: int) -> None:
    path = tmp_path / "base.bin"
    path.write_bytes(bin_base(kind=kind, columns=columns))
    found = BinBase(path).locate(IPv4Address("203.0.113.7"))
    assert found == Place("RU", "Russian Federation", "Tver" if kind >= 3 else "")


@pytest.mark.parametrize("address", ["::ffff:203.0.113.7", "2002:cb00:7107::1", "2001::34ff:8ef8"])
def test_ipv4_inside_ipv6_is_ipv4(tmp_path: Path, address: str) -> None:
    path = tmp_path / "base.bin"
    path.write_bytes(bin_base(v6=()))
    assert BinBase(path).locate(ip_address(address)) == Place("RU", "Russian Federation", "Tver")
    with official(path) as theirs:
        assert theirs(ip_address(address)) == Place("RU", "Russian Federation", "Tver")


def test_an_ipv4_base_knows_no_other_ipv6_and_the_other_way_round(tmp_path: Path) -> None:
    path = tmp_path / "base.bin"
    path.write_bytes(bin_base(v6=()))
    assert BinBase(path).locate(IPv6Address("2001:db8::1")) is None
    path.write_bytes(bin_base(v4=()))
    assert BinBase(path).locate(IPv4Address("203.0.113.7")) is None
    assert BinBase(path).locate(IPv6Address("2001:db8:0:1::5")) == Place("AM", "Armenia", "Yerevan")


def test_names_are_latin_1_and_the_last_address_is_in_the_last_range(tmp_path: Path) -> None:
    path = tmp_path / "base.bin"
    path.write_bytes(bin_base([Range(0), Range(ip4("240.0.0.0"), "CW", "Curaçao", "-", "-")], ()))
    assert BinBase(path).locate(IPv4Address("255.255.255.255")) == Place("CW", "Curaçao", "")


GOOD = bin_base()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "too short"),
        (b"PK\x03\x04" + bytes(100), "packed"),
        (bytes(100), "packed"),
        (bytes([27]) + GOOD[1:], "packed"),
        (GOOD[:1] + b"\x02" + GOOD[2:], "columns"),
        (bin_base(product=2), "another product"),
        (bin_base((), ()), "empty"),
        (GOOD[: len(GOOD) // 2], "ends before"),
        (GOOD[:5] + b"\xff\xff\xff\xff" + GOOD[9:], "ends before"),
        (GOOD[:9] + b"\xff\xff\xff\xff" + GOOD[13:], "ends before"),
        (GOOD[:21] + b"\xff\xff\xff\xff" + GOOD[25:], "ends before"),
        (GOOD[:9] + b"\x00\x00\x00\x00" + GOOD[13:], "ends before"),
    ],
)
def test_what_is_no_base_is_refused_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "base.bin"
    path.write_bytes(content)
    with pytest.raises(InvalidValue, match=reason):
        BinBase(path)


def test_a_base_from_before_product_codes_is_read_without_one(tmp_path: Path) -> None:
    path = tmp_path / "base.bin"
    path.write_bytes(bin_base(year=20, product=0))
    assert BinBase(path).date == "2020-01-01"
    assert BinBase(path).locate(IPv4Address("203.0.113.200")) == Place("RU", "Russian Federation", "Moscow")


@settings(max_examples=200, deadline=None)
@given(
    at=st.integers(0, 63) | st.integers(64 + 16 * 65_536, len(GOOD) - 1),
    byte=st.integers(0, 255),
    cut=st.integers(0, 40),
)
def test_a_damaged_base_never_does_worse_than_say_so(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, cut: int
) -> None:
    path = tmp_path_factory.mktemp("base") / "base.bin"
    damaged = bytearray(GOOD)
    damaged[at] = byte
    path.write_bytes(damaged[: len(damaged) - cut])
    try:
        base = BinBase(path)
        for address in around([*SOME4], IPv4Address, LAST4) + around([*SOME6], IPv6Address, LAST6):
            base.locate(address)
    except InvalidValue:
        return


@pytest.mark.parametrize("mapped", [False, True])
def test_a_csv_base_reads_as_the_bin_base_does(tmp_path: Path, mapped: bool) -> None:
    wanted = tmp_path / "base.bin"
    wanted.write_bytes(bin_base(v6=()))
    ours = CsvBase(csv_base(tmp_path / "base.csv", SOME4, last=LAST4, mapped=mapped))
    for address in around([*SOME4], IPv4Address, LAST4 - 1):
        assert ours.locate(address) == BinBase(wanted).locate(address), address
        assert ours.locate(IPv6Address(f"::ffff:{address}")) == BinBase(wanted).locate(address)
    assert ours.locate(IPv6Address("2001:db8::1")) is None


def test_a_csv_base_of_ipv6_is_read(tmp_path: Path) -> None:
    wanted = tmp_path / "base.bin"
    wanted.write_bytes(bin_base(v4=()))
    ours = CsvBase(csv_base(tmp_path / "base.csv", SOME6, last=LAST6))
    for address in around([*SOME6], IPv6Address, LAST6 - 1):
        assert ours.locate(address) == BinBase(wanted).locate(address), address


def test_a_csv_base_may_have_four_columns_or_more_than_six(tmp_path: Path) -> None:
    path = tmp_path / "base.csv"
    path.write_text('"3405803776","3405804031","KZ","Kazakhstan"\r\n')
    assert CsvBase(path).locate(IPv4Address("203.0.113.7")) == Place("KZ", "Kazakhstan")
    path.write_text('﻿"3405803776","3405804031","KZ","Kazakhstan","Almaty","Almaty","43.2","76.9","050000","+06:00"\n')
    assert CsvBase(path).locate(IPv4Address("203.0.113.7")) == Place("KZ", "Kazakhstan", "Almaty")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no place"),
        ('"0","5","-","-"\n', "no place"),
        ('"0","5"\n', "line 1"),
        ('"0","5","KZ","K"\n"x","9","KZ","K"\n', "line 2"),
        ('"9","5","KZ","K"\n', "not a range"),
        ('"0","5","KZ","K"\n"5","9","KZ","K"\n', "overlaps"),
        ('"6","9","KZ","K"\n"0","5","KZ","K"\n', "out of order"),
        ('"0","5","KZ","' + "x" * 5000 + '"\n', "line 1"),
        ('"1","' + "9" * 500 + '","KZ","K"\n', "not a range"),
        ('"0","5","KZ","K\n', "line 1"),
    ],
)
def test_what_is_no_csv_base_is_refused_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "base.csv"
    path.write_text(text)
    with pytest.raises(InvalidValue, match=reason):
        CsvBase(path)


def test_a_file_is_opened_by_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "base"
    path.write_bytes(bin_base())
    assert isinstance(open_base(path), BinBase)
    csv_base(path, SOME4, last=LAST4)
    assert isinstance(open_base(path), CsvBase)


def test_answers_are_the_same_object_so_that_they_cost_little(tmp_path: Path) -> None:
    path = tmp_path / "base.bin"
    path.write_bytes(bin_base())
    base = BinBase(path)
    first = base.locate(IPv4Address("203.0.113.7"))
    assert base.locate(IPv4Address("203.0.113.8")) is first
    assert dataclasses.asdict(first)["city_name"] == "Tver"  # type: ignore[call-overload]
