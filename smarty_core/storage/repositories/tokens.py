"""Stream tokens in SQL: written by the process that gives an address, read by whichever the video server asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smarty_core.storage.models import DataCenter, StreamService, StreamToken
from smarty_core.storage.repositories.streams import ServiceFacts, service_facts

CLEAN_BATCH = 2000


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A stored token. `names`: what the video server may call the content. `account_id` is 0 when nobody owns it."""

    token_hash: str
    account_id: int
    names: tuple[str, ...]
    ip: str
    check_ip: bool
    max_sessions: int
    expires_at: datetime
    max_expires_at: datetime
    service: ServiceFacts


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


def add(session: Session, token: NewToken) -> None:
    session.add(
        StreamToken(
            token_hash=token.token_hash,
            client_id=token.client_id,
            account_id=token.account_id,
            session_id=token.session_id,
            stream_service_id=token.stream_service_id,
            content_type=token.content_type,
            content_id=token.content_id,
            content_name=_join(token.names),
            ip=token.ip,
            check_ip=token.check_ip,
            max_sessions=token.max_sessions,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
            max_expires_at=token.max_expires_at,
        )
    )


def find(session: Session, token_hash: str) -> TokenRow | None:
    query = (
        select(StreamToken, StreamService, DataCenter.enabled)
        .join(StreamService, StreamService.id == StreamToken.stream_service_id)
        .outerjoin(DataCenter, DataCenter.id == StreamService.data_center_id)
        .where(StreamToken.token_hash == token_hash)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, service, center = found
    return TokenRow(
        token_hash=row.token_hash,
        account_id=row.account_id or 0,
        names=tuple(row.content_name.split("\n")) if row.content_name else (),
        ip=row.ip,
        check_ip=row.check_ip,
        max_sessions=row.max_sessions,
        expires_at=row.expires_at,
        max_expires_at=row.max_expires_at,
        service=service_facts(service, center_enabled=center is not False),
    )


def prolong(session: Session, token_hash: str, until: datetime) -> None:
    """Move the end of a token's life; of two checks at once the later end stays."""
    session.execute(
        update(StreamToken)
        .where(StreamToken.token_hash == token_hash, StreamToken.expires_at < until)
        .values(expires_at=until)
        .execution_options(synchronize_session=False)
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
