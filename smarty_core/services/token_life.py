"""The rules of a stream token, pure: how long it lives, what its content may be called, whose address counts."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

from smarty_core.storage.repositories.streams import ServiceFacts

_MEDIA_PART = re.compile(
    r"/(?:(?:index|mono|video|archive|timeshift\w*|rewind|preview|manifest)[^/]*\.(?:m3u8|mpd|ts|mp4|jpg)"
    r"|mpegts|archive/\d+/\w+(?:/mpegts)?|timeshift\w*/\d+)$",
    re.IGNORECASE,
)


class LifeSettings(Protocol):
    """The settings that rule a token's life, all in seconds."""

    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_TTL: int
    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_MAX_TTL: int
    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_PROLONGATION_THRESHOLD_TTL: int
    TVMIDDLEWARE_STREAM_SERVICE_AUTH_DURATION: int


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The rules of a token's life, pure. All in seconds."""

    ttl: int = 3600
    max_ttl: int = 10_800
    threshold: int = 360
    auth_duration: int = 180

    @classmethod
    def of(cls, settings: LifeSettings) -> Lifetime:
        return cls(
            settings.TVMIDDLEWARE_STREAM_SERVICE_TOKEN_TTL,
            settings.TVMIDDLEWARE_STREAM_SERVICE_TOKEN_MAX_TTL,
            settings.TVMIDDLEWARE_STREAM_SERVICE_TOKEN_PROLONGATION_THRESHOLD_TTL,
            settings.TVMIDDLEWARE_STREAM_SERVICE_AUTH_DURATION,
        )

    def first(self, issued: datetime) -> tuple[datetime, datetime]:
        """When a token issued now ends, and when at the latest."""
        latest = issued + timedelta(seconds=max(1, self.max_ttl))
        return min(issued + timedelta(seconds=max(1, self.ttl)), latest), latest

    def prolonged(self, expires: datetime, latest: datetime, now: datetime) -> datetime:
        """The end of a good token's life after a check at `now`; never earlier than before."""
        if (expires - now).total_seconds() >= self.threshold:
            return expires
        return max(expires, min(now + timedelta(seconds=max(1, self.ttl)), latest))

    def ask_again(self, expires: datetime, now: datetime) -> int:
        """Seconds until the video server should ask again: in time to prolong, and at least one."""
        left = math.floor((expires - now).total_seconds())
        return max(1, min(self.auth_duration, left - 1))

    def steady_until(self, expires: datetime, latest: datetime) -> datetime:
        """Until then every check is answered alike: nothing is prolonged, `ask_again` gives the same."""
        least = max(1, self.auth_duration) + 1
        return expires - timedelta(seconds=least if expires >= latest else max(least, self.threshold))


@lru_cache(maxsize=20_000)
def server_names(prefix: str, mask_id: str, address: str) -> tuple[str, ...]:
    """What a video server may call the content: its prefix or id, and these with the folders before them in `address`.

    `http://host/live/news/index.m3u8` of prefix `news` is `news` or `live/news` to its server.
    """
    names = [name for name in (prefix.strip("/"), mask_id) if name]
    path = unquote(urlsplit(address).path).strip("/")
    steps = path.split("/")
    for name in list(names):
        size = name.count("/") + 1
        for at in range(1, len(steps) - size + 1):
            if "/".join(steps[at : at + size]) == name:
                names.extend("/".join(steps[first : at + size]) for first in range(at - 1, -1, -1))
    return tuple(dict.fromkeys(name for name in names if "\n" not in name))


def is_name_of(given: str, names: tuple[str, ...]) -> bool:
    """Whether the name a server sent means this content; it may have a media file or slashes around it."""
    if given in names:
        return True
    bare = given.partition("?")[0].strip("/")
    spellings = {bare, unquote(bare)}
    spellings |= {_MEDIA_PART.sub("", spelling) for spelling in spellings}
    return bool(spellings & set(names))


def is_server(service: ServiceFacts, caller: str) -> bool:
    """Whether the address `caller` is that of the video server; only it is believed about viewers."""
    places = {service.host, urlsplit(service.mask).hostname or ""} - {""}
    return bool(caller) and any(same_ip(caller, place) for place in places)


def same_ip(left: str, right: str) -> bool:
    """Whether both are one address; IPv4 inside IPv6 is unwrapped, what is no address is like nothing."""
    try:
        one, two = ip_address(left.strip()), ip_address(right.strip())
    except ValueError:
        return False
    return one == two or (getattr(one, "ipv4_mapped", None) or one) == (getattr(two, "ipv4_mapped", None) or two)
