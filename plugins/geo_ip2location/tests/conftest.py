"""Bases of made-up networks, written in the published formats."""

from __future__ import annotations

import csv
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

LAST4, LAST6 = (1 << 32) - 1, (1 << 128) - 1


@dataclass(frozen=True)
class Range:
    """From `first` until the next range begins. An empty code is an unknown place."""

    first: int
    code: str = ""
    country: str = ""
    region: str = ""
    city: str = ""


def ip4(text: str) -> int:
    return int(IPv4Address(text))


def ip6(text: str) -> int:
    return int(IPv6Address(text))


SOME4 = (
    Range(0),
    Range(ip4("198.51.100.0"), "KZ", "Kazakhstan", "Almaty", "Almaty"),
    Range(ip4("198.51.101.0")),
    Range(ip4("203.0.113.0"), "RU", "Russian Federation", "Tver Oblast", "Tver"),
    Range(ip4("203.0.113.128"), "RU", "Russian Federation", "Moscow", "Moscow"),
    Range(ip4("203.0.114.0")),
    Range(ip4("240.0.0.0"), "CW", "Curaçao", "-", "Sint Michiel Liber"),
    Range(LAST4 - 255),
)
SOME6 = (
    Range(0),
    Range(ip6("2001:db8::"), "KZ", "Kazakhstan", "Almaty", "Almaty"),
    Range(ip6("2001:db8:0:1::"), "AM", "Armenia", "Yerevan", "Yerevan"),
    Range(ip6("2001:db9::")),
)


def bin_base(
    v4: Sequence[Range] = SOME4, v6: Sequence[Range] = SOME6, *, kind: int = 3, columns: int = 4, index: bool = True,
    year: int = 26, product: int = 1,
) -> bytes:  # fmt: skip
    """A BIN base as the official reader reads it."""
    head, start = 64, 64
    index4 = start if index and v4 else 0
    start += 8 * 65_536 if index4 else 0
    index6 = start if index and v6 else 0
    start += 8 * 65_536 if index6 else 0
    base4, width4 = start, 4 * columns
    start += width4 * (len(v4) + 1) if v4 else 0
    base6, width6 = start, 12 + 4 * columns
    start += width6 * (len(v6) + 1) if v6 else 0
    texts, places = bytearray(), {}

    def text(value: str) -> int:
        if value not in places:
            places[value] = start + len(texts)
            raw = value.encode("latin-1")
            texts.extend(bytes([len(raw)]) + raw)
        return places[value]

    def country(row: Range) -> int:
        key = f"\0{row.code}"
        if key not in places:
            places[key] = start + len(texts)
            code, name = (row.code or "-").encode(), (row.country or "-").encode("latin-1")
            texts.extend((bytes([len(code)]) + code).ljust(3, b"\0") + bytes([len(name)]) + name)
        return places[key]

    def rows(ranges: Sequence[Range], size: int, last: int) -> bytes:
        out = bytearray()
        for row in ranges:
            pointers = [country(row), text(row.region or "-"), text(row.city or "-")][: columns - 1]
            pointers += [0] * (columns - 1 - len(pointers))
            out += row.first.to_bytes(size, "little") + struct.pack(f"<{columns - 1}I", *pointers)
        return bytes(out + last.to_bytes(size, "little") + bytes(4 * (columns - 1))) if ranges else b""

    body4, body6 = rows(v4, 4, LAST4), rows(v6, 16, LAST6)
    header = struct.pack(
        "<5B6I3B", kind, columns, year, 1, 1, len(v4), base4 + 1, len(v6), base6 + 1,
        index4 + 1 if index4 else 0, index6 + 1 if index6 else 0, product, 0, 0,
    )  # fmt: skip
    tables = (_index(v4, 16) if index4 else b"") + (_index(v6, 112) if index6 else b"")
    return header.ljust(head, b"\0") + tables + body4 + body6 + bytes(texts)


def _index(ranges: Sequence[Range], pick: int) -> bytes:
    """For each 16-bit beginning of an address the rows that may hold it."""
    firsts = [row.first for row in ranges]
    out, at = bytearray(), 0
    for key in range(65_536):
        while at + 1 < len(firsts) and firsts[at + 1] <= key << pick:
            at += 1
        high = at
        while high + 1 < len(firsts) and firsts[high + 1] < (key + 1) << pick:
            high += 1
        out += struct.pack("<2I", at, high)
    return bytes(out)


def csv_base(path: Path, ranges: Sequence[Range], *, last: int, mapped: bool = False) -> Path:
    """A CSV base with the columns of DB3; `mapped` writes IPv4 as the IPv6 edition does."""
    add = 0xFFFF << 32 if mapped else 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, quoting=csv.QUOTE_ALL)
        for row, following in zip(ranges, [*ranges[1:], None], strict=True):
            end = following.first - 1 if following else last
            out.writerow(
                [row.first + add, end + add, *(text or "-" for text in (row.code, row.country, row.region, row.city))]
            )
    return path
