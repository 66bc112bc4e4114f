"""Opens a fetched document whatever it is packed in: gzip, xz, zip or nothing, known by its first bytes."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from smarty_core.errors import ProviderProtocolError

_PIECE: Final = 65_536
_XZ_MEMORY: Final = 192 * 1_048_576
_SUSPICIOUS_SIZE: Final = 64 * 1_048_576
_SUSPICIOUS_RATIO: Final = 400
"""Text packs 5 to 60 times smaller; far more, beyond the first megabytes, is a bomb."""

_MAGIC: Final = ((b"\x1f\x8b", "gzip"), (b"\xfd7zXZ\0", "xz"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"))


class UnpackedStream(io.RawIOBase):
    """The plain bytes of a document. Raises `ProviderProtocolError` for damage and above `max_bytes`.

    What was read before the damage has been handed out by then.
    """

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        self._resources = ExitStack()
        try:
            file: IO[bytes] = self._resources.enter_context(path.open("rb"))
            packed = path.stat().st_size
            self._pieces = _unpacked(file, self._resources, deep=2)
        except OSError as exc:
            self._resources.close()
            raise ProviderProtocolError(f"the document cannot be read: {exc.strerror}") from exc
        except BaseException:
            self._resources.close()
            raise
        self._limit = max_bytes
        self._suspicious = max(_SUSPICIOUS_SIZE, packed * _SUSPICIOUS_RATIO)
        self._total = 0
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes, at least one before the end; everything when negative."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(1_048_576), b""))
        if not self._left:
            self._left = self._next()
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._resources.close()
        super().close()

    def _next(self) -> bytes:
        try:
            piece = next(self._pieces, b"")
        except (zlib.error, lzma.LZMAError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as exc:
            raise ProviderProtocolError(f"the document's compression is damaged: {str(exc)[:100]}") from exc
        except OSError as exc:
            raise ProviderProtocolError(f"the document cannot be read: {exc.strerror or exc}") from exc
        self._total += len(piece)
        if self._total > self._limit:
            raise ProviderProtocolError(f"the unpacked document is larger than the limit of {self._limit} bytes")
        if self._total > self._suspicious:
            raise ProviderProtocolError(f"the document unpacks to more than {_SUSPICIOUS_RATIO} times its size")
        return piece


def _unpacked(file: IO[bytes], resources: ExitStack, *, deep: int) -> Iterator[bytes]:
    reader = io.BufferedReader(file, _PIECE) if not isinstance(file, io.BufferedReader) else file  # type: ignore[type-var]
    head = reader.peek(6)[:6]
    kind = next((name for magic, name in _MAGIC if head.startswith(magic)), "") if deep else ""
    if kind == "gzip":
        return _gzip(reader)
    if kind == "xz":
        return _xz(reader)
    if kind == "zip":
        return _unpacked(_member(reader, resources), resources, deep=deep - 1)
    return iter(lambda: reader.read(_PIECE), b"")


def _gzip(file: IO[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(wbits=31)
    piece = file.read(_PIECE)
    while piece:
        plain = decoder.decompress(piece, 1_048_576)
        if plain:
            yield plain
        if decoder.eof:
            # A gzip file may have several members; padding after the last one is ignored.
            piece = decoder.unused_data.lstrip(b"\0") or file.read(_PIECE).lstrip(b"\0")
            if not piece.startswith(b"\x1f"):
                return
            decoder = zlib.decompressobj(wbits=31)
        else:
            piece = decoder.unconsumed_tail or file.read(_PIECE)
    raise EOFError("it ends too early")


def _xz(file: IO[bytes]) -> Iterator[bytes]:
    decoder = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
    piece = file.read(_PIECE)
    while True:
        plain = decoder.decompress(piece, 1_048_576)
        if plain:
            yield plain
        if decoder.eof:
            piece = decoder.unused_data.lstrip(b"\0") or file.read(_PIECE).lstrip(b"\0")
            if not piece:
                return
            decoder = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
        elif decoder.needs_input:
            piece = file.read(_PIECE)
            if not piece:
                raise EOFError("it ends too early")
        else:
            piece = b""


def _member(file: IO[bytes], resources: ExitStack) -> IO[bytes]:
    """The largest file of a zip archive, XML before others."""
    try:
        archive = resources.enter_context(zipfile.ZipFile(file))
        found = [info for info in archive.infolist() if not info.is_dir()]
        if not found:
            raise ProviderProtocolError("the zip archive is empty")
        wanted = [info for info in found if ".xml" in info.filename.lower()] or found
        chosen = max(wanted, key=lambda info: info.file_size)
        return resources.enter_context(archive.open(chosen))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as exc:
        raise ProviderProtocolError(f"the zip archive cannot be read: {str(exc)[:100]}") from exc
