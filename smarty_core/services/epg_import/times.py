"""Reads the times of a guide: a few hundred thousand strings, most of them seen a moment ago."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smarty_core.errors import InvalidValue

_REMEMBERED: Final = 200_000
_FIRST: Final = 0
_LAST: Final = 4_102_444_800
"""1970 and 2100: a time outside is a mistake."""

_WORDS: Final = re.compile(r"([0-9]{4,17})(?:\.[0-9]+)?\s*(.*)", re.S)
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?\s*([+-])\s*([0-9]{1,2})(?::?([0-9]{2}))?")
_HOURS: Final = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "MSD": 4, "SAMT": 4, "AMT": 4, "AZT": 4, "GET": 4, "YEKT": 5, "PKT": 5, "UZT": 5,
    "OMST": 6, "NOVT": 7, "KRAT": 7, "IRKT": 8, "HKT": 8, "YAKT": 9, "JST": 9, "KST": 9, "VLAT": 10, "AEST": 10,
    "AEDT": 11, "MAGT": 11, "PETT": 12, "NZST": 12, "NZDT": 13, "AST": -4, "ADT": -3, "EDT": -4, "EST": -5, "CDT": -5,
    "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "BRT": -3, "ART": -3,
}  # fmt: skip
"""Abbreviations that guides use, in hours; those with several meanings as broadcasters of our regions mean them."""


class TimeReader:
    """Turns a source's times into whole seconds since 1970, UTC.

    Understands XMLTV (`20231114221320 +0300`, any leading part of the digits, the zone glued on, as `+03:00`, `Z`, a
    name such as MSK or Europe/Moscow, or missing) and ISO 8601. A time without a zone is one of `zone`.
    """

    def __init__(self, zone: tzinfo, unknown_zone: Callable[[str], None]) -> None:
        self._zone = zone
        self._unknown_zone = unknown_zone
        self._known: dict[str | datetime, int] = {}
        self._days: dict[str, int] = {}
        self._offsets: dict[str, tzinfo] = {}

    def seconds(self, told: str | datetime) -> int:
        """The moment. Raises `InvalidValue` when it cannot be read or is before 1970 or after 2100."""
        known = self._known.get(told)
        if known is not None:
            return known
        if not isinstance(told, str):
            if not isinstance(told, datetime) or told.tzinfo is None:
                raise InvalidValue("not a time with a zone")
            return _bounded(int(told.timestamp()), told)
        moment = _bounded(self._read(told), told)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[told] = moment
        return moment

    def _read(self, told: str) -> int:
        if told[8:14].isdigit() and told[14:] in (" +0000", " +0300", " +0200", " +0100"):
            return self._plain(told, int(told[16:18]) * 3600)
        found = _WORDS.fullmatch(told.strip())
        if found is None or len(told) > 64 or _ISO.match(told.strip()):
            return self._iso(told)
        digits, zone = found[1][:14], found[2].strip()
        if len(digits) % 2 or (len(digits) < 14 and len(found[1]) > 14):
            raise InvalidValue(f"not a time: {told[:40]!r}")
        full = (digits + "0101000000"[len(digits) - 4 :]) if len(digits) < 14 else digits
        try:
            moment = datetime(int(full[:4]), int(full[4:6]), int(full[6:8]), tzinfo=UTC)
            hours, minutes, seconds = int(full[8:10]), int(full[10:12]), int(full[12:14])
            if hours > 24 or minutes > 59 or seconds > 60 or (hours == 24 and minutes + seconds > 0):
                raise ValueError
            moment = moment.replace(tzinfo=None) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
            return int(moment.replace(tzinfo=self._zone_of(zone)).timestamp())
        except (ValueError, OverflowError) as exc:
            raise InvalidValue(f"not a time: {told[:40]!r}") from exc

    def _plain(self, told: str, offset: int) -> int:
        day = self._days.get(told[:8])
        try:
            if day is None:
                day = (date(int(told[:4]), int(told[4:6]), int(told[6:8])) - date(1970, 1, 1)).days * 86_400
                self._days[told[:8]] = day
            hours, minutes, seconds = int(told[8:10]), int(told[10:12]), int(told[12:14])
        except ValueError as exc:
            raise InvalidValue(f"not a time: {told[:40]!r}") from exc
        past = hours * 3600 + minutes * 60 + seconds
        if minutes > 59 or seconds > 60 or past > 86_400:
            raise InvalidValue(f"not a time: {told[:40]!r}")
        return day + past - offset

    def _iso(self, told: str) -> int:
        try:
            moment = datetime.fromisoformat(told.strip()[:64])
            return int((moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).timestamp())
        except (ValueError, OverflowError) as exc:
            raise InvalidValue(f"not a time: {told[:40]!r}") from exc

    def _zone_of(self, name: str) -> tzinfo:
        if not name:
            return self._zone
        known = self._offsets.get(name)
        if known is None:
            known = zone_named(name)
            if known is None:
                self._unknown_zone(name)
                return self._zone
            if len(self._offsets) < 1000:
                self._offsets[name] = known
        return known


def zone_named(name: str) -> tzinfo | None:
    """The zone behind an offset, an abbreviation or a tz database name; None = nobody knows it."""
    found = _OFFSET.fullmatch(name)
    if found:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        if offset > timedelta(hours=15) or int(found[3] or 0) > 59:
            return None
        return timezone(-offset if found[1] == "-" else offset)
    hours = _HOURS.get(name.upper())
    if hours is not None:
        return timezone(timedelta(hours=hours))
    if not re.fullmatch(r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2}", name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _bounded(moment: int, told: str | datetime) -> int:
    if not _FIRST <= moment < _LAST:
        raise InvalidValue(f"not a sensible time: {str(told)[:40]!r}")
    return moment
