"""Moments as other systems write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

from smarty_core.errors import InvalidValue

FIRST_YEAR, LAST_YEAR = 1970, 9998
"""What every database stores and every zone can show."""

_LONGEST: Final = 40
_LOST_PLUS: Final = re.compile(r" (?=\d\d:?\d\d$)")
"""The plus of a zone in a form that was not encoded: it is read as a blank."""


def iso_moment(name: str, text: str, zone: tzinfo) -> datetime:
    """An ISO 8601 date and time as aware UTC; without a zone it is one of `zone`.

    Raises `InvalidValue` naming the parameter.
    """
    text = text.strip()
    try:
        if len(text) > _LONGEST or "T" not in text.upper():
            raise ValueError(text[:_LONGEST])
        moment = datetime.fromisoformat(_LOST_PLUS.sub("+", text))
        found = (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(found.year)
        return found
    except (ValueError, OverflowError) as exc:
        raise InvalidValue(f"{name}: not a date and time as 2026-03-10T12:00:00+03:00") from exc
