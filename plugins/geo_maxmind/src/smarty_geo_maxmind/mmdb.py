"""Reads the mmdb format: a binary tree over the bits of an address, a data section, and metadata at the end.

A reader of our own because a server must survive a damaged file: the fast one of MaxMind's library crashes the process,
the safe one takes five times as long as a look-up may. Nothing here trusts a number of the file.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

from smarty_core.errors import InvalidValue

_MARKER: Final = b"\xab\xcd\xefMaxMind.com"
_TAIL: Final = 131_072
"""The metadata begins within so many bytes before the end."""
_GAP: Final = 16
"""Zero bytes between tree and data."""
_DEEPEST: Final = 16
_MOST_VALUES: Final = 5_000
"""Of one record: pointers can make a small file into a huge one."""
_POINTER, _TEXT, _DOUBLE, _BYTES, _UINT16, _UINT32, _MAP, _INT32, _UINT64, _UINT128, _ARRAY = range(1, 12)
_BOOLEAN, _FLOAT = 14, 15
_UINTS: Final = {_UINT16: 2, _UINT32: 4, _UINT64: 8, _UINT128: 16}
_POINTER_BASE: Final = (0, 2_048, 526_336, 0)


Octets: TypeAlias = bytes | mmap.mmap


class Mmdb:
    """A file in memory. Safe between threads.

    `mapped`: the file is not read but mapped, so several processes share it in memory; whoever then writes over it in
    place, instead of putting another one in its place, may end them all.
    """

    def __init__(self, path: Path, *, mapped: bool = False) -> None:
        """Raises `OSError`, and `InvalidValue` for a file that is none or is damaged."""
        self._bytes = _mapped(path) if mapped else path.read_bytes()
        size = len(self._bytes)
        at = self._bytes.rfind(_MARKER, max(0, size - _TAIL))
        if at < 0:
            raise InvalidValue("not an mmdb base")
        start = at + len(_MARKER)
        try:
            found = _Decoder(self._bytes, start, size).value(start)
        except InvalidValue as exc:
            raise InvalidValue(f"not an mmdb base: {exc}") from exc
        if not isinstance(found, dict):
            raise InvalidValue("not an mmdb base: its metadata is damaged")
        self.kind = str(found.get("database_type", ""))
        numbers = [found.get(name) for name in ("node_count", "record_size", "ip_version")]
        nodes, bits, version = (number if isinstance(number, int) else -1 for number in numbers)
        if nodes < 1 or bits not in (24, 28, 32) or version not in (4, 6) or nodes * bits // 4 + _GAP > at:
            raise InvalidValue("not an mmdb base: its metadata makes no sense")
        self.nodes, self.only_ipv4 = nodes, version == 4
        self._width = bits // 4
        self._data = nodes * self._width
        """Where data would begin for the record `nodes`, which means nothing; the next 16 are the gap."""
        self._end = at
        self._decoder = _Decoder(self._bytes, self._data + _GAP, at)
        self._ipv4 = 0 if self.only_ipv4 else self.walk(0, 0, 96)

    def ipv4_start(self) -> int:
        """The record that the look-up of an IPv4 address begins with."""
        return self._ipv4

    def walk(self, record: int, number: int, bits: int) -> int:
        """Follow the last `bits` of `number` down from `record`; the record reached. From `nodes` on it is the end."""
        octets, width, nodes = self._bytes, self._width, self.nodes
        for shift in range(bits - 1, -1, -1):
            if record >= nodes:
                return record
            record = self._child(octets, record * width, number >> shift & 1)
        return record

    def value(self, record: int) -> Any:
        """The data of a record; None where there is none. Raises `InvalidValue` where the file is damaged."""
        if record <= self.nodes:
            return None
        return self._decoder.value(self._data + record - self.nodes)

    def records(self) -> Iterator[int]:
        """Every record that has data, each once, without looking at the tree's shape."""
        seen = set()
        for node in range(self.nodes):
            for bit in (0, 1):
                record = self._child(self._bytes, node * self._width, bit)
                if record > self.nodes and record not in seen:
                    seen.add(record)
                    yield record

    def _child(self, octets: Octets, at: int, bit: int) -> int:
        width = self._width
        if width == 7:
            if bit:
                return int.from_bytes(octets[at + 3 : at + 7], "big") & 0x0FFF_FFFF
            return (octets[at + 3] >> 4) << 24 | int.from_bytes(octets[at : at + 3], "big")
        half = width >> 1
        at += half * bit
        return int.from_bytes(octets[at : at + half], "big")


def _mapped(path: Path) -> Octets:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return b""  # cannot be mapped
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class _Decoder:
    """Values of a section that begins at `start`, where pointers count from, and ends before `end`."""

    def __init__(self, octets: Octets, start: int, end: int) -> None:
        self._bytes = octets
        self._start = start
        self._end = end

    def value(self, at: int) -> Any:
        """The value that begins at `at`. Raises `InvalidValue`."""
        if not self._start <= at < self._end:
            raise InvalidValue(f"the base is damaged: data at {at}, outside of its section")
        try:
            return self._decode(at, _DEEPEST, [_MOST_VALUES])[0]
        except (IndexError, ValueError, struct.error) as exc:
            if isinstance(exc, InvalidValue):
                raise
            raise InvalidValue(f"the base is damaged: {exc}"[:200]) from exc

    def _decode(self, at: int, depth: int, left: list[int]) -> tuple[Any, int]:
        """The value at `at`, and where the next one begins. `left`: how many more values this record may have."""
        left[0] -= 1
        if depth < 0 or left[0] < 0 or at >= self._end:
            raise InvalidValue("the base is damaged: a record has no end")
        control = self._bytes[at]
        at += 1
        kind = control >> 5
        if kind == _POINTER:
            target, at = self._pointer(control, at)
            if self._bytes[target] >> 5 == _POINTER:
                raise InvalidValue("the base is damaged: a pointer to a pointer")
            return self._decode(target, depth - 1, left)[0], at
        if kind == 0:
            kind = self._bytes[at] + 7
            at += 1
        size = control & 31
        if size > 28:
            more = size - 28
            size = (0, 29, 285, 65_821)[more] + int.from_bytes(self._bytes[at : at + more], "big")
            at += more
        if kind == _MAP:
            return self._map(at, size, depth, left)
        if kind == _ARRAY:
            values = []
            for _ in range(size):
                value, at = self._decode(at, depth - 1, left)
                values.append(value)
            return values, at
        if kind == _BOOLEAN:
            return bool(size), at
        return self._scalar(kind, self._bytes[at : at + size], size), at + size

    def _map(self, at: int, size: int, depth: int, left: list[int]) -> tuple[dict[str, Any], int]:
        values = {}
        for _ in range(size):
            name, at = self._decode(at, depth - 1, left)
            if not isinstance(name, str):
                raise InvalidValue("the base is damaged: a name that is no text")
            values[name], at = self._decode(at, depth - 1, left)
        return values, at

    def _pointer(self, control: int, at: int) -> tuple[int, int]:
        more = (control >> 3 & 3) + 1
        raw = int.from_bytes(self._bytes[at : at + more], "big")
        high = 0 if more == 4 else (control & 7) << 8 * more
        target = self._start + high + raw + _POINTER_BASE[more - 1]
        if not self._start <= target < self._end:
            raise InvalidValue("the base is damaged: a pointer that leads out of it")
        return target, at + more

    @staticmethod
    def _scalar(kind: int, raw: bytes, size: int) -> Any:
        if len(raw) != size:
            raise InvalidValue("the base is damaged: it ends within a value")
        if kind == _TEXT:
            return raw.decode("utf-8")
        if kind in _UINTS and size <= _UINTS[kind]:
            return int.from_bytes(raw, "big")
        if kind == _INT32 and size <= 4:
            return int.from_bytes(raw.rjust(4, b"\0"), "big", signed=True)
        if kind == _DOUBLE and size == 8:
            return struct.unpack(">d", raw)[0]
        if kind == _FLOAT and size == 4:
            return struct.unpack(">f", raw)[0]
        if kind == _BYTES:
            return raw
        raise InvalidValue(f"the base is damaged: a value of the kind {kind} with {size} bytes")
