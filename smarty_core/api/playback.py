"""Stream addresses, as plugins ask for them: `host.playback`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from smarty_core.api.accounts import Session
from smarty_core.contracts.stream_router import StreamUrl


class Playback(Protocol):
    """Decides and makes addresses, exactly as the device API does.

    A session that is over raises `Refused` with the reason `session_ended`.
    """

    def channel_url(self, session: Session, channel_id: int) -> StreamUrl:
        """The live address. Raises `NotFound` (no such channel, no service), `Refused` (no right to it)."""

    def archive_url(self, session: Session, channel_id: int, *, begin: datetime, end: datetime | None) -> StreamUrl:
        """The address of a past window of at most 24 hours; `end` None while it is still on air.

        Times are the guide's, as `host.guide` tells them, whenever the viewer is shown it.
        Raises `InvalidValue` for a window that is none, `NotFound` (also: blocked, older than the records), `Refused`.
        """
