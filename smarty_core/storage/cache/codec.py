"""Values as msgpack: everything JSON has, and bytes, `datetime`, `date` and `Decimal`. Never pickle.

Tuples come back as lists; keys of a mapping may be text or numbers.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import msgpack

from smarty_core.errors import InvalidValue

MAX_BYTES: Final = 32 * 1024 * 1024
"""A larger value is not cached."""

_MOMENT, _DAY, _DECIMAL = 1, 2, 3


def pack(value: Any) -> bytes:
    """The bytes of `value`. Raises `InvalidValue` for what a cache cannot hold (objects, sets, naive times)."""
    try:
        packed: bytes = msgpack.packb(value, default=_extend, use_bin_type=True)
    except (TypeError, ValueError, OverflowError) as exc:
        raise InvalidValue(f"this value cannot be cached: {exc}") from exc
    return packed


def unpack(packed: bytes) -> Any:
    """The value behind `pack`. Raises `InvalidValue` when the bytes are damaged."""
    try:
        return msgpack.unpackb(packed, ext_hook=_restore, raw=False, strict_map_key=False)
    except (ValueError, TypeError, ArithmeticError, msgpack.UnpackException) as exc:
        raise InvalidValue("a cached value is damaged") from exc


def _extend(value: Any) -> msgpack.ExtType:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a naive time")
        return msgpack.ExtType(_MOMENT, value.astimezone(UTC).isoformat().encode("ascii"))
    if isinstance(value, date):
        return msgpack.ExtType(_DAY, value.isoformat().encode("ascii"))
    if isinstance(value, Decimal):
        return msgpack.ExtType(_DECIMAL, str(value).encode("ascii"))
    raise TypeError(f"a {type(value).__name__}")


def _restore(code: int, data: bytes) -> Any:
    text = data.decode("ascii")
    if code == _MOMENT:
        return datetime.fromisoformat(text)
    if code == _DAY:
        return date.fromisoformat(text)
    if code == _DECIMAL:
        return Decimal(text)
    raise ValueError("unknown kind of value")
