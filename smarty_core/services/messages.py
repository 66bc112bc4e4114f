"""On-screen messages of an account.

An urgent message is shown at once: AccountStatus tells it, to the first device that asks, and only then is it noted as
told, so it is told at least once. All messages wait in the list until they are opened or deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as SqlSession

from smarty_core.contracts.events import MessageCreated, MessageDeleted, MessageSend
from smarty_core.errors import InvalidValue, NotFound
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.remembered import Remembered
from smarty_core.services.sessions import Viewer
from smarty_core.storage.database import Database, after_commit, bump
from smarty_core.storage.models import Account, Message
from smarty_core.storage.repositories import messages as rows

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

MAX_SUBJECT, MAX_TEXT = 255, 2000
BATCH = 500
ALL = "all"

_log = logging.getLogger("smarty_messaging")


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """A message as its reader sees it."""

    id: int
    uuid: str
    subject: str
    text: str
    urgent: bool
    no_confirmation: bool
    was_read: bool
    was_sent: bool
    created_at: datetime
    expires_at: datetime | None


class Messages:
    """The messages of all accounts. Whatever changes them bumps `account:<id>`."""

    def __init__(self, *, database: Database, cache: Cache, hooks: Hooks, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._hooks = hooks
        self._clock = clock
        self._version = cache.tag_versions.version
        self._unread: Remembered[tuple[MessageFacts, ...]] = Remembered(cache.tag_versions.vector, limit=100_000)

    def create(
        self,
        client_id: int,
        account_id: int,
        subject: str,
        text: str,
        *,
        urgent: bool = True,
        no_confirmation: bool = False,
        delete_after_reading: bool = False,
        expires_at: datetime | None = None,
    ) -> str:
        """Leave a message for an account; its UUID. Raises `InvalidValue` or `NotFound`."""
        left = self.leave(
            client_id, account_id, subject, text, urgent=urgent, no_confirmation=no_confirmation,
            delete_after_reading=delete_after_reading, expires_at=expires_at,
        )  # fmt: skip
        return left.uuid

    def leave(
        self,
        client_id: int,
        account_id: int,
        subject: str,
        text: str,
        *,
        urgent: bool = True,
        no_confirmation: bool = False,
        delete_after_reading: bool = False,
        expires_at: datetime | None = None,
    ) -> MessageFacts:
        """As `create`, but gives the message as it is stored."""
        if "\0" in subject or "\0" in text:
            raise InvalidValue("a message cannot hold the character NUL")
        if expires_at is not None and expires_at.tzinfo is None:
            raise InvalidValue("the end of a message needs a time zone")
        if len(subject) > MAX_SUBJECT or len(text) > MAX_TEXT:
            raise InvalidValue(f"a message has at most {MAX_SUBJECT} characters of subject and {MAX_TEXT} of text")
        with self._database.write() as session:
            found = session.scalar(select(Account.id).where(Account.id == account_id, Account.client_id == client_id))
            if found is None:
                raise NotFound("no such account")
            row = Message(
                client_id=client_id, account_id=account_id, uuid=str(uuid4()), subject=subject, text=text,
                urgent=urgent, no_confirmation=no_confirmation, delete_after_reading=delete_after_reading,
                created_at=self._clock(), expires_at=expires_at,
            )  # fmt: skip
            session.add(row)
            session.flush()
            bump(session, f"account:{account_id}")
            event = MessageCreated(client_id, account_id, subject, text)
            self._hooks.notify_durable(session, "message_created", event=event, order_key=f"account:{account_id}")
        log_event(_log, logging.INFO, "MESSAGE_CREATED", account=account_id, subject=subject, text=text)
        return _facts(row)

    def list_for(self, viewer: Viewer) -> list[MessageFacts]:
        """The account's messages, the newest first."""
        with self._database.read() as session:
            found = rows.messages_of(session, viewer.client_id, viewer.account_id, self._clock())
            return [_facts(row) for row in found]

    def unread(self, viewer: Viewer, now: datetime) -> tuple[MessageFacts, ...]:
        """Messages not opened yet, the oldest first; from memory."""
        if viewer.lacks("messages", self._version):
            return ()

        def build() -> tuple[MessageFacts, ...]:
            with self._database.read() as session:
                found = rows.unread_of(session, viewer.client_id, viewer.account_id)
                return tuple(_facts(row) for row in found)

        kept = self._unread.get(viewer.account_id, tags=(f"account:{viewer.account_id}",), build=build)
        return tuple(message for message in kept if message.expires_at is None or message.expires_at > now)

    def open(self, viewer: Viewer, uuid: str) -> MessageFacts:
        """One message, which counts as read from now on. Raises `InvalidValue` or `NotFound`."""
        uuid = _parsed(uuid)
        with self._database.write() as session:
            row = rows.message(session, viewer.client_id, viewer.account_id, uuid)
            if row is None or (row.expires_at is not None and row.expires_at <= self._clock()):
                raise NotFound("no such message")
            if not row.was_sent:
                self._sent(session, row)
            if row.delete_after_reading:
                facts = _facts(row)
                self._delete(session, [row])
            else:
                if not row.was_read:
                    row.was_read = True
                    bump(session, f"account:{row.account_id}")
                facts = _facts(row)
        return facts

    def told(self, viewer: Viewer, message: MessageFacts) -> None:
        """Note that an urgent message has been given to a device."""
        with self._database.write() as session:
            row = rows.message(session, viewer.client_id, viewer.account_id, message.uuid)
            if row is not None and not row.was_sent:
                self._sent(session, row)

    def delete(self, viewer: Viewer, uuid: str) -> int:
        """Delete one message, or `all` of the account; how many. Raises `InvalidValue`, or `NotFound` for one."""
        with self._database.write() as session:
            if uuid == ALL:
                found = rows.messages_of(session, viewer.client_id, viewer.account_id, None)
            else:
                row = rows.message(session, viewer.client_id, viewer.account_id, _parsed(uuid))
                if row is None:
                    raise NotFound("no such message")
                found = [row]
            self._delete(session, found)
            return len(found)

    def clean(self, days: int) -> int:
        """Delete the messages older than `days` days and those whose time is over; how many."""
        now = self._clock()
        deleted = 0
        while True:
            with self._database.write() as session:
                batch = rows.old_messages(session, now - timedelta(days=days), now, BATCH)
                self._delete(session, batch)
            deleted += len(batch)
            if len(batch) < BATCH:
                return deleted

    def _sent(self, session: SqlSession, row: Message) -> None:
        changed = session.execute(
            update(Message).where(Message.id == row.id, Message.was_sent.is_(False)).values(was_sent=True)
        )
        bump(session, f"account:{row.account_id}")
        if not getattr(changed, "rowcount", 0):
            return
        event = MessageSend(row.client_id, row.account_id, row.subject, row.text, row.uuid)

        def tell() -> None:
            log_event(
                _log,
                logging.INFO,
                "MESSAGE_SEND",
                account=event.account_id,
                subject=event.subject,
                text=event.text,
                uuid=event.uuid,
            )
            self._hooks.notify("message_send", event=event)

        after_commit(session, tell)

    def _delete(self, session: SqlSession, found: list[Message]) -> None:
        if not found:
            return
        events = [MessageDeleted(row.client_id, row.account_id, row.subject, row.text, row.uuid) for row in found]
        session.execute(delete(Message).where(Message.id.in_([row.id for row in found])))
        bump(session, *{f"account:{event.account_id}" for event in events})

        def tell() -> None:
            for event in events:
                log_event(
                    _log,
                    logging.INFO,
                    "MESSAGE_DELETED",
                    account=event.account_id,
                    subject=event.subject,
                    text=event.text,
                    uuid=event.uuid,
                )
                self._hooks.notify("message_deleted", event=event)

        after_commit(session, tell)


def _parsed(uuid: str) -> str:
    try:
        return str(UUID(uuid))
    except ValueError as exc:
        raise InvalidValue("uuid: malformed") from exc


def _facts(row: Message) -> MessageFacts:
    return MessageFacts(
        row.id, row.uuid, row.subject, row.text, row.urgent, row.no_confirmation, row.was_read, row.was_sent,
        row.created_at, row.expires_at,
    )  # fmt: skip
