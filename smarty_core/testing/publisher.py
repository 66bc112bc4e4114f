"""A web server on a real port that publishes files, for tests of what is downloaded.

It keeps to HTTP as strictly as a good server does: ranges only for the version they are asked of, 304 only for the
validator it gave. A test puts files in, says who may have them, and makes it break off.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    path: str
    query: Mapping[str, str]
    headers: Message

    @property
    def range(self) -> str:
        return self.headers.get("Range", "")


@dataclass
class Publisher:
    """`answer` says what a request gets: the content of a file, or a status with a text.

    `cut_after`: break the connection off after so many bytes, once per entry; None in it = send all.
    """

    port: int
    answer: Callable[[Asked], bytes | tuple[int, str]]
    asked: list[Asked] = field(default_factory=list)
    cut_after: list[int | None] = field(default_factory=list)
    validators: bool = True
    """Whether it gives ETags, and so lets a download go on."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def published(answer: Callable[[Asked], bytes | tuple[int, str]]) -> Iterator[Publisher]:
    """Serve until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    publisher = Publisher(server.server_address[1], answer)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"publisher": publisher})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    publisher: Publisher

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), self.headers)
        self.publisher.asked.append(asked)
        answer = self.publisher.answer(asked)
        if isinstance(answer, tuple):
            self._send(answer[0], answer[1].encode(), {"Content-Type": "text/plain; charset=utf-8"})
            return
        etag = f'"{hashlib.sha256(answer).hexdigest()[:32]}"'
        headers = {"Content-Type": "application/octet-stream"}
        if self.publisher.validators:
            headers["ETag"] = etag
        if self.publisher.validators and self.headers.get("If-None-Match") == etag:
            self._send(304, b"", headers)
            return
        match = _RANGE.fullmatch(asked.range)
        start = int(match[1]) if match and self.headers.get("If-Range") == etag else 0
        if match and start >= len(answer) > 0:
            self._send(416, b"", {"Content-Range": f"bytes */{len(answer)}"})
        elif start:
            headers["Content-Range"] = f"bytes {start}-{len(answer) - 1}/{len(answer)}"
            self._send(206, answer[start:], headers)
        else:
            self._send(200, answer, headers)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        cut = self.publisher.cut_after.pop(0) if self.publisher.cut_after and status in (200, 206) else None
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body if cut is None else body[:cut])

    def log_message(self, format: str, *args: Any) -> None:
        """Tests look at `asked`."""
