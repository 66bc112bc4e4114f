"""Stream tokens in SQL: written by the process that gives an address, read by whichever the video server asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from smarty_core.storage.models import StreamToken

CLEAN_BATCH = 2000

_TOKENS = cast("Table", StreamToken.__table__)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A stored token. `names`: what the video server may call the content. `account_id` is 0 when nobody owns it."""

    token_hash: str
    client_id: int
    account_id: int
    stream_service_id: int
    names: tuple[str, ...]
    ip: str
    check_ip: bool
    max_sessions: int
    expires_at: datetime
    max_expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to store; all times aware UTC."""

    token_hash: str
    client_id: int
    account_id: int | None
    session_id: int | None
    stream_service_id: int
    content_type: str
    content_id: int
    names: tuple[str, ...]
    ip: str
    check_ip: bool
    max_sessions: int
    issued_at: datetime
    expires_at: datetime
    max_expires_at: datetime

    @property
    def stored(self) -> TokenRow:
        """What `find` is going to give for it."""
        return TokenRow(
            token_hash=self.token_hash,
            client_id=self.client_id,
            account_id=self.account_id or 0,
            stream_service_id=self.stream_service_id,
            names=_split(_join(self.names)),
            ip=self.ip,
            check_ip=self.check_ip,
            max_sessions=self.max_sessions,
            expires_at=self.expires_at,
            max_expires_at=self.max_expires_at,
        )


def add(session: Session, *tokens: NewToken) -> None:
    """Store tokens with one statement, in the order of their sessions: the order in which others lock those."""
    rows = [
        {
            "token_hash": token.token_hash,
            "client_id": token.client_id,
            "account_id": token.account_id,
            "session_id": token.session_id,
            "stream_service_id": token.stream_service_id,
            "content_type": token.content_type,
            "content_id": token.content_id,
            "content_name": _join(token.names),
            "ip": token.ip,
            "check_ip": token.check_ip,
            "max_sessions": token.max_sessions,
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "max_expires_at": token.max_expires_at,
        }
        for token in sorted(tokens, key=lambda token: token.session_id or 0)
    ]
    session.connection().execute(_ADD, rows)


_ADD = insert(_TOKENS)


def find(session: Session, token_hash: str) -> TokenRow | None:
    row = session.connection().execute(_FIND, {"wanted": token_hash}).first()
    if row is None:
        return None
    return TokenRow(
        token_hash=token_hash,
        client_id=row.client_id,
        account_id=row.account_id or 0,
        stream_service_id=row.stream_service_id,
        names=_split(row.content_name),
        ip=row.ip,
        check_ip=row.check_ip,
        max_sessions=row.max_sessions,
        expires_at=row.expires_at,
        max_expires_at=row.max_expires_at,
    )


_FIND = select(
    _TOKENS.c.client_id,
    _TOKENS.c.account_id,
    _TOKENS.c.stream_service_id,
    _TOKENS.c.content_name,
    _TOKENS.c.ip,
    _TOKENS.c.check_ip,
    _TOKENS.c.max_sessions,
    _TOKENS.c.expires_at,
    _TOKENS.c.max_expires_at,
).where(_TOKENS.c.token_hash == bindparam("wanted"))


def prolong(session: Session, token_hash: str, until: datetime) -> None:
    """Move the end of a token's life; of two checks at once the later end stays."""
    prolong_all(session, {token_hash: until})


def prolong_all(session: Session, ends: Mapping[str, datetime]) -> None:
    """The same for many tokens, in the order of their hashes."""
    rows = [{"wanted": token_hash, "until": ends[token_hash]} for token_hash in sorted(ends)]
    session.connection().execute(_PROLONG, rows)


_PROLONG = (
    update(_TOKENS)
    .where(_TOKENS.c.token_hash == bindparam("wanted"), _TOKENS.c.expires_at < bindparam("until"))
    .values(expires_at=bindparam("until"))
)


def remove_expired(session: Session, now: datetime, limit: int = CLEAN_BATCH) -> int:
    """Delete up to `limit` tokens that nobody can use any more; how many went."""
    hashes = list(session.scalars(select(StreamToken.token_hash).where(StreamToken.expires_at <= now).limit(limit)))
    if hashes:
        session.execute(
            delete(StreamToken).where(StreamToken.token_hash.in_(hashes)).execution_options(synchronize_session=False)
        )
    return len(hashes)


def _join(names: tuple[str, ...]) -> str:
    """As many names as the column holds, the most usual one first."""
    kept = ""
    for name in names:
        longer = f"{kept}\n{name}" if kept else name
        if len(longer) > 255:
            break
        kept = longer
    return kept


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split("\n")) if names else ()
