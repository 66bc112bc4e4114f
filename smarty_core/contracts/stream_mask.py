"""Masks of stream addresses: text with variables, filled from a `PlayRequest`. For every router that knows masks.

`$prefix` name of the content on the server, `$token` token, `$cid` id of the content, `$flpbt` / `$flpet` begin and end
of the window (Unix seconds), `$flpdur` its length in seconds (up to the present while it is on air, the word `now` for
paused live), `$duration` the same always in seconds, `$offset` seconds from its begin to the present, `$utc` the
present Unix time, `$ip`, `$abonement`, `$account`, `$device`, `$device_uid`, `$dc` data centre, `$shift` hours of time
shift, `$audio_pid`, `$text_pid`, `$video_pid` the tracks a device asked for. `$$` is a dollar sign, `${prefix}` where a
letter follows. Values are URL-quoted; in the path a `$prefix` may hold slashes.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from smarty_core.contracts.stream_router import PlayRequest


def _unix(moment: datetime | None) -> str:
    return "" if moment is None else str(int(moment.timestamp()))


def _now(request: PlayRequest) -> datetime:
    return request.now or datetime.now(UTC)


def _length_or_now(request: PlayRequest) -> str:
    # Documented: for tv_pause=1 the duration in a Flussonic address becomes this word.
    return "now" if request.timeshift and request.start is not None else _duration(request)


def _duration(request: PlayRequest) -> str:
    return _seconds(request.start, request.stop or _now(request))


def _seconds(start: datetime | None, end: datetime) -> str:
    return "" if start is None else str(max(0, int(end.timestamp()) - int(start.timestamp())))


VARIABLES: Final[Mapping[str, Callable[[PlayRequest], str]]] = {
    "prefix": lambda request: request.prefix,
    "token": lambda request: request.token,
    "cid": lambda request: request.content_id,
    "flpbt": lambda request: _unix(request.start),
    "flpet": lambda request: _unix(request.stop),
    "flpdur": _length_or_now,
    "duration": _duration,
    "offset": lambda request: _seconds(request.start, _now(request)),
    "utc": lambda request: _unix(_now(request)),
    "ip": lambda request: request.ip,
    "abonement": lambda request: request.abonement,
    "account": lambda request: str(request.account_id or ""),
    "device": lambda request: request.device,
    "device_uid": lambda request: request.device_uid,
    "dc": lambda request: "" if request.data_center_id is None else str(request.data_center_id),
    "shift": lambda request: str(request.shift_hours),
    "audio_pid": lambda request: request.audio_pid,
    "text_pid": lambda request: request.text_pid,
    "video_pid": lambda request: request.video_pid,
}
"""Name of a variable -> its value."""

ARCHIVE_VARIABLES: Final = frozenset({"flpbt", "flpet", "flpdur", "duration", "offset"})
"""Variables that have no value while live."""

VIEWER_VARIABLES: Final = frozenset(
    {"token", "ip", "abonement", "account", "device", "device_uid", "audio_pid", "text_pid", "video_pid"}
)
"""Variables that have no value in a list, which many viewers share."""

_IN_PATH: Final = "/-._~"
"""What stays as it is in `$prefix` before a query: a stream's name may be a path."""


def variables(mask: str) -> frozenset[str]:
    """Names of the variables in `mask`."""
    return frozenset(string.Template(mask).get_identifiers())


def mask_problems(mask: str, *, live: bool) -> list[str]:
    """What is wrong with `mask`, in words for the operator; `live`: it is used for the live picture."""
    if not string.Template(mask).is_valid():
        return ["a $ that begins no variable; write $$ for a dollar sign"]
    unknown = sorted(variables(mask) - VARIABLES.keys())
    problems = [f"unknown variable ${name} in the mask {mask!r}; known: {', '.join(VARIABLES)}" for name in unknown]
    if live and variables(mask) & ARCHIVE_VARIABLES:
        problems.append(f"${min(variables(mask) & ARCHIVE_VARIABLES)} has no value while live")
    return problems


def static_problems(mask: str) -> list[str]:
    """What keeps `mask` from being filled when a list is built, in words for the operator."""
    return [
        f"${name} has no value in the mask {mask!r}: with static routing an address is made for all viewers of a list"
        for name in sorted(variables(mask) & VIEWER_VARIABLES)
    ]


def clean_prefix(prefix: str) -> str:
    """`prefix` without empty, `.` and `..` steps: they would climb out of the place the address means."""
    return "/".join(step for step in prefix.split("/") if step not in ("", ".", ".."))


@lru_cache(maxsize=20_000)
def path_of(prefix: str) -> str:
    """`prefix` as a part of a path."""
    return quote(clean_prefix(prefix), safe=_IN_PATH)


def fill_mask(mask: str, request: PlayRequest) -> str:
    """`mask` with its variables replaced by what `request` says. Raises `ValueError`, `KeyError` for a mask that
    `mask_problems` objects to."""
    if not mask:
        return ""
    return "".join([piece if isinstance(piece, str) else piece(request) for piece in _pieces(mask)])


_Piece = str | Callable[[PlayRequest], str]


@lru_cache(maxsize=4096)
def _pieces(mask: str) -> tuple[_Piece, ...]:
    """A mask taken apart once: its text, and what makes the value of each variable."""
    path, mark, query = mask.partition("?")
    return (*_taken_apart(path, _path_value), *((mark, *_taken_apart(query, _value)) if mark else ()))


def _taken_apart(text: str, value_of: Callable[[str], _Piece]) -> Iterator[_Piece]:
    at = 0
    for found in string.Template.pattern.finditer(text):
        yield text[at : found.start()]
        name = found["named"] or found["braced"]
        if name is not None:
            yield value_of(name)
        elif found["escaped"] is not None:
            yield "$"
        else:
            raise ValueError(f"a $ that begins no variable in the mask {text!r}")
        at = found.end()
    yield text[at:]


def _value(name: str) -> _Piece:
    if name == "prefix":
        return lambda request: quote(clean_prefix(request.prefix), safe="")
    value = VARIABLES[name]
    return lambda request: quoted(value(request))


def quoted(text: str) -> str:
    """`text` as a part of a path or query (RFC 3986); most values are fit as they are."""
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="")


_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII)


def _path_value(name: str) -> _Piece:
    return (lambda request: path_of(request.prefix)) if name == "prefix" else _value(name)
