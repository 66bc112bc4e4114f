"""Answers that lie ready are written where the request is parsed, without a task, a queue and messages in between.

An ASGI application that has a method `ready(scope)` is asked first: the two messages of a whole answer, or None. What
it has goes out at once; for everything else the request takes uvicorn's ordinary way, and answers keep their order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, MutableMapping
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from smarty_core.cli.bounded_http import BoundedHttp
from smarty_core.web.method import Messages

Ready = Callable[[MutableMapping[str, Any]], Messages | None]

JOINED_BYTES: Final = 16_384
"""A body up to this size is copied behind its head, to go out in one piece."""

_BODY: Final = frozenset((b"content-length", b"transfer-encoding", b"expect", b"upgrade"))
"""Headers of requests that have more to come than a head."""

log = logging.getLogger("smarty_main")


class ReadyHttp(BoundedHttp):
    """One connection."""

    _ready: Ready | None = None
    _answered = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._ready = getattr(self.app, "ready", None)

    def on_headers_accepted(self) -> None:
        if self._ready is not None and self._may_answer() and (found := self._found(self._ready)) is not None:
            self._answered = True
            self._write(*found)
            self.on_response_complete()
            return
        super().on_headers_accepted()

    def on_message_complete(self) -> None:
        if self._answered:
            self._answered = False
            return
        super().on_message_complete()

    def _may_answer(self) -> bool:
        """Whether this is a plain GET that nothing before it still waits for."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and self.limit_concurrency is None
            and self.parser.get_method() == b"GET"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not any(name in _BODY for name, _ in self.headers)
        )

    def _found(self, ready: Ready) -> Messages | None:
        url = httptools.parse_url(self.url)
        if b"%" in url.path:
            return None
        scope = cast("MutableMapping[str, Any]", self.scope)
        scope["method"] = "GET"
        scope["path"] = url.path.decode("ascii")
        scope["query_string"] = url.query or b""
        try:
            return ready(scope)
        except Exception:
            log.exception("an answer that lay ready could not be given")
            return None  # the ordinary way says what is wrong

    def _write(self, start: Any, body: Any) -> None:
        parts = [STATUS_LINE[start["status"]]]
        for name, value in (*self.server_state.default_headers, *start["headers"]):
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n")
        content: bytes = body["body"]
        if len(content) <= JOINED_BYTES:
            parts.append(content)
            self.transport.write(b"".join(parts))
        else:
            self.transport.write(b"".join(parts))
            self.transport.write(content)
