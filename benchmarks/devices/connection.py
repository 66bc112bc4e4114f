"""A client connection that costs the load generator little: it counts what it need not read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

_BUFFER = memoryview(bytearray(1 << 18))
"""Shared by all connections: what was received is looked at before the next one receives."""


BEGINNING = 200
"""How much of a body is always kept, behind its head."""


class Connection(asyncio.BufferedProtocol):
    """One keep-alive connection, one request at a time. Header names must come in small letters, as uvicorn sends them.

    `answered(connection, status, head, body)` is called with each answer; `head` holds the first bytes of the body too,
    `body` is None unless it was asked for.
    `lost(connection)` when the server closed it.
    """

    def __init__(
        self,
        answered: Callable[[Connection, bytes, bytes, bytes | None], None],
        lost: Callable[[Connection], None],
    ) -> None:
        self._answered = answered
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._kept: list[bytes] = []
        self._head = b""
        self._left = -1
        self._whole = False
        self.token: object = None
        """What the sender likes to remember about the request on its way."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, token: object, *, whole: bool) -> None:
        """Send a request; `whole`: keep the body of its answer."""
        assert self._transport is not None
        self._whole, self.token, self._left, self._head = whole, token, -1, b""
        self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def get_buffer(self, sizehint: int) -> memoryview:
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        if self._left < 0:
            nbytes = self._begin(self._head + bytes(_BUFFER[:nbytes]))
            if self._left < 0:
                return
        elif self._whole:
            self._kept.append(bytes(_BUFFER[:nbytes]))
        elif self._head.endswith(b"\r\n\r\n"):
            self._head += bytes(_BUFFER[: min(nbytes, BEGINNING)])
        self._left -= nbytes
        if self._left <= 0:
            body = b"".join(self._kept) if self._whole else None
            self._kept.clear()
            self._answered(self, self._head[9:12], self._head, body)

    def _begin(self, data: bytes) -> int:
        """Read the head; how many bytes of the body came with it."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._head = data
            return 0
        at = data.find(b"content-length: ", 0, end)
        self._left = int(data[at + 16 : data.find(b"\r", at)]) if at >= 0 else 0
        self._head = data[: end + 4 + BEGINNING]
        if self._whole:
            self._kept.append(data[end + 4 :])
        return len(data) - end - 4

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(self)
