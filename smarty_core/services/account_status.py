"""What a polling device needs to know: is my session alive, is there a message, a command, another channel list?"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from smarty_core.errors import StorageError
from smarty_core.events import log_event
from smarty_core.services.device_commands import CommandFacts, DeviceCommands
from smarty_core.services.entitlements import Entitlement, Entitlements
from smarty_core.services.messages import MessageFacts, Messages
from smarty_core.services.sessions import Sessions, Viewer

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

ALIVE: Final = 0
NO_SESSION: Final = 1
DEACTIVATED: Final = 2
REMEMBER_SECONDS: Final = 86_400
SESSIONS_KEPT: Final = 200_000

_log = logging.getLogger("smarty_main")


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a session. `status`: 0 alive, 1 none, 2 account deactivated."""

    status: int
    active: bool = False
    status_reason: str = ""
    has_new_messages: bool = False
    message: MessageFacts | None = None
    command: CommandFacts | None = None
    channel_list_changed: bool = False
    tariff_ids: tuple[int, ...] = ()
    steady_until: datetime | None = None
    """Until then every poll is told the same unless a tag of the account or operator moves; None = ask again."""


class AccountStatus:
    """Answers the poll. Without news it asks neither SQL nor Redis."""

    def __init__(
        self,
        *,
        cache: Cache,
        sessions: Sessions,
        entitlements: Entitlements,
        messages: Messages,
        commands: DeviceCommands,
    ) -> None:
        self._cache = cache
        self._sessions = sessions
        self._entitlements = entitlements
        self._messages = messages
        self._commands = commands
        self._known: OrderedDict[int, str] = OrderedDict()
        self._guard = threading.Lock()

    def of(self, viewer: Viewer | None, now: datetime, *, model: str = "", note: bool = True) -> Status:
        """The state to tell this viewer. A command in it is taken for good.

        A message in it is noted as told; with `note` off that is left to the caller (`note_told`), for when the device
        has it.
        """
        if viewer is None:
            return Status(NO_SESSION)
        self._sessions.name_model(viewer, model)
        entitlement = self._entitlements.for_viewer(viewer, lang=0, device_format="", now=now)
        unread = self._messages.unread(viewer, now)
        urgent = next((message for message in unread if message.urgent and not message.was_sent), None)
        command, changed = self._commands.take(viewer, now), self._list_changed(viewer, entitlement)
        ends = [message.expires_at for message in unread if message.expires_at is not None]
        steady = urgent is None and command is None and not changed
        status = Status(
            ALIVE if viewer.active or entitlement.tariff_ids else DEACTIVATED,
            viewer.active,
            viewer.status_reason,
            bool(unread),
            urgent,
            command,
            changed,
            entitlement.held_tariff_ids,
            min([entitlement.valid_until, *ends]) if steady else None,
        )
        if urgent is not None and note:
            self.note_told(viewer, urgent)
        return status

    def note_told(self, viewer: Viewer, message: MessageFacts) -> None:
        """The device has this message. A database that is away is no error: then it is told again."""
        try:
            self._messages.told(viewer, message)
        except StorageError as exc:  # it is told again next time: better twice than never
            log_event(_log, logging.WARNING, "MESSAGE_NOT_NOTED", uuid=message.uuid, error=str(exc))

    def _list_changed(self, viewer: Viewer, entitlement: Entitlement) -> bool:
        """Whether what the list is made of differs from the last time this session asked; False the first time."""
        tags = (*entitlement.tags[:2], f"account:{viewer.account_id}:channels")
        basis = repr((entitlement.key, [self._cache.tag_versions.version(tag) for tag in tags]))
        mark = sha256(basis.encode()).hexdigest()[:16]
        with self._guard:
            known = self._known.get(viewer.session_id)
        if known == mark:
            return False
        before = (
            known if known is not None else self._told_before(viewer)
        )  # perhaps another process has told it already
        if before != mark:
            self._cache.set(_key(viewer), mark, timeout=REMEMBER_SECONDS)
        with self._guard:
            self._known[viewer.session_id] = mark
            while len(self._known) > SESSIONS_KEPT:
                self._known.popitem(last=False)
        return before is not None and before != mark

    def _told_before(self, viewer: Viewer) -> str | None:
        if viewer.known is not None and viewer.known.list_mark:
            return viewer.known.list_mark  # read together with the session
        return None if self._cache.shared and viewer.known is not None else self._cache.get(_key(viewer))


def _key(viewer: Viewer) -> str:
    return viewer.known.list_key if viewer.known is not None else f"channel_list:{viewer.session_id}"
