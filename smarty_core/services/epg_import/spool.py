"""Keeps a document's programmes by channel until all are read, in a file, so that any order of the document is fine.

A document sorted by time gives each channel's programmes one at a time over its whole length. Rows gather in memory by
channel; when they weigh too much, all are appended to one unnamed temporary file, a piece per channel.
"""

from __future__ import annotations

import struct
import tempfile
from collections import Counter
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from smarty_core.errors import StorageError

_HEADER: Final = struct.Struct("<qqI")
HEADER_SIZE: Final = _HEADER.size
UNSAID: Final = -1
"""A stop that the source does not tell."""


class SpooledRow(NamedTuple):
    """One programme: its times in seconds and, packed, everything else."""

    start: int
    stop: int
    body: bytes


class Spool:
    """Programmes by channel. Use it as a context manager; the file goes when it is closed, or the process dies."""

    def __init__(self, folder: Path, *, memory: int = 24 * 1_048_576, most_per_channel: int = 50_000) -> None:
        self._memory = memory
        self._most = most_per_channel
        self._gathered: dict[int, bytearray] = {}
        self._weight = 0
        self._pieces: dict[int, list[tuple[int, int]]] = {}
        self._end = 0
        self.counts: Counter[int] = Counter()
        try:
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as exc:
            raise StorageError(f"no temporary file can be made in {folder}: {exc.strerror}") from exc

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._gathered.clear()
        self._file.close()

    def add(self, channel: int, start: int, stop: int, body: bytes) -> bool:
        """Keep one programme; False when the channel has more than the limit already."""
        if self.counts[channel] >= self._most:
            return False
        self.counts[channel] += 1
        gathered = self._gathered.get(channel)
        if gathered is None:
            gathered = self._gathered[channel] = bytearray()
        gathered += _HEADER.pack(start, stop, len(body))
        gathered += body
        self._weight += HEADER_SIZE + len(body)
        if self._weight > self._memory:
            self._write()
        return True

    def channels(self) -> list[int]:
        """The channels that have programmes."""
        return list(self.counts)

    def rows(self, channel: int) -> list[SpooledRow]:
        """A channel's programmes by start; those that start together in the order of the document."""
        data = b"".join((*(self._read(*piece) for piece in self._pieces.get(channel, ())),
                         bytes(self._gathered.get(channel, b""))))  # fmt: skip
        found = []
        place = 0
        while place < len(data):
            start, stop, length = _HEADER.unpack_from(data, place)
            begin = place + HEADER_SIZE
            place = begin + length
            found.append(SpooledRow(start, stop, data[begin:place]))
        found.sort(key=itemgetter(0))
        return found

    def _write(self) -> None:
        try:
            for channel, gathered in self._gathered.items():
                self._pieces.setdefault(channel, []).append((self._end, len(gathered)))
                written = 0
                while written < len(gathered):
                    written += self._file.write(memoryview(gathered)[written:]) or 0
                self._end += len(gathered)
        except OSError as exc:
            raise StorageError(f"the temporary file of the guide import cannot be written: {exc.strerror}") from exc
        self._gathered.clear()
        self._weight = 0

    def _read(self, place: int, length: int) -> bytes:
        self._file.seek(place)
        parts = []
        while length > 0:
            part = self._file.read(length)
            if not part:
                raise StorageError("the temporary file of the guide import is shorter than it was")
            parts.append(part)
            length -= len(part)
        return b"".join(parts)
