"""Messages between the server and the process of an operator's scripts: JSON after its length, bounded both ways.

Nothing here imports more than the standard library: the process of the scripts imports it too.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any, Final

MAX_REQUEST: Final = 512 * 1024
"""Bytes of a request: a script and its variables, escaped as JSON."""
MAX_ANSWER: Final = 32 * 1024
"""Bytes of an answer: an address, or what is wrong with a script."""

COMPILE_SECONDS: Final = 4.0
"""Time a script may take to be compiled."""

Problem = tuple[int, str]
"""A line of a script, 0 when it belongs to none, and what is wrong there."""

_LENGTH: Final = struct.Struct(">I")


class Garbled(Exception):
    """The other side closed, or sent what is no message."""


def pack(message: dict[str, Any], limit: int) -> bytes:
    """`message` as it goes over the wire. Raises `Garbled` when it is larger than `limit` bytes."""
    body = json.dumps(message).encode()
    if len(body) > limit:
        raise Garbled("the message is too large")
    return _LENGTH.pack(len(body)) + body


def receive(read: Callable[[int], bytes], limit: int) -> dict[str, Any]:
    """The next message; `read(n)` gives up to n bytes, none at the end. Raises `Garbled`, and what `read` raises."""
    (length,) = _LENGTH.unpack(_exactly(read, _LENGTH.size))
    if length > limit:
        raise Garbled("the message is too large")
    try:
        message = json.loads(_exactly(read, length))
    except (ValueError, RecursionError) as exc:
        raise Garbled("the message is not JSON") from exc
    if not isinstance(message, dict):
        raise Garbled("the message is no object")
    return message


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = read(count - len(parts))
        if not part:
            raise Garbled("closed")
        parts += part
    return bytes(parts)
