"""Geo bases of made-up networks, as large as published ones where that does not take minutes to write."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path
from typing import Final

from mmdb_writer import MMDBWriter
from netaddr import IPNetwork, IPSet

CODES: Final = ("RU", "KZ", "AM", "GE", "UZ", "DE", "US", "TR")
CITIES: Final = 5_000
IPV6: Final = 0x2A00 << 112


def ip2location(path: Path, rows: int, random_numbers: random.Random) -> None:
    """A BIN base of type 3 with an index, `rows` ranges of IPv4 and a quarter as many of IPv6."""
    firsts4 = [0, *sorted(random_numbers.sample(range(1, (1 << 32) - 1), rows - 1))]
    firsts6 = [0, *sorted(IPV6 + (number << 80) for number in random_numbers.sample(range(1 << 32), rows // 4 - 1))]
    index4 = 64
    index6 = index4 + 8 * 65_536
    base4 = index6 + 8 * 65_536
    base6 = base4 + 16 * (len(firsts4) + 1)
    texts = base6 + 28 * (len(firsts6) + 1)
    body, countries, cities = bytearray(), [], []
    for code in CODES:
        countries.append(texts + len(body))
        body += b"\x02" + code.encode() + b"\x09Somewhere"
    for number in range(CITIES):
        cities.append(texts + len(body))
        name = f"City {number}".encode()
        body += bytes([len(name)]) + name

    def table(firsts: list[int], size: int, last: int) -> bytes:
        out = bytearray()
        for first in firsts:
            pointers = random_numbers.choice(countries), cities[0], random_numbers.choice(cities)
            out += first.to_bytes(size, "little") + struct.pack("<3I", *pointers)
        return bytes(out + last.to_bytes(size, "little") + bytes(12))

    header = struct.pack("<5B6I3B", 3, 4, 26, 1, 1, len(firsts4), base4 + 1, len(firsts6), base6 + 1, index4 + 1,
                         index6 + 1, 1, 0, 0)  # fmt: skip
    with path.open("wb") as file:
        file.write(header.ljust(64, b"\0"))
        file.write(_index(firsts4, 16))
        file.write(_index(firsts6, 112))
        file.write(table(firsts4, 4, (1 << 32) - 1))
        file.write(table(firsts6, 16, (1 << 128) - 1))
        file.write(body)


def ipgeobase(path: Path, rows: int, random_numbers: random.Random) -> None:
    """An archive with `rows` ranges, some of them with a city, with holes between them."""
    edges = sorted(random_numbers.sample(range(1, 1 << 32), 2 * rows))
    lines = io.StringIO()
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        city = random_numbers.randrange(CITIES)
        lines.write(f"{first}\t{last}\tx\t{random_numbers.choice(CODES)}\t{city if city % 3 else '-'}\n")
    names = "".join(f"{number}\tГород {number}\tОбласть\tОкруг\t1\t1\n" for number in range(CITIES))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("cidr_optim.txt", lines.getvalue().encode("cp1251"))
        bundle.writestr("cities.txt", names.encode("cp1251"))


def maxmind(path: Path, rows: int, random_numbers: random.Random) -> None:
    """A GeoLite2-City base with `rows` networks of IPv4 and a quarter as many of IPv6; names in eight languages."""
    writer = MMDBWriter(6, "GeoLite2-City", languages=["en", "ru"], ipv4_compatible=True)
    for network in networks(rows, random_numbers):
        number = random_numbers.randrange(CITIES)
        names = {code: f"{code} {number}" for code in ("de", "en", "es", "fr", "ja", "pt-BR", "ru", "zh-CN")}
        country = {"iso_code": random_numbers.choice(CODES), "names": names}
        record = {"country": country, "city": {"geoname_id": number, "names": names}, "registered_country": country}
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))


def networks(rows: int, random_numbers: random.Random) -> list[IPNetwork]:
    """Those of `maxmind`, for the same random numbers: first all of IPv4, then all of IPv6."""
    v4, v6 = random_numbers.sample(range(1 << 24), rows), random_numbers.sample(range(1 << 32), rows // 4)
    return [IPNetwork(f"{number >> 16}.{number >> 8 & 255}.{number & 255}.0/24") for number in v4] + [
        IPNetwork(f"2a00:{number >> 16:x}:{number & 0xFFFF:x}::/48") for number in v6
    ]


def _index(firsts: list[int], pick: int) -> bytes:
    """For each 16-bit beginning of an address the rows that may hold it."""
    out, at, count = bytearray(), 0, len(firsts)
    for key in range(65_536):
        while at + 1 < count and firsts[at + 1] <= key << pick:
            at += 1
        high = at
        while high + 1 < count and firsts[high + 1] < (key + 1) << pick:
            high += 1
        out += struct.pack("<2I", at, high)
    return bytes(out)
