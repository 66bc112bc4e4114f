"""The beginning of a file that is being downloaded, kept beside its place until it is whole.

`<file>.part` holds what has arrived. When a broken download may go on later, `<file>.part.of` holds the validator the
server gave for it (a strong ETag, else Last-Modified): the server is asked for the rest only of that same version.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import requests

from smarty_core.errors import ProviderProtocolError, StorageError

LONGEST_VALIDATOR: Final = 1000
_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


class Part:
    """One download to the file `to`. With `keep` its beginning outlives a failure. Raises `StorageError`."""

    def __init__(self, to: Path, *, keep: bool) -> None:
        self._to = to
        self._path = to.with_name(to.name + ".part")
        self._of = to.with_name(to.name + ".part.of")
        self._keep = keep
        self._mode = "wb"
        if not keep:
            self.drop()

    def wish(self) -> dict[str, str]:
        """Headers that ask for the rest; empty when there is no beginning, or nothing says what it is one of."""
        try:
            have, validator = self._path.stat().st_size, self._of.read_text("latin-1")
        except OSError:
            return {}
        usable = have > 0 and 0 < len(validator) <= LONGEST_VALIDATOR and validator.isprintable()
        return {"Range": f"bytes={have}-", "If-Range": validator} if usable else {}

    def begin(self, response: requests.Response) -> int:
        """Get ready for the body of an answer; how many bytes are here already and not in it."""
        if response.status_code != 206:
            self.drop()
            if validator := self._validator(response):
                with _told(self._of):
                    self._of.write_text(validator, "latin-1")
            return 0
        match = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        have = self._path.stat().st_size if self._path.exists() else 0
        to_the_end = match is not None and match[3] in ("*", str(int(match[2]) + 1))
        if match is None or int(match[1]) != have or have == 0 or not to_the_end:
            self.drop()
            raise ProviderProtocolError("the server answered with another part of the file than it was asked for")
        self._mode = "ab"
        return have

    def write(self, content: Iterator[bytes]) -> int:
        """Add `content`; the size of the file so far. A disk that fails is our trouble, not the provider's."""
        with _told(self._path):
            file = self._path.open(self._mode)
        with file:
            for piece in content:
                with _told(self._path):
                    file.write(piece)
            return file.tell()

    def finish(self) -> None:
        """Everything has arrived: the file takes its place."""
        with _told(self._to):
            self._path.replace(self._to)

    def leave(self) -> None:
        """After success or failure: remove what nobody will need."""
        if not self._keep or not self.wish():
            self.drop()

    def drop(self) -> None:
        """Forget the beginning."""
        self._mode = "wb"
        with _told(self._path):
            self._path.unlink(missing_ok=True)
            self._of.unlink(missing_ok=True)

    def _validator(self, response: requests.Response) -> str:
        if not self._keep or response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
            return ""
        etag = response.headers.get("ETag", "")
        return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StorageError(f"cannot write {path}") from exc
