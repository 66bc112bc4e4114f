"""Gzip of a body with slots, compressed once and filled for each session.

Where the first slot is, the key stands as it is in a stored block (RFC 1951, 3.2.4); every later slot was compressed as
a reference back to the one before it, so it follows by itself. The checksum (RFC 1952) is linear: what a key adds to
it is a fixed function of the key's own checksum, kept as four tables.

The body is compressed with a stand-in for the key made of bytes that UTF-8 never has, no three of them in a row twice:
so nothing but a slot can refer to a slot, and only as a whole. `pack` fills the result once and unpacks it again.
"""

from __future__ import annotations

import gzip
import secrets
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

KEY_BYTES: Final = 128
"""Length of an authkey; a body is only filled with keys of this length."""

LEVEL: Final = 6
WINDOW: Final = 32_768
_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_NEVER: Final = bytes([0xC0, 0xC1, *range(0xF5, 0x100)])
"""Bytes that no UTF-8 text holds (RFC 3629)."""

_END: Final = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class PackedBody:
    """A compressed body, ready for any key of `KEY_BYTES` bytes."""

    before: bytes
    after: bytes
    checksum: int
    tables: tuple[tuple[int, ...], ...]
    length: int
    size: int
    """Bytes of what `fill` gives, always the same."""

    def fill(self, key: bytes) -> bytes:
        """The gzip file for one session."""
        low, second, third, high = self.tables
        mark = zlib.crc32(key) ^ _ZERO_MARK
        checksum = (
            self.checksum ^ low[mark & 255] ^ second[mark >> 8 & 255] ^ third[mark >> 16 & 255] ^ high[mark >> 24]
        )
        return b"".join((self.before, key, self.after, _END.pack(checksum, self.length)))


def pack(segments: Sequence[bytes]) -> PackedBody | None:
    """Compress the text whose slots are between `segments`; None when this text cannot be kept so."""
    if len(segments) < 2:
        return None
    first, *rest = segments
    opening = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    before = opening.compress(first) + opening.flush(zlib.Z_SYNC_FLUSH)
    stored = b"\x00" + struct.pack("<HH", KEY_BYTES, KEY_BYTES ^ 0xFFFF)
    window = (b"\x00" + first + _STAND_IN)[-WINDOW:]  # zlib never refers to the first byte of a dictionary
    closing = zlib.compressobj(LEVEL, zlib.DEFLATED, -15, zdict=window)
    after = closing.compress(_STAND_IN.join(rest)) + closing.flush(zlib.Z_FINISH)
    zeros = bytes(KEY_BYTES).join(segments)
    packed = PackedBody(
        before=_HEAD + before + stored,
        after=after,
        checksum=zlib.crc32(zeros),
        tables=_tables([len(segment) for segment in rest]),
        length=len(zeros) & 0xFFFFFFFF,
        size=len(_HEAD) + len(before) + len(stored) + KEY_BYTES + len(after) + _END.size,
    )
    return packed if _is_right(packed, segments) else None


def _is_right(packed: PackedBody, segments: Sequence[bytes]) -> bool:
    key = secrets.token_hex(KEY_BYTES // 2).encode()
    try:
        return gzip.decompress(packed.fill(key)) == key.join(segments)
    except (OSError, EOFError, zlib.error):
        return False


def _tables(gaps: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """What each byte of a key's own checksum adds to that of the text, summed over all slots.

    `gaps`: bytes between the end of a slot and the next one, the last to the end of the text.
    """
    *inner, last = gaps
    zeros = bytes(max(inner, default=0) + KEY_BYTES), bytes(last)
    columns = []
    for bit in range(32):
        unit = total = 1 << bit
        for gap in inner:
            total = _moved(total, zeros[0][: gap + KEY_BYTES]) ^ unit
        columns.append(_moved(total, zeros[1]))
    return tuple(tuple(_sum(columns[8 * part : 8 * part + 8], value) for value in range(256)) for part in range(4))


def _moved(checksum: int, zeros: bytes) -> int:
    """The share of a checksum that is left when so many zero bytes follow."""
    return zlib.crc32(zeros, checksum) ^ zlib.crc32(zeros, 0)


def _sum(columns: Sequence[int], value: int) -> int:
    total = 0
    for bit, column in enumerate(columns):
        if value >> bit & 1:
            total ^= column
    return total


def _stand_in() -> bytes:
    """`KEY_BYTES` bytes of `_NEVER` in which no three in a row occur twice."""
    found, seen = bytearray(_NEVER[:2]), set()
    while len(found) < KEY_BYTES:
        for byte in reversed(_NEVER):
            triple = bytes((*found[-2:], byte))
            if triple not in seen:
                seen.add(triple)
                found.append(byte)
                break
    return bytes(found)


_STAND_IN: Final = _stand_in()
_ZERO_MARK: Final = zlib.crc32(bytes(KEY_BYTES))
