"""WMSAuth: a link the server believes by itself, since it is signed with a password both know.

hash = base64(md5(ip + id? + password + time + minutes + signed stream?)), and all but ip, password and stream stand in
the parameter, which is base64 as well.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Link:
    """What is signed. `ip` empty = any address, `stream` empty = every stream, `user` empty = not pay-per-view."""

    moment: datetime
    minutes: int
    ip: str = ""
    stream: str = ""
    user: str = ""


def server_time(moment: datetime) -> str:
    """The form the server reads: 11/14/2023 10:13:20 PM, UTC, no leading zeros in month, day and hour."""
    utc = moment.astimezone(UTC)
    return f"{utc.month}/{utc.day}/{utc.year} {utc.hour % 12 or 12}:{utc:%M:%S} {'AM' if utc.hour < 12 else 'PM'}"


def sign(link: Link, password: str) -> str:
    """The value of `wmsAuthSign`."""
    time = server_time(link.moment)
    key = f"{link.ip}{link.user}{password}{time}{link.minutes}{link.stream}"
    # The server's protocol, not our choice.
    digest = base64.b64encode(hashlib.md5(key.encode(), usedforsecurity=False).digest()).decode("ascii")
    signature = f"server_time={time}&hash_value={digest}&validminutes={link.minutes}"
    if link.stream:
        signature += f"&strm_len={len(link.stream)}"
    if link.user:
        signature += f"&id={link.user}&checkip={'true' if link.ip else 'false'}"
    elif not link.ip:
        signature += "&checkip=false"
    return base64.b64encode(signature.encode()).decode("ascii")
