"""One file out of an archive that somebody else made.

Names in the archive are only compared, never used as paths; links and devices are passed over; sizes are counted while
unpacking, whatever the archive says about itself.
"""

from __future__ import annotations

import contextlib
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Protocol, cast

from smarty_core.errors import ProviderProtocolError, StorageError

ZIP: Final = b"PK\x03\x04"
GZIP: Final = b"\x1f\x8b"
MOST_MEMBERS: Final = 1_000
_PIECE: Final = 1_048_576
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError)


class _Source(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def unpack(archive: Path, *, wanted: Callable[[str], bool], to: Path, max_bytes: int) -> str:
    """Write the first file whose bare name is `wanted` out of a zip or tar.gz to `to`; its bare name.

    Raises `ProviderProtocolError` when it is no such archive, damaged or encrypted, holds no such file, or one larger
    than `max_bytes`; `StorageError` when the disk fails. A failure leaves nothing at `to`.
    """
    try:
        with contextlib.ExitStack() as stack:
            name, content = _find(archive, wanted, max_bytes, stack)
            with _writing(to) as out:
                _copy(content, out, max_bytes)
            return name
    except ProviderProtocolError:
        to.unlink(missing_ok=True)
        raise
    except (*_DAMAGE, RuntimeError) as exc:  # RuntimeError: encrypted
        to.unlink(missing_ok=True)
        raise ProviderProtocolError(f"the archive cannot be unpacked: {exc}"[:300]) from exc
    except OSError as exc:
        to.unlink(missing_ok=True)
        if isinstance(exc, gzip.BadGzipFile):
            raise ProviderProtocolError(f"the archive is damaged: {exc}"[:300]) from exc
        raise StorageError(f"cannot unpack {archive} to {to}: {exc.strerror}") from exc


def is_archive(path: Path) -> bool:
    """Whether a file begins as a zip or gzip does."""
    return _magic(path).startswith((ZIP, GZIP))


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _find(
    archive: Path, wanted: Callable[[str], bool], max_bytes: int, stack: contextlib.ExitStack
) -> tuple[str, _Source]:
    magic = _magic(archive)
    if magic.startswith(ZIP):
        bundle = stack.enter_context(zipfile.ZipFile(archive))
        _demand_few(len(bundle.infolist()))
        for entry in bundle.infolist():
            name = _bare(entry.filename)
            if not entry.is_dir() and wanted(name):
                return name, stack.enter_context(bundle.open(entry))
        raise ProviderProtocolError(f"the archive holds no such file, but {_listing(bundle.namelist())}")
    if magic.startswith(GZIP):
        # What is skipped on the way is unpacked as well, so it counts.
        plain: Any = _Bounded(stack.enter_context(cast("IO[bytes]", gzip.GzipFile(archive))), max_bytes + 64 * _PIECE)
        tape = stack.enter_context(tarfile.TarFile.open(fileobj=plain, mode="r|"))
        names: list[str] = []
        for member in tape:
            names.append(member.name)
            _demand_few(len(names))
            content = tape.extractfile(member) if member.isreg() else None
            if content is not None and wanted(_bare(member.name)):
                return _bare(member.name), content
        raise ProviderProtocolError(f"the archive holds no such file, but {_listing(names)}")
    raise ProviderProtocolError("not a zip or tar.gz archive")


def _bare(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _demand_few(number: int) -> None:
    if number > MOST_MEMBERS:
        raise ProviderProtocolError(f"the archive holds more than {MOST_MEMBERS} files")


def _listing(names: list[str]) -> str:
    return ", ".join(repr(_bare(name)[:60]) for name in names[:5]) or "nothing"


def _copy(content: _Source, out: IO[bytes], max_bytes: int) -> None:
    size = 0
    while piece := content.read(_PIECE):
        size += len(piece)
        if size > max_bytes:
            raise ProviderProtocolError(f"the unpacked file is larger than the limit of {max_bytes} bytes")
        out.write(piece)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        yield file


class _Bounded:
    """A stream that ends in an error after so many bytes."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._left = limit
        self._limit = limit

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(_PIECE if size < 0 else size)
        self._left -= len(piece)
        if self._left < 0:
            raise ProviderProtocolError(f"the archive unpacks to more than the limit of {self._limit} bytes")
        return piece
