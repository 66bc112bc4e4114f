"""Sends finished answers: conditional requests, compression, cross-origin headers."""

from __future__ import annotations

import gzip
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import quote

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

GZIP_FROM_BYTES: Final = 1024
GZIP_LEVEL: Final = 5
COOKIE_SECONDS: Final = 10 * 365 * 86_400


@dataclass(slots=True)
class Response:
    """An HTTP answer, complete."""

    body: bytes
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    sent: Callable[[], None] | None = None
    """To be called, in a worker thread, after `send`."""

    def finish(
        self, *, accepts: str, if_none_match: str, packed: Callable[[], bytes | None] = lambda: None
    ) -> Response:
        """Turn into 304 when the client has these bytes already, compress when it can read gzip.

        `packed` may know the compressed body already.
        """
        if self.etag:
            mark = f'W/"{self.etag}"'
            self.headers["ETag"] = mark
            if mark in if_none_match or self.etag in [part.strip(' W/"') for part in if_none_match.split(",")]:
                self.status, self.body = 304, b""
                return self
        if len(self.body) >= GZIP_FROM_BYTES:
            self.headers["Vary"] = "Accept-Encoding"
            if "gzip" in accepts:
                self.body = packed() or gzip.compress(self.body, GZIP_LEVEL, mtime=0)
                self.headers["Content-Encoding"] = "gzip"
        return self

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        if self.status != 304:
            headers.append((b"content-type", self.content_type.encode("latin-1")))
            headers.append((b"content-length", str(len(self.body)).encode()))
        headers.extend((b"set-cookie", line) for line in _cookie_lines(self.cookies))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})


def _cookie_lines(cookies: Mapping[str, str]) -> Iterable[bytes]:
    for name, value in cookies.items():
        jar: SimpleCookie = SimpleCookie()
        jar[name] = value
        for key, text in (("path", "/"), ("max-age", str(COOKIE_SECONDS)), ("httponly", "1"), ("samesite", "Lax")):
            jar[name][key] = text
        yield jar[name].OutputString().encode("latin-1", "replace")


def location(uri: str) -> str:
    """An address fit for a Location header: nothing that could end the header, everything else as it is."""
    return uri if _FIT.fullmatch(uri) else quote(uri, safe="%/:=&?~#+!$,;'@()*[]{}|")


_FIT: Final = re.compile(r"[A-Za-z0-9_.\-%/:=&?~#+!$,;'@()*\[\]{}|]*", re.ASCII)


class Cors:
    """Which other origins may use the API from a browser (CORS_ORIGIN_WHITELIST; "*" = all, without cookies)."""

    def __init__(self, whitelist: Iterable[str]) -> None:
        self._allowed = {item.strip().lower().rstrip("/") for item in whitelist}

    def headers(self, origin: str) -> dict[str, str]:
        """Headers for a request from `origin`; none when it is not allowed."""
        bare = origin.lower().rstrip("/")
        if not bare or not self._allowed & {"*", bare, bare.partition("://")[2], _host(bare)}:
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "false" if "*" in self._allowed else "true",
            "Vary": "Origin",
        }

    def preflight(self, origin: str, asked_headers: str) -> dict[str, str]:
        """Headers for the question a browser asks beforehand."""
        allowed = self.headers(origin)
        if allowed:
            allowed["Access-Control-Allow-Methods"] = "GET, POST, HEAD, OPTIONS"
            allowed["Access-Control-Allow-Headers"] = asked_headers or "Content-Type"
            allowed["Access-Control-Max-Age"] = "86400"
        return allowed


def _host(origin: str) -> str:
    return origin.partition("://")[2].rpartition(":")[0] or origin.partition("://")[2]
