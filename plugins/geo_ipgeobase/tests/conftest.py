"""Archives of made-up networks, as published."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

RANGES = (
    "3325256704\t3325256959\t198.51.100.0 - 198.51.100.255\tKZ\t-\r\n"
    "3405803776\t3405803903\t203.0.113.0 - 203.0.113.127\tRU\t2097\r\n"
    "3405803904\t3405804031\t203.0.113.128 - 203.0.113.255\tRU\t1\r\n"
    "\r\n"
    "4294967040\t4294967294\t255.255.255.0 - 255.255.255.254\tUA\t999\r\n"
)
CITIES = (
    "1\tТверь\tТверская область\tЦентральный федеральный округ\t56.859611\t35.911896\n"
    "2097\tМосква\tМосква\tЦентральный федеральный округ\t55.755787\t37.617634\n"
    "5\tНигде\tНигде\tНигде\t0\t0\n"
)


def archive(ranges: str = RANGES, cities: str = CITIES, *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as bundle:
        bundle.writestr("cidr_optim.txt", ranges.encode("cp1251"))
        bundle.writestr("cities.txt", cities.encode("cp1251"))
    return out.getvalue()


def base(path: Path, ranges: str = RANGES, cities: str = CITIES) -> Path:
    path.write_bytes(archive(ranges, cities))
    return path
