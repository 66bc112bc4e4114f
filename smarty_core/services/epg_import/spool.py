"""Keeps a document's programmes by channel until all are read, in a file, so that any order of the document is fine.

A document sorted by time gives each channel's programmes one at a time over its whole length. What is told of a
programme goes to one unnamed temporary file at once; its times, its mark and its place in the file gather in memory by
channel, and follow when they weigh too much.
"""

from __future__ import annotations

import os
import struct
import tempfile
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from smarty_core.errors import StorageError

_HEAD: Final = struct.Struct("<qq8sQ")
_LENGTH_BITS: Final = 19
LONGEST_BODY: Final = (1 << _LENGTH_BITS) - 1
"""Bytes of what may be told of one programme."""

_BUFFER: Final = 1_048_576
UNSAID: Final = -1
"""A stop that the source does not tell."""


class Slot(NamedTuple):
    """One programme: its times in seconds, `[start, stop)`, its mark, and where the spool keeps everything else."""

    start: int
    stop: int
    mark: bytes
    place: int


class Spool:
    """Programmes by channel. Use it as a context manager; the file goes when it is closed, or the process dies."""

    def __init__(self, folder: Path, *, memory: int = 16 * 1_048_576, most_per_channel: int = 50_000) -> None:
        self._memory = memory
        self._most = most_per_channel
        self._heads: dict[int, bytearray] = {}
        self._weight = 0
        self._pieces: dict[int, list[tuple[int, int]]] = {}
        self._bodies: list[bytes] = []
        self._gathered = 0
        self._end = 0
        self.counts: dict[int, int] = {}
        """Channel -> programmes kept."""
        try:
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as exc:
            raise StorageError(f"no temporary file can be made in {folder}: {exc.strerror}") from exc

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._heads.clear()
        self._bodies.clear()
        self._file.close()

    def add(self, channel: int, start: int, stop: int, mark: bytes, body: bytes, *, unread: bool) -> bool:
        """Keep one programme; False when the channel has more than the limit already.

        `mark` is 8 bytes, `body` at most `LONGEST_BODY`; `unread` says which of two kinds of body it is.
        """
        count = self.counts.get(channel, 0)
        if count >= self._most:
            return False
        self.counts[channel] = count + 1
        size = len(body)
        head = _HEAD.pack(start, stop, mark, (self._end << _LENGTH_BITS | size) << 1 | unread)
        heads = self._heads.get(channel)
        if heads is None:
            heads = self._heads[channel] = bytearray()
        heads += head
        self._bodies.append(body)
        self._end += size
        self._gathered += size
        self._weight += _HEAD.size
        if self._gathered > _BUFFER:
            self._write_bodies()
        if self._weight > self._memory:
            self._write_heads()
        return True

    def rows(self, channel: int) -> list[Slot]:
        """A channel's programmes by start; those that start together in the order of the document."""
        pieces = [self._read(*piece) for piece in self._pieces.get(channel, ())]
        data = b"".join((*pieces, self._heads.get(channel, b"")))
        found = list(map(Slot._make, _HEAD.iter_unpack(data)))
        found.sort(key=itemgetter(0))
        return found

    def told(self, place: int) -> tuple[bytes, bool]:
        """The body of a programme, and whether it is an unread one."""
        if self._bodies:
            self._write_bodies()
        place, unread = place >> 1, bool(place & 1)
        return self._read(place >> _LENGTH_BITS, place & LONGEST_BODY), unread

    def _write_bodies(self) -> None:
        self._write(b"".join(self._bodies), self._end - self._gathered)
        self._bodies.clear()
        self._gathered = 0

    def _write_heads(self) -> None:
        self._write_bodies()
        for channel, heads in self._heads.items():
            self._write(heads, self._end)
            self._pieces.setdefault(channel, []).append((self._end, len(heads)))
            self._end += len(heads)
        self._heads.clear()
        self._weight = 0

    def _write(self, data: bytes | bytearray, place: int) -> None:
        try:
            with memoryview(data) as left:
                written = 0
                while written < len(left):
                    written += os.pwrite(self._file.fileno(), left[written:], place + written)
        except OSError as exc:
            raise StorageError(f"the temporary file of the guide import cannot be written: {exc.strerror}") from exc

    def _read(self, place: int, length: int) -> bytes:
        try:
            data = os.pread(self._file.fileno(), length, place)
            while len(data) < length:
                more = os.pread(self._file.fileno(), length - len(data), place + len(data))
                if not more:
                    raise StorageError("the temporary file of the guide import is shorter than it was")
                data += more
        except OSError as exc:
            raise StorageError(f"the temporary file of the guide import cannot be read: {exc.strerror}") from exc
        return data
