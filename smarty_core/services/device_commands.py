"""Commands for devices (restart the application, reboot).

A command is taken and committed before the device hears of it: a lost answer loses the command, but no box reboots
twice. A command for a whole account becomes one per session when the first of them asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.remembered import Remembered
from smarty_core.services.sessions import Viewer
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, DeviceCommand, Session
from smarty_core.storage.repositories import accounts as account_rows
from smarty_core.storage.repositories import messages as rows

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

RESTART_APPLICATION: Final = 2
REBOOT_DEVICE: Final = 3


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """A command as the device is told. `type`: 2 restart the application, 3 reboot."""

    type: int
    user_confirmation: bool
    deep_link: str
    accompanying_text: str
    image_url: str


class DeviceCommands:
    """Commands waiting for devices. Giving and taking them bumps `account:<id>`."""

    def __init__(self, *, database: Database, cache: Cache, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._version = cache.tag_versions.version
        self._waiting: Remembered[frozenset[int]] = Remembered(cache.tag_versions.vector, limit=100_000)

    def give(
        self,
        client_id: int,
        account_id: int,
        command: CommandFacts,
        *,
        session_id: int | None = None,
    ) -> None:
        """Leave a command for one session, or for every session of an account. Raises `InvalidValue`, `NotFound`."""
        if command.type not in (RESTART_APPLICATION, REBOOT_DEVICE):
            raise InvalidValue("a command is 2 (restart the application) or 3 (reboot)")
        with self._database.write() as session:
            query = select(Account.id).where(Account.id == account_id, Account.client_id == client_id)
            if session.scalar(query) is None:
                raise NotFound("no such account")
            known = select(Session.id).where(Session.id == session_id, Session.account_id == account_id)
            if session_id is not None and session.scalar(known) is None:
                raise NotFound("no such session")
            session.add(_row(client_id, account_id, session_id, command, self._clock()))
            bump(session, f"account:{account_id}")

    def take(self, viewer: Viewer, now: datetime) -> CommandFacts | None:
        """The oldest command for this session, taken for good; None without a query when nothing waits."""
        if viewer.lacks("commands", self._version):
            return None
        waiting = self._waiting.get(
            viewer.account_id, tags=(f"account:{viewer.account_id}",), build=lambda: self._read(viewer.account_id)
        )
        if not waiting & {0, viewer.session_id}:
            return None
        with self._database.write() as session:
            if account_rows.locked(session, viewer.client_id, viewer.account_id) is None:
                return None
            for row in rows.waiting_commands(session, viewer.account_id):
                if row.session_id not in (None, viewer.session_id):
                    continue
                taken = session.execute(
                    update(DeviceCommand)
                    .where(DeviceCommand.id == row.id, DeviceCommand.taken_at.is_(None))
                    .values(taken_at=now)
                )
                if not getattr(taken, "rowcount", 0):
                    continue
                facts = _facts(row)
                if row.session_id is None:
                    others = select(Session.id).where(
                        Session.account_id == viewer.account_id, Session.id != viewer.session_id
                    )
                    session.add_all(
                        _row(row.client_id, row.account_id, other, facts, row.created_at)
                        for other in session.scalars(others)
                    )
                bump(session, f"account:{viewer.account_id}")
                return facts
        return None

    def _read(self, account_id: int) -> frozenset[int]:
        """Sessions with a waiting command; 0 = all of the account."""
        with self._database.read() as session:
            return frozenset(row.session_id or 0 for row in rows.waiting_commands(session, account_id))


def _row(
    client_id: int, account_id: int, session_id: int | None, command: CommandFacts, created_at: datetime
) -> DeviceCommand:
    return DeviceCommand(
        client_id=client_id, account_id=account_id, session_id=session_id, type=command.type,
        user_confirmation=command.user_confirmation, deep_link=command.deep_link,
        accompanying_text=command.accompanying_text, image_url=command.image_url, created_at=created_at,
    )  # fmt: skip


def _facts(row: DeviceCommand) -> CommandFacts:
    return CommandFacts(row.type, row.user_confirmation, row.deep_link, row.accompanying_text, row.image_url)
