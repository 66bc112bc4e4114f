"""Where one JSON object ends in a stream of bytes: the servers send objects one after the other, without lengths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from smarty_core.errors import ProviderProtocolError

_BLANKS: Final = b" \t\r\n"
_QUOTE, _BACKSLASH = b'"'[0], b"\\"[0]
_OPENING, _CLOSING = b"{[", b"}]"


class ObjectReader:
    """Cuts bytes into complete JSON objects; each byte is looked at once, however they arrive.

    `limit`: bytes of the largest object. `feed` raises `ProviderProtocolError` for a larger one and for anything
    between objects that is no blank.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._object = bytearray()
        self._depth = 0
        self._in_text = self._escaped = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The objects that are complete with `data`, each as soon as it is: who has enough need not read on."""
        begin = 0
        for at, byte in enumerate(data):
            if self._depth == 0:
                begin = at
                if byte in _BLANKS:
                    continue
                if byte != _OPENING[0]:
                    raise ProviderProtocolError("the server sends something else than JSON objects")
                self._depth = 1
            elif self._in_text:
                self._text(byte)
            elif byte == _QUOTE:
                self._in_text = True
            elif byte in _OPENING:
                self._depth += 1
            elif byte in _CLOSING:
                self._depth -= 1
                if self._depth == 0:
                    yield self._cut(data[begin : at + 1])
        if self._depth:
            self._keep(data[begin:])

    def _text(self, byte: int) -> None:
        if self._escaped:
            self._escaped = False
        elif byte == _BACKSLASH:
            self._escaped = True
        elif byte == _QUOTE:
            self._in_text = False

    def _keep(self, part: bytes) -> None:
        if len(self._object) + len(part) > self._limit:
            raise ProviderProtocolError(f"the server's answer is larger than {self._limit} bytes")
        self._object += part

    def _cut(self, part: bytes) -> bytes:
        self._keep(part)
        whole = bytes(self._object)
        self._object.clear()
        return whole
