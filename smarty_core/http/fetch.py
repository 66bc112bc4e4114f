"""Downloads for the core itself: a file, bounded in size and total time, only if it changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from smarty_core.api.http import Downloaded
from smarty_core.http.client import Client


@cache
def _client() -> Client:
    return Client()


def download(
    url: str,
    *,
    to: Path,
    max_bytes: int,
    timeout: float,
    etag: str = "",
    last_modified: str = "",
    headers: Mapping[str, str] | None = None,
) -> Downloaded:
    """Write what `url` answers to the file `to`; see `api.http.HttpClient` for limits and errors.

    Give `etag` and `last_modified` of the copy you have: when the server says that nothing changed, `not_modified` is
    true and no file is written.
    """
    return _client().download(
        url, to=to, max_bytes=max_bytes, timeout=timeout, etag=etag, last_modified=last_modified, headers=headers
    )
