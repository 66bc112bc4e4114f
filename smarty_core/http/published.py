"""A file that somebody publishes and we keep a copy of: fetched, checked, and put in place of the old one at once.

Until the new copy has proven good the old one stays and is used. Whoever has the old one open (also mapped into
memory) keeps it: the new one takes its name, not its place on the disk.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from smarty_core.api.http import HttpClient
from smarty_core.errors import LockTaken, ProviderProtocolError, ProviderRefused, StorageError
from smarty_core.http.unpacking import is_archive, unpack
from smarty_core.http.wording import without_secrets

_TOLD_BYTES: Final = 300
_SUM: Final = re.compile(r"\A\s*\\?([0-9a-fA-F]{64})(?![0-9a-fA-F])")


@dataclass(frozen=True, slots=True)
class Published:
    """Where a file is published and what is allowed of it.

    `wanted` says by its bare name which file of the archive is meant; None = the archive itself is kept.
    `sums_query`: parameters instead of `query` under which the SHA-256 of the answer is told; None = nobody tells it.
    `secrets`: values of `query` or `auth` that must not be told to anybody.
    """

    url: str
    query: Mapping[str, str] | None = None
    auth: tuple[str, str] | None = None
    wanted: Callable[[str], bool] | None = None
    sums_query: Mapping[str, str] | None = None
    secrets: tuple[str, ...] = ()
    max_bytes: int = 1_073_741_824
    """Of the answer."""
    max_unpacked: int = 4_294_967_296
    """Of the file in the archive."""
    timeout: float = 1800.0
    """Seconds for the download."""


def renew(http: HttpClient, source: Published, to: Path, *, check: Callable[[Path], object]) -> bool:
    """Put the newest published file at `to`; whether there was a newer one.

    `check` looks at the new file and raises a `SmartyError` when it is not fit for use. Raises `LockTaken` when another
    process renews the same file, `ProviderRefused` with the words of a provider that answers with a text instead of
    an archive, any other `ProviderError` (its `status` tells the HTTP status), what `check` raises, and `StorageError`.
    After an error the old file is as it was; a download that broke off is continued by the next call.
    """
    with _folder(to), _alone(to):
        kept, fetched, fresh = (to.with_name(to.name + ending) for ending in (".origin", ".download", ".new"))
        what = _identity(source)
        known = _known(kept, what) if to.exists() else {}
        headers = _authorization(source.auth)
        try:
            answer = http.download(
                _address(source.url, source.query), to=fetched, max_bytes=source.max_bytes, timeout=source.timeout,
                etag=known.get("etag", ""), last_modified=known.get("last_modified", ""), headers=headers, resume=True,
            )  # fmt: skip
            if answer.not_modified:
                return False
            if not is_archive(fetched):
                raise ProviderRefused(f"no archive but the text: {_told(fetched, source.secrets)}")
            if source.sums_query is not None:
                _demand_sum(http, source, fetched)
            if source.wanted is None:
                fetched.replace(fresh)
            else:
                unpack(fetched, wanted=source.wanted, to=fresh, max_bytes=source.max_unpacked)
            check(fresh)
            _settle(fresh, to)
            told = {"what": what, "etag": answer.etag, "last_modified": answer.last_modified}
            kept.write_text(json.dumps(told), "utf-8")
        finally:
            fetched.unlink(missing_ok=True)
            fresh.unlink(missing_ok=True)
    return True


def _demand_sum(http: HttpClient, source: Published, fetched: Path) -> None:
    headers = _authorization(source.auth)
    answer = http.request(
        "GET", _address(source.url, source.sums_query), headers=headers, timeout=60.0, max_bytes=65_536
    )
    match = _SUM.match(answer.text)
    if match is None:
        raise ProviderProtocolError("what should be a SHA-256 checksum is none")
    with fetched.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != match[1].lower():
        raise ProviderProtocolError(f"the checksum differs: {found} came, {match[1].lower()} was announced")


def _address(url: str, query: Mapping[str, str] | None) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url


def _authorization(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode("ascii")}


def _told(path: Path, secrets: tuple[str, ...]) -> str:
    """The beginning of a text answer, as one printable line."""
    with path.open("rb") as file:
        text = file.read(_TOLD_BYTES).decode("utf-8", "replace")
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    return without_secrets(" ".join(line.split()), secrets) or "(nothing)"


def _identity(source: Published) -> str:
    """Which file it is, whoever asks for it: another edition may have the same date."""
    query = {name: value for name, value in (source.query or {}).items() if value not in source.secrets}
    return _address(source.url, query)


def _known(kept: Path, what: str) -> Mapping[str, str]:
    """What the server said of the file that is in use, if it is the same file."""
    try:
        found = json.loads(kept.read_text("utf-8"))
        if found.get("what") != what:
            return {}
        return {name: found[name] for name in ("etag", "last_modified") if isinstance(found.get(name), str)}
    except (OSError, ValueError, AttributeError):
        return {}


def _settle(fresh: Path, to: Path) -> None:
    """Make the new file the one, also after a power cut."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(to)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _folder(to: Path) -> Iterator[None]:
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as exc:
        raise StorageError(f"cannot renew {to}: {exc.strerror or exc}") from exc


@contextlib.contextmanager
def _alone(to: Path) -> Iterator[None]:
    """One process at a time. The lock ends with the process, however it ends."""
    with to.with_name(to.name + ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockTaken(f"another process is renewing {to}") from None
        yield
