"""The documented form of a log line, which operators' parsers depend on.

`Fri Mar 24 10:22:35+0300 2017 INFO views:17 get[83630.Thread-3] EVENT key='value'`
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from types import TracebackType
from typing import Any, Final

from smarty_core.config.log_flood import Flood
from smarty_core.events import SECRET_NAMES, Event, mask, mask_url
from smarty_core.values import Money, Secret

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""English whatever the locale is."""

LARGEST_STACK: Final = 16_000
LARGEST_TEXT: Final = 500
MOST_LOCALS: Final = 30

LEFT_OUT: Final = "left out, it has been written just now"

_PLAIN: Final = (bool, int, float, Decimal, date, datetime, timedelta, Money, type(None))


class LogLine(logging.Formatter):
    """Formats records. Times are local to `zone`; a record is always exactly one line; secrets are masked."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone
        self._flood = Flood()

    def format(self, record: logging.LogRecord) -> str:
        what = _one_line(mask_url(record.getMessage()))
        context = record.msg.context if isinstance(record.msg, Event) else {}
        if record.exc_info and record.exc_info[1] is not None and "stacktrace" not in context:
            shown, _ = self._flood.count(record)
            what += f" stacktrace={stack_of(record.exc_info[1]) if shown else LEFT_OUT!r}"
            if shown and record.name == "smarty_main":
                what += f" locals={locals_of(record.exc_info[2])!r}"
        place = f"{record.module}:{record.lineno} {record.funcName}[{record.process}.{record.threadName}]"
        return f"{timestamp(record.created, self._zone)} {record.levelname} {_one_line(place)} {what}"


def timestamp(seconds: float, zone: tzinfo) -> str:
    """`Fri Mar 24 10:22:35+0300 2017`."""
    moment = datetime.fromtimestamp(seconds, zone)
    day = f"{WEEKDAYS[moment.weekday()]} {MONTHS[moment.month - 1]} {moment.day:02}"
    return f"{day} {moment:%H:%M:%S%z} {moment.year}"


def stack_of(failure: BaseException) -> str:
    """The traceback as text, its end when it is long, without what addresses in it hide."""
    return mask_url("".join(traceback.format_exception(failure)).rstrip()[-LARGEST_STACK:])


def locals_of(trace: TracebackType | None) -> Mapping[str, Any]:
    """Variables of the function that failed: plain values only, because any other object may print a secret."""
    if trace is None:
        return {}
    while trace.tb_next is not None:
        trace = trace.tb_next
    names = list(trace.tb_frame.f_locals.items())[:MOST_LOCALS]
    return {name: _shown(value, name) for name, value in names if not name.startswith("__")}


def _shown(value: Any, name: str = "", depth: int = 0) -> Any:
    if isinstance(value, Secret) or (SECRET_NAMES.search(name) and value):
        return "***"
    if type(value) in _PLAIN:
        return value
    if isinstance(value, str):
        return mask(value)[:LARGEST_TEXT]
    if isinstance(value, Mapping) and depth < 3:
        return {str(key): _shown(item, str(key), depth + 1) for key, item in list(value.items())[:MOST_LOCALS]}
    if isinstance(value, (list, tuple)) and depth < 3:
        return [_shown(item, "", depth + 1) for item in value[:MOST_LOCALS]]
    return f"<{type(value).__name__}>"


def _one_line(text: str) -> str:
    """Control characters as escapes: whoever chose the text must not be able to write lines of his own."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == " " else repr(char)[1:-1] for char in text)
