"""HTTP parsing with limits that uvicorn's fast parser lacks: size of a request's head and time to send it."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 32_768
"""Request line and headers together. The longest documented requests carry an authkey and lists of ids."""

HEAD_SECONDS: Final = 20.0
"""A new connection that has not sent a whole head by then is closed."""


class BoundedHttp(HttpToolsProtocol):
    """One connection. A head that is too large is answered 431 and the connection closed."""

    _head_bytes = _chunk = 0
    _in_head = True
    _impatience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._impatience = self.loop.call_later(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._chunk = len(data)
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        received, self._in_head, self._head_bytes = self._head_bytes + self._chunk, False, 0
        if self._impatience is not None:
            self._be_patient()
        if received > MAX_HEAD_BYTES and self._head_size() > MAX_HEAD_BYTES:
            self._refuse()
            return
        self.on_headers_accepted()

    def on_headers_accepted(self) -> None:
        """The head of a request is complete and within its limits."""
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.transport.is_closing():
            super().on_message_complete()

    def _head_size(self) -> int:
        return sum(len(name) + len(value) for name, value in self.headers) + len(self.url)

    def _be_patient(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None

    def _refuse(self) -> None:
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()
