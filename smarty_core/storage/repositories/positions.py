"""Where viewers stopped, and which channels they watched last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smarty_core.storage.base import owned_by
from smarty_core.storage.models import Account, AccountChannel, ContentPosition

KEY = ("account_id", "content_type", "content_id", "asset_id")


def positions(session: Session, client_id: int, account_id: int) -> list[ContentPosition]:
    query = select(ContentPosition).where(
        ContentPosition.account_id == account_id, owned_by(ContentPosition.client_id, client_id)
    )
    return list(session.scalars(query))


def save_position(session: Session, values: dict[str, Any]) -> None:
    """Store a position over an older one. An account that is gone meanwhile is passed over."""
    wanted = [getattr(ContentPosition, name) == values[name] for name in KEY]
    changed = {name: value for name, value in values.items() if name not in KEY and name != "client_id"}
    change = (
        update(ContentPosition).where(*wanted, ContentPosition.updated_at <= values["updated_at"]).values(**changed)
    )
    if _changed(session, change):
        return
    if session.scalar(select(ContentPosition.id).where(*wanted)) is not None:
        _changed(session, change)  # nothing when ours is the older one; another process may just have made the row
        return
    _insert(session, ContentPosition(**values), change)


def delete_positions(
    session: Session, client_id: int, account_id: int, content_type: str, content_id: int, asset_id: int | None
) -> None:
    """Remove the position of an asset, or with None of the whole content."""
    wanted = [
        owned_by(ContentPosition.client_id, client_id),
        ContentPosition.account_id == account_id,
        ContentPosition.content_type == content_type,
        ContentPosition.content_id == content_id,
    ]
    if asset_id is not None:
        wanted.append(ContentPosition.asset_id == asset_id)
    session.execute(delete(ContentPosition).where(*wanted))


def delete_old(session: Session, content_type: str, before: datetime, limit: int) -> int:
    """Remove at most `limit` positions last changed before a moment; how many."""
    query = select(ContentPosition.id).where(
        ContentPosition.content_type == content_type, ContentPosition.updated_at < before
    )
    ids = list(session.scalars(query.limit(limit)))
    if ids:
        session.execute(delete(ContentPosition).where(ContentPosition.id.in_(ids)))
    return len(ids)


def save_watched(session: Session, client_id: int, account_id: int, channel_id: int, at: datetime) -> None:
    """Note that an account watched a channel. An account or a channel that is gone meanwhile is passed over."""
    change = (
        update(AccountChannel)
        .where(
            AccountChannel.account_id == account_id,
            AccountChannel.channel_id == channel_id,
            owned_by(AccountChannel.client_id, client_id),
        )
        .values(last_watched_at=at)
    )
    if not _changed(session, change):
        row = AccountChannel(
            client_id=client_id,
            account_id=account_id,
            channel_id=channel_id,
            is_favorited=False,
            is_hidden=False,
            last_watched_at=at,
        )
        _insert(session, row, change)


def save_last_channel(session: Session, client_id: int, account_id: int, channel_id: int) -> None:
    """Note the channel an account watches, if the account is still there."""
    change = (
        update(Account)
        .where(Account.id == account_id, Account.client_id == client_id)
        .values(last_channel_id=channel_id, updated_at=Account.updated_at)
    )
    try:
        with session.begin_nested():
            _changed(session, change)
    except IntegrityError:
        return  # the channel is gone meanwhile


def _changed(session: Session, statement: Any) -> bool:
    result: CursorResult[Any] = session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[assignment]
    return result.rowcount > 0


def _insert(session: Session, row: Any, otherwise: Any) -> None:
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        _changed(session, otherwise)  # another process was quicker, or what the row refers to is gone
