"""Gets a source's documents onto the disk, bounded, and tells whether anything changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote_to_bytes

from smarty_core.api.http import Downloaded
from smarty_core.contracts.epg_parser import EpgDocument
from smarty_core.errors import ProviderProtocolError, ProviderUnavailable
from smarty_core.http.fetch import download

DATA_LIMIT: Final = 65_536


class Download(Protocol):
    """`smarty_core.http.fetch.download`."""

    def __call__(
        self,
        url: str,
        *,
        to: Path,
        max_bytes: int,
        timeout: float,
        etag: str = "",
        last_modified: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Downloaded: ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document on the disk, as it came (possibly packed). `hash` is the SHA-256 of its bytes."""

    document: EpgDocument
    path: Path
    hash: str
    etag: str = ""
    last_modified: str = ""
    not_modified: bool = False


class Fetcher:
    """Fetches into `folder`. Local files are used where they are."""

    def __init__(self, folder: Path, *, max_bytes: int, timeout: float, get: Download = download) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._get = get
        self._count = 0
        self._mine: list[Path] = []

    def fetch(self, document: EpgDocument, *, etag: str = "", last_modified: str = "") -> Fetched:
        """The document. Raises the `ProviderError` kinds, `InvalidValue` for an address that is neither http nor path.

        With `etag` or `last_modified` the server may answer that nothing changed: then there is no file.
        """
        location = document.location
        if location.lower().startswith(("http://", "https://")):
            target = self._new()
            got = self._get(
                location, to=target, max_bytes=self._max_bytes, timeout=self._timeout, etag=etag,
                last_modified=last_modified, headers=dict(document.headers) or None,
            )  # fmt: skip
            if got.not_modified:
                return Fetched(document, target, "", got.etag, got.last_modified, not_modified=True)
            return Fetched(document, target, hash_of(target), got.etag, got.last_modified)
        if location.lower().startswith("data:"):
            target = self._new()
            target.write_bytes(_data(location))
            return Fetched(document, target, hash_of(target))
        path = Path(location.removeprefix("file://"))
        try:
            if path.stat().st_size > self._max_bytes:
                raise ProviderProtocolError(f"{path} is larger than the limit of {self._max_bytes} bytes")
            return Fetched(document, path, hash_of(path))
        except OSError as exc:
            raise ProviderUnavailable(f"{path} cannot be read: {exc.strerror}") from exc

    def forget(self) -> None:
        """Delete what was fetched so far; local files stay."""
        while self._mine:
            self._mine.pop().unlink(missing_ok=True)

    def _new(self) -> Path:
        self._count += 1
        path = self._folder / f"document{self._count}"
        self._mine.append(path)
        return path


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _data(location: str) -> bytes:
    """The bytes of a `data:` address without base64 (RFC 2397)."""
    if len(location) > DATA_LIMIT:
        raise ProviderProtocolError(f"a data: address is longer than {DATA_LIMIT} characters")
    head, comma, body = location.partition(",")
    if not comma:
        raise ProviderProtocolError("a data: address without a comma holds no data")
    raw = unquote_to_bytes(body)
    if head.lower().endswith(";base64"):
        import base64
        import binascii

        try:
            return base64.b64decode(raw, validate=True)
        except binascii.Error as exc:
            raise ProviderProtocolError("a data: address holds damaged base64") from exc
    return raw
