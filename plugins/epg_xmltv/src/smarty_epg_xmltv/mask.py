"""Masks: `{channel}`, `{date}` and `{date:%d.%m.%Y}` inside the address or path of a source.

Without placeholders a mask names one document. With `{date}` there is one document per day, with `{channel}` one per
channel of the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote

from smarty_core.errors import ConfigError

DEFAULT_DATE: Final = "%Y-%m-%d"
MAX_DAYS: Final = 60

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_DATE_FORMAT: Final = re.compile(r"(?:[^%]|%[YmdyjHMS%])*")


def check(mask: str) -> None:
    """Raise `ConfigError` when the mask is empty or has a placeholder nobody knows."""
    if not mask.strip():
        raise ConfigError("the mask of an XMLTV source is empty")
    for found in _PLACEHOLDER.finditer(mask):
        name, _, form = found[1].partition(":")
        if name not in ("date", "channel") or (name == "channel" and form) or not _DATE_FORMAT.fullmatch(form):
            raise ConfigError(
                f"mask of an XMLTV source: unknown placeholder {found[0]!r}; known are {{channel}}, {{date}} and "
                "{date:FORMAT} with %Y %y %m %d %j %H %M %S"
            )


def expand(
    mask: str, begin: datetime, end: datetime, channels: tuple[str, ...], *, escape: bool
) -> Iterator[tuple[str, str]]:
    """Yield (location, channel) for each document; `escape` percent-encodes channel ids for an address."""
    names = [match[1].partition(":")[0] for match in _PLACEHOLDER.finditer(mask)]
    days: list[date | None] = list(_days(begin, end)) if "date" in names else [None]
    for channel in channels if "channel" in names else ("",):
        for day in days:
            yield _fill(mask, day, quote(channel, safe="") if escape else channel), channel


def _fill(mask: str, day: date | None, channel: str) -> str:
    def value(found: re.Match[str]) -> str:
        name, _, form = found[1].partition(":")
        if name == "channel":
            return channel
        return day.strftime(form or DEFAULT_DATE) if day else found[0]

    return _PLACEHOLDER.sub(value, mask)


def _days(begin: datetime, end: datetime) -> Iterator[date]:
    day = begin.date()
    for _ in range(MAX_DAYS):
        yield day
        day += timedelta(days=1)
        if day > end.date():
            return
