"""Stream tokens in SQL. A token carries what it grants; stored is only that one lives longer than it says by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from smarty_core.storage.models import Account, StreamToken
from smarty_core.storage.models import Session as SessionRow

CLEAN_BATCH = 2000

_TOKENS = cast("Table", StreamToken.__table__)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token grants. Ids are 0 where there is none; `names`: what the video server may call the content; `ip`:
    the viewer's address, empty when it is not known; `max_sessions` 0 = no limit. `issued_at` is aware UTC."""

    client_id: int
    account_id: int
    session_id: int
    stream_service_id: int
    content_type: str
    content_id: int
    names: tuple[str, ...]
    ip: str
    check_ip: bool
    max_sessions: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token with a row of its own: `expires_at` has been moved since it was issued."""

    grant: Grant
    expires_at: datetime
    max_expires_at: datetime


Ends = Mapping[str, tuple[Grant, datetime, datetime]]
"""By the hash of a token: what it grants, its new end, and the end it may have at the latest."""


def find(session: Session, token_hash: str) -> StoredToken | None:
    row = session.connection().execute(_FIND, {"wanted": token_hash}).first()
    if row is None:
        return None
    grant = Grant(
        client_id=row.client_id,
        account_id=row.account_id or 0,
        session_id=row.session_id or 0,
        stream_service_id=row.stream_service_id,
        content_type=row.content_type,
        content_id=row.content_id,
        names=_split(row.content_name),
        ip=row.ip,
        check_ip=row.check_ip,
        max_sessions=row.max_sessions,
        issued_at=row.issued_at,
    )
    return StoredToken(grant, row.expires_at, row.max_expires_at)


_FIND = select(_TOKENS).where(_TOKENS.c.token_hash == bindparam("wanted"))


def are_held(session: Session, grants: Collection[Grant]) -> frozenset[Grant]:
    """Those whose session, or without one whose account, is still there."""
    sessions = set(session.scalars(select(SessionRow.id).where(SessionRow.id.in_({g.session_id for g in grants}))))
    nameless = {grant.account_id for grant in grants if not grant.session_id}
    accounts = set(session.scalars(select(Account.id).where(Account.id.in_(nameless)))) if nameless - {0} else set()
    return frozenset(
        grant
        for grant in grants
        if (grant.session_id in sessions if grant.session_id else grant.account_id in {0, *accounts})
    )


def store_ends(session: Session, ends: Ends) -> None:
    """Move the ends of tokens' lives, in the order of their hashes; of two ends the later one stays.

    Tokens whose session is gone are passed over. Raises `IntegrityError` when another process stores one of them, or a
    session ends, at this very moment: nothing is written then, and it may be tried again.
    """
    order = sorted(ends)
    known = set(session.scalars(select(_TOKENS.c.token_hash).where(_TOKENS.c.token_hash.in_(order))))
    rows = [_row(token_hash, *ends[token_hash]) for token_hash in order if token_hash not in known]
    if rows:
        held = are_held(session, [ends[row["token_hash"]][0] for row in rows])
        rows = [row for row in rows if ends[row["token_hash"]][0] in held]
    if rows:
        session.connection().execute(_ADD, rows)
    if known:
        moved = [{"wanted": token_hash, "until": ends[token_hash][1]} for token_hash in order if token_hash in known]
        session.connection().execute(_PROLONG, moved)


_ADD = insert(_TOKENS)
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


def _row(token_hash: str, grant: Grant, until: datetime, latest: datetime) -> dict[str, Any]:
    return {
        "token_hash": token_hash,
        "client_id": grant.client_id,
        "account_id": grant.account_id or None,
        "session_id": grant.session_id or None,
        "stream_service_id": grant.stream_service_id,
        "content_type": grant.content_type,
        "content_id": grant.content_id,
        "content_name": "\n".join(grant.names),
        "ip": grant.ip,
        "check_ip": grant.check_ip,
        "max_sessions": grant.max_sessions,
        "issued_at": grant.issued_at,
        "expires_at": until,
        "max_expires_at": latest,
    }


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split("\n")) if names else ()
