"""Tokens in stream addresses: given to a viewer, asked about by the video server that plays to him.

A token lives TTL seconds. A check made when less than the threshold is left prolongs it by TTL again, never past
MAX_TTL after it was issued. It is good for one content, and for one address where the stream service says so. What is
stored is a SHA-256, in SQL, so that every process and host answers alike. Tokens that are issued at the same time are
committed together; a check answers from memory while nothing behind the token has changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError

from smarty_core.contracts.stream_router import TokenFacts
from smarty_core.errors import Refused, SmartyError, StorageError
from smarty_core.services.remembered import Remembered
from smarty_core.services.token_life import LifeSettings, Lifetime, believed_ip, is_name_of, same_ip, server_names
from smarty_core.services.token_memory import CheckedToken, KnownToken, TokenMemory
from smarty_core.services.token_prolonging import Prolongations
from smarty_core.storage.cache import TagVersions
from smarty_core.storage.database import Database
from smarty_core.storage.group_commit import GroupCommit
from smarty_core.storage.repositories import streams
from smarty_core.storage.repositories import tokens as rows
from smarty_core.storage.repositories.streams import ServiceFacts
from smarty_core.storage.repositories.tokens import NewToken
from smarty_core.storage.vault import key_hash, new_stream_token

__all__ = ["CheckedToken", "StreamTokens", "TokenFor", "TokenRefused"]

EXPIRED: Final = 1
OTHER_CONTENT: Final = 2
OTHER_IP: Final = 3
MESSAGES: Final = {
    EXPIRED: "the token has expired or was never issued",
    OTHER_CONTENT: "the token was issued for other content",
    OTHER_IP: "the token was issued for another address",
}

SPARE_SECONDS: Final = 10
"""How much longer than to its next check a token must live by what is stored, to have its new end written later."""

SERVICES_KEPT: Final = 10_000

_FORM = re.compile(r"[0-9a-f]{32}", re.ASCII)
"""What `new` makes; nothing else is looked for."""


class TokenRefused(SmartyError):
    """The token is not good. `code`: 1 expired or unknown, 2 for other content, 3 for another address."""

    def __init__(self, code: int) -> None:
        super().__init__(MESSAGES[code])
        self.code = code


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

    def __init__(self, *, database: Database, tag_versions: TagVersions, settings: LifeSettings) -> None:
        self._database = database
        self.lifetime = Lifetime.of(settings)
        self.prolongations = Prolongations(database)
        self._memory = TokenMemory(tag_versions)
        self._services: Remembered[ServiceFacts | None] = Remembered(tag_versions.vector, limit=SERVICES_KEPT)
        self._group = GroupCommit(self._store)

    def new(self) -> str:
        """A token nobody can guess; good once it is `issue`d."""
        return new_stream_token()

    def issue(self, wanted: TokenFor, *, now: datetime, token: str = "", address: str = "") -> str:
        """Store a token (one of `new` unless `token` is given) and return it: from now on every process knows it.

        Raises `Refused` with reason `session_ended` when the session or account went away meanwhile, `StorageError`
        when the database does not take it.
        """
        token = token or self.new()
        expires, latest = self.lifetime.first(now)
        row = NewToken(
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
        self._memory.learn(lambda: self._stored(row))
        return token

    def check(
        self, token: str, name: str, ip: str, now: datetime, *, caller: str = "", real_ip: str = ""
    ) -> CheckedToken:
        """What is known of a good token. Raises `TokenRefused`, and `StorageError` when nobody can say.

        Empty `name` and `ip` were not sent; then `real_ip` (header X-Real-Ip) counts, provided that `caller` is the
        video server the token was issued for.
        """
        known = self._find(token, now)
        if known is None:
            raise TokenRefused(EXPIRED)
        refused = _obstacle(known, name, ip, caller, real_ip)
        if refused:
            raise TokenRefused(refused)
        self._prolong(known, now)
        if known.checked is not None and now < known.steady_until:
            return known.checked
        facts = TokenFacts(
            account_id=known.row.account_id,
            auth_duration=self.lifetime.ask_again(known.expires_at, now),
            max_sessions=known.row.max_sessions,
        )
        checked = CheckedToken(facts, known.service)
        if now < known.steady_until:
            known.checked = checked
        return checked

    def remembered(
        self, token: str, name: str, ip: str, now: datetime, *, caller: str = "", real_ip: str = ""
    ) -> CheckedToken | None:
        """The same without waiting: what was said of the token before, with the headers of that answer.

        None when the answer is no, or when a database or a router must be asked before it is known.
        """
        known = self._memory.find(key_hash(token))
        if known is None or now >= known.steady_until:
            return None
        checked, row = known.checked, known.row
        if checked is None or checked.headers is None:
            return None
        if name in row.names and ip and ip == row.ip:  # what nearly every video server asks
            return checked
        return None if _obstacle(known, name, ip, caller, real_ip) else checked

    def clean(self, now: datetime) -> int:
        """Delete expired tokens, in small transactions; how many went. The job `clean_stream_tokens`."""
        total = 0
        while True:
            with self._database.write() as session:
                removed = rows.remove_expired(session, now)
            total += removed
            if removed < rows.CLEAN_BATCH:
                return total

    def start(self) -> None:
        """Begin to write prolongations in the background; called by the server, not by commands."""
        self.prolongations.start()

    def close(self) -> None:
        """Write what is still waiting and stop."""
        self.prolongations.close()

    def _find(self, token: str, now: datetime) -> KnownToken | None:
        if not _FORM.fullmatch(token):
            return None
        hashed = key_hash(token)
        known = self._memory.find(hashed)
        if known is not None and known.expires_at > now:
            return known
        if self._memory.is_refused(hashed):
            return None
        known = self._memory.learn(lambda: self._read(hashed))  # perhaps another process has prolonged it
        if known is None or known.expires_at <= now:
            self._memory.refuse(hashed)
            return None
        return known

    def _read(self, hashed: str) -> KnownToken | None:
        noted = self.prolongations.noted(hashed)  # read first: a note that is gone by now is stored
        with self._database.read_master() as session:  # a replica may not have it yet
            row = rows.find(session, hashed)
        if row is None:
            return None
        return self._known(row, row.expires_at if noted is None else max(noted, row.expires_at))

    def _stored(self, row: NewToken) -> KnownToken | None:
        try:
            self._group.put(row)
        except IntegrityError as exc:
            with self._database.read_master() as session:
                # A connection may be lost after the commit and before its confirmation.
                if rows.find(session, row.token_hash) != row.stored:
                    raise Refused("session_ended", "the session or the stream service was removed") from exc
        try:
            return self._known(row.stored, row.expires_at)
        except StorageError:
            return None  # it is stored; the first check reads it

    def _store(self, group: Sequence[NewToken]) -> None:
        with self._database.write() as session:
            rows.add(session, *group)

    def _known(self, row: rows.TokenRow, expires: datetime) -> KnownToken | None:
        def build() -> ServiceFacts | None:
            with self._database.read() as session:
                return streams.service(session, row.client_id, row.stream_service_id)

        client = f"client:{row.client_id}"
        tags = (client, f"{client}:channels", f"{client}:tariffs")
        service = self._services.get((row.client_id, row.stream_service_id), tags=tags, build=build)
        if service is None:
            return None
        return KnownToken(row, service, expires, self.lifetime.steady_until(expires, row.max_expires_at))

    def _prolong(self, known: KnownToken, now: datetime) -> None:
        row, until = known.row, self.lifetime.prolonged(known.expires_at, known.row.max_expires_at, now)
        if until <= known.expires_at:
            return
        waits = self.prolongations.noted(row.token_hash) is not None
        stored_end = row.expires_at if waits else known.expires_at
        if (stored_end - now).total_seconds() > self.lifetime.ask_again(until, now) + SPARE_SECONDS:
            # Should the note be lost, the server asks once more before the token ends by what is stored.
            if not self.prolongations.note(row.token_hash, until):
                return
        else:
            try:
                self.prolongations.write_now(row.token_hash, until)
            except StorageError:
                return  # the token is good until its end: the server is told to ask again before
        known.expires_at = until
        known.steady_until = self.lifetime.steady_until(until, row.max_expires_at)


def _obstacle(known: KnownToken, name: str, ip: str, caller: str, real_ip: str) -> int:
    """The code of a refusal, 0 when there is none."""
    row = known.row
    if name and not is_name_of(name, row.names):
        return OTHER_CONTENT
    if row.check_ip and not (ip and ip == row.ip):
        ip = ip or believed_ip(known.service, caller, real_ip)
        if not same_ip(ip, row.ip):
            return OTHER_IP
    return 0
