"""Tokens in stream addresses: given to a viewer, asked about by the video server that plays to him.

A token lives TTL seconds. A check made when less than the threshold is left prolongs it by TTL again, never past
MAX_TTL after it was issued. It is good for one content, and for one address where the stream service says so. It says
itself what it grants, signed (see `token_form`), so giving one costs no database. Stored is what it cannot say itself:
that it was prolonged; and whether its session still lives. A check answers from memory while neither has changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from smarty_core.contracts.stream_router import TokenFacts
from smarty_core.errors import SmartyError, StorageError
from smarty_core.services.remembered import Remembered
from smarty_core.services.token_form import TokenForm
from smarty_core.services.token_life import LifeSettings, Lifetime, is_name_of, is_server, same_ip, server_names
from smarty_core.services.token_memory import CheckedToken, KnownToken, TokenMemory
from smarty_core.services.token_prolonging import Prolongations
from smarty_core.storage.cache import TagVersions
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import streams
from smarty_core.storage.repositories import tokens as rows
from smarty_core.storage.repositories.streams import ServiceFacts
from smarty_core.storage.repositories.tokens import Grant
from smarty_core.storage.vault import key_hash

__all__ = ["CheckedToken", "ServerHeaders", "StreamTokens", "TokenFor", "TokenRefused"]

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

STAND_IN: Final = "stand-in-for-the-token-0123456789"
"""What a router is given before the token is there: a token also says by which names the server may call the content,
and these are only known once the router has made an address."""

_STORED_FORM = re.compile(r"[0-9a-f]{32}", re.ASCII)
"""Tokens that an earlier release stored; their addresses are in use for some hours."""


class TokenRefused(SmartyError):
    """The token is not good. `code`: 1 expired or unknown, 2 for other content, 3 for another address."""

    def __init__(self, code: int) -> None:
        super().__init__(MESSAGES[code])
        self.code = code


class ServerHeaders(NamedTuple):
    """What video servers that pass on the viewer's query say in headers: X-Real-Ip, X-Real-Path, X-Channel-Id."""

    ip: str = ""
    path: str = ""
    channel: str = ""


NO_HEADERS: Final = ServerHeaders()


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

    def __init__(self, *, database: Database, tag_versions: TagVersions, settings: LifeSettings, key: bytes) -> None:
        self._database = database
        self.lifetime = Lifetime.of(settings)
        self.prolongations = Prolongations(database)
        self._form = TokenForm(key)
        self._memory = TokenMemory(tag_versions)
        self._services: Remembered[ServiceFacts | None] = Remembered(tag_versions.vector, limit=SERVICES_KEPT)

    def issue(self, wanted: TokenFor, *, now: datetime, address: str = "") -> str:
        """A new token, good in every process as long as its session lives. `address`: with `STAND_IN`."""
        grant = Grant(
            client_id=wanted.client_id,
            account_id=wanted.account_id or 0,
            session_id=wanted.session_id or 0,
            stream_service_id=wanted.service.id,
            content_type=wanted.content_type,
            content_id=wanted.content_id,
            names=server_names(wanted.prefix, wanted.mask_id or str(wanted.content_id), address),
            ip=wanted.ip,
            check_ip=wanted.service.check_ip,
            max_sessions=wanted.max_sessions,
            issued_at=now.replace(microsecond=0),
        )
        return self._form.write(grant)

    def check(
        self, token: str, name: str, ip: str, now: datetime, *, caller: str = "", headers: ServerHeaders = NO_HEADERS
    ) -> CheckedToken:
        """What is known of a good token. Raises `TokenRefused`, and `StorageError` when nobody can say.

        Empty `name` and `ip` were not sent. What `headers` say counts provided that `caller` is the video server the
        token was issued for.
        """
        known = self._find(token, now)
        if known is None:
            raise TokenRefused(EXPIRED)
        refused = _obstacle(known, name, ip, caller, headers)
        if refused:
            raise TokenRefused(refused)
        self._prolong(known, token, now)
        if known.checked is not None and now < known.steady_until:
            return known.checked
        facts = TokenFacts(
            account_id=known.grant.account_id,
            auth_duration=self.lifetime.ask_again(known.expires_at, now),
            max_sessions=known.grant.max_sessions,
        )
        checked = CheckedToken(facts, known.service)
        if now < known.steady_until:
            known.checked = checked
        return checked

    def vouched(self, token: str, name: str, ip: str, now: datetime) -> TokenFacts:
        """What a token says by itself, for when nobody can be asked whether its session lives and it was prolonged.

        It is good as long as it could be at most. Raises `TokenRefused`.
        """
        grant = self._form.read(token)
        if grant is None or now >= self.lifetime.first(grant.issued_at)[1]:
            raise TokenRefused(EXPIRED)
        if name and not is_name_of(name, grant.names):
            raise TokenRefused(OTHER_CONTENT)
        if grant.check_ip and not same_ip(ip, grant.ip):
            raise TokenRefused(OTHER_IP)
        return TokenFacts(grant.account_id, self.lifetime.auth_duration, grant.max_sessions)

    def remembered(
        self, token: str, name: str, ip: str, now: datetime, *, caller: str = "", headers: ServerHeaders = NO_HEADERS
    ) -> CheckedToken | None:
        """The same without waiting: what was said of the token before, with the headers of that answer.

        None when the answer is no, or when a database or a router must be asked before it is known.
        """
        known = self._memory.find(token)
        if known is None or now >= known.steady_until:
            return None
        checked, grant = known.checked, known.grant
        if checked is None or checked.headers is None:
            return None
        if name in grant.names and ip and ip == grant.ip and not headers.path:  # what nearly every video server asks
            return checked
        return None if _obstacle(known, name, ip, caller, headers) else checked

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
        known = self._memory.find(token)
        if known is not None and known.expires_at > now:
            return known
        grant = self._form.read(token)
        if (grant is None and not _STORED_FORM.fullmatch(token)) or self._memory.is_refused(token):
            return None
        known = self._memory.learn(token, lambda: self._read(token, grant))  # perhaps another process has prolonged it
        if known is None or known.expires_at <= now:
            self._memory.refuse(token)
            return None
        return known

    def _read(self, token: str, grant: Grant | None) -> KnownToken | None:
        hashed = key_hash(token)
        noted = self.prolongations.noted(hashed)  # read first: a note that is gone by now is stored
        with self._database.read_master() as session:  # a replica may not have it yet
            stored = rows.find(session, hashed)
            if stored is None and (grant is None or not rows.are_held(session, [grant])):
                return None
        if stored is None:
            assert grant is not None
            expires, latest = self.lifetime.first(grant.issued_at)
        else:
            grant, expires, latest = stored.grant, stored.expires_at, stored.max_expires_at
        service = self._service(grant)
        if service is None:
            return None
        until = expires if noted is None else max(noted, expires)
        return KnownToken(grant, latest, expires, service, until, self.lifetime.steady_until(until, latest))

    def _service(self, grant: Grant) -> ServiceFacts | None:
        def build() -> ServiceFacts | None:
            with self._database.read() as session:
                return streams.service(session, grant.client_id, grant.stream_service_id)

        client = f"client:{grant.client_id}"
        tags = (client, f"{client}:channels", f"{client}:tariffs")
        return self._services.get((grant.client_id, grant.stream_service_id), tags=tags, build=build)

    def _prolong(self, known: KnownToken, token: str, now: datetime) -> None:
        until = self.lifetime.prolonged(known.expires_at, known.max_expires_at, now)
        if until <= known.expires_at:
            return
        hashed, note = key_hash(token), (known.grant, until, known.max_expires_at)
        waits = self.prolongations.noted(hashed) is not None
        stored_end = known.stored_until if waits else known.expires_at
        if (stored_end - now).total_seconds() > self.lifetime.ask_again(until, now) + SPARE_SECONDS:
            # Should the note be lost, the server asks once more before the token ends by what is stored.
            if not self.prolongations.note(hashed, note):
                return
        else:
            try:
                self.prolongations.write_now(hashed, note)
            except StorageError:
                return  # the token is good until its end: the server is told to ask again before
        known.expires_at = until
        known.steady_until = self.lifetime.steady_until(until, known.max_expires_at)


def _obstacle(known: KnownToken, name: str, ip: str, caller: str, headers: ServerHeaders) -> int:
    """The code of a refusal, 0 when there is none."""
    grant = known.grant
    if headers.path:
        # Such a server passes on the query of the viewer, who may write there what he likes: only headers count.
        name = ip = ""
        if is_server(known.service, caller) and headers.channel not in grant.names:
            name = headers.path
    if name and not is_name_of(name, grant.names):
        return OTHER_CONTENT
    if grant.check_ip and not (ip and ip == grant.ip):
        if not ip and is_server(known.service, caller):
            ip = headers.ip
        if not same_ip(ip, grant.ip):
            return OTHER_IP
    return 0
