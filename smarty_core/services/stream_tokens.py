"""Tokens in stream addresses: given to a viewer, asked about by the video server that plays to him.

A token lives TTL seconds. A check made when less than the threshold is left prolongs it by TTL again, never past
MAX_TTL after it was issued. It is good for one content, and for one address where the stream service says so. What is
stored is a SHA-256, in SQL, so that every process and host answers alike.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy.exc import IntegrityError

from smarty_core.contracts.stream_router import TokenFacts
from smarty_core.errors import Refused, SmartyError
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import tokens as rows
from smarty_core.storage.repositories.streams import ServiceFacts
from smarty_core.storage.repositories.tokens import TokenRow
from smarty_core.storage.vault import key_hash, new_stream_token

EXPIRED: Final = 1
OTHER_CONTENT: Final = 2
OTHER_IP: Final = 3

KEPT_SECONDS: Final = 1.0
"""How long a process answers from memory; a deleted session's token dies everywhere within this time."""
KEPT_TOKENS: Final = 20_000
MAX_TOKEN: Final = 128

_MEDIA_PART = re.compile(
    r"/(?:(?:index|mono|video|archive|timeshift\w*|rewind|preview|manifest)[^/]*\.(?:m3u8|mpd|ts|mp4|jpg)"
    r"|mpegts|archive/\d+/\w+(?:/mpegts)?|timeshift\w*/\d+)$",
    re.IGNORECASE,
)


class TokenRefused(SmartyError):
    """The token is not good. `code`: 1 expired or unknown, 2 for other content, 3 for another address."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


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


@dataclass(frozen=True, slots=True)
class CheckedToken:
    """A good token: what the video server is told, and the service it was issued for."""

    facts: TokenFacts
    service: ServiceFacts


@dataclass(frozen=True, slots=True)
class TokenFor:
    """What a token is issued for. `prefix` and `mask_id` are what masks call the content."""

    client_id: int
    account_id: int | None
    session_id: int | None
    service: ServiceFacts
    content_type: str
    content_id: int
    prefix: str
    mask_id: str = ""
    ip: str = ""
    max_sessions: int = 0


class StreamTokens:
    """Issues and checks tokens. Safe to share between threads."""

    def __init__(self, *, database: Database, settings: LifeSettings) -> None:
        self._database = database
        self.lifetime = Lifetime(
            settings.TVMIDDLEWARE_STREAM_SERVICE_TOKEN_TTL,
            settings.TVMIDDLEWARE_STREAM_SERVICE_TOKEN_MAX_TTL,
            settings.TVMIDDLEWARE_STREAM_SERVICE_TOKEN_PROLONGATION_THRESHOLD_TTL,
            settings.TVMIDDLEWARE_STREAM_SERVICE_AUTH_DURATION,
        )
        self._kept: OrderedDict[str, tuple[float, TokenRow]] = OrderedDict()
        self._guard = threading.Lock()

    def new(self) -> str:
        """A token nobody can guess; good once it is `issue`d."""
        return new_stream_token()

    def issue(self, wanted: TokenFor, *, now: datetime, token: str = "", address: str = "") -> str:
        """Store a token (a new one unless `token` is given) and return it.

        Raises `Refused` with reason `session_ended` when the session or account went away meanwhile.
        """
        token = token or self.new()
        expires, latest = self.lifetime.first(now)
        row = rows.NewToken(
            token_hash=key_hash(token),
            client_id=wanted.client_id,
            account_id=wanted.account_id,
            session_id=wanted.session_id,
            stream_service_id=wanted.service.id,
            content_type=wanted.content_type,
            content_id=wanted.content_id,
            names=server_names(wanted.prefix, wanted.mask_id or str(wanted.content_id), address),
            ip=wanted.ip,
            check_ip=wanted.service.check_ip,
            max_sessions=wanted.max_sessions,
            issued_at=now,
            expires_at=expires,
            max_expires_at=latest,
        )
        try:
            with self._database.write() as session:
                rows.add(session, row)
        except IntegrityError as exc:
            raise Refused("session_ended", "the session or the stream service was removed") from exc
        return token

    def check(
        self, token: str, name: str, ip: str, now: datetime, *, caller: str = "", real_ip: str = ""
    ) -> CheckedToken:
        """What is known of a good token. Raises `TokenRefused`, and `StorageError` when nobody can say.

        Empty `name` and `ip` were not sent; then `real_ip` (header X-Real-Ip) counts, provided that `caller` is the
        video server the token was issued for.
        """
        row = self._find(token)
        if row is None or row.expires_at <= now:
            raise TokenRefused(EXPIRED, "the token has expired or was never issued")
        if name and not is_name_of(name, row.names):
            raise TokenRefused(OTHER_CONTENT, "the token was issued for other content")
        if row.check_ip and not _same_ip(ip or _believed(row.service, caller, real_ip), row.ip):
            raise TokenRefused(OTHER_IP, "the token was issued for another address")
        expires = self.lifetime.prolonged(row.expires_at, row.max_expires_at, now)
        if expires > row.expires_at:
            with self._database.write() as session:
                rows.prolong(session, row.token_hash, expires)
            row = replace(row, expires_at=expires)
            self._keep(row)
        facts = TokenFacts(
            account_id=row.account_id,
            auth_duration=self.lifetime.ask_again(row.expires_at, now),
            max_sessions=row.max_sessions,
        )
        return CheckedToken(facts, row.service)

    def clean(self, now: datetime) -> int:
        """Delete expired tokens, in small transactions; how many went. The job `clean_stream_tokens`."""
        total = 0
        while True:
            with self._database.write() as session:
                removed = rows.remove_expired(session, now)
            total += removed
            if removed < rows.CLEAN_BATCH:
                return total

    def _find(self, token: str) -> TokenRow | None:
        if not token or len(token) > MAX_TOKEN or not token.isascii():
            return None
        hashed = key_hash(token)
        with self._guard:
            kept = self._kept.get(hashed)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        with self._database.read() as session:
            row = rows.find(session, hashed)
        if row is not None:
            self._keep(row)
        return row

    def _keep(self, row: TokenRow) -> None:
        with self._guard:
            self._kept[row.token_hash] = (time.monotonic() + KEPT_SECONDS, row)
            self._kept.move_to_end(row.token_hash)
            while len(self._kept) > KEPT_TOKENS:
                self._kept.popitem(last=False)


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
    bare = given.partition("?")[0].strip("/")
    spellings = {bare, unquote(bare)}
    spellings |= {_MEDIA_PART.sub("", spelling) for spelling in spellings}
    return bool(spellings & set(names))


def _believed(service: ServiceFacts, caller: str, real_ip: str) -> str:
    """The viewer's address from a header: only the video server itself is believed."""
    places = {service.host, urlsplit(service.mask).hostname or ""} - {""}
    return real_ip if caller and any(_same_ip(caller, place) for place in places) else ""


def _same_ip(left: str, right: str) -> bool:
    try:
        one, two = ip_address(left.strip()), ip_address(right.strip())
    except ValueError:
        return False
    return (getattr(one, "ipv4_mapped", None) or one) == (getattr(two, "ipv4_mapped", None) or two)
