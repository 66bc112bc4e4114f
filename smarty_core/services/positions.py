"""Where viewers stopped watching, and which channel they watched last.

Players report every few seconds, so a report only leaves a note in memory; a thread writes the notes of all viewers
together. What waits is seen by this process at once, by others after it is written (`POSITIONS_EVERY_SECONDS`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.catalogue import Catalogue
from smarty_core.services.position_notes import PositionNote, PositionNotes, WatchedNote
from smarty_core.services.remembered import Remembered
from smarty_core.services.sessions import Viewer
from smarty_core.storage.database import Database, bump
from smarty_core.storage.repositories import guide as guide_rows
from smarty_core.storage.repositories import positions as rows
from smarty_core.storage.repositories.channels import last_watched

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.storage.cache import Cache

ContentType = Literal["program", "video"]

LAST_CHANNELS: Final = 20
VIEWED_FROM: Final = 0.95
"""Somebody who has seen this share of a content has seen it to the end."""
MAX_SECONDS: Final = 2**31 - 1
CLEANED_AT_ONCE: Final = 1_000
DAY: Final = 86_400.0
LENGTH_SECONDS: Final = 60.0
"""How long a programme's length is remembered: players report one programme again and again."""


@dataclass(frozen=True, slots=True)
class Position:
    """A saved position, seconds from the start."""

    content_type: str
    content_id: int
    asset_id: int
    seconds: int
    is_viewed: bool
    updated_at: datetime


class Positions:
    """Positions of all accounts. Changes bump `account:<id>:positions`. Safe between threads."""

    def __init__(
        self,
        *,
        database: Database,
        cache: Cache,
        settings: Settings,
        clock: Callable[[], datetime],
        catalogue: Catalogue,
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue
        self._life = {
            "program": timedelta(days=int(settings.TVMIDDLEWARE_CONTENT_POSITION_TTL_DAYS_PROGRAM)),
            "video": timedelta(days=int(settings.TVMIDDLEWARE_CONTENT_POSITION_TTL_DAYS_VIDEO)),
        }
        self._version = cache.tag_versions.version
        self._kept: Remembered[tuple[Position, ...]] = Remembered(cache.tag_versions.vector, limit=200_000, seconds=DAY)
        self._lengths: Remembered[tuple[int, int] | None] = Remembered(
            cache.tag_versions.vector, limit=50_000, seconds=LENGTH_SECONDS
        )
        self.notes = PositionNotes(database=database)

    def of_programmes(self, viewer: Viewer) -> Mapping[int, int]:
        """Seconds from the start by programme, of everything the account has not left alone for too long."""
        oldest = self._clock() - self._life["program"]
        found = {
            position.content_id: position.seconds
            for position in self._stored(viewer)
            if position.content_type == "program" and position.updated_at > oldest
        }
        for note in self.notes.positions_of(viewer.account_id):
            if note.content_type == "program":
                found[note.content_id] = note.seconds
        return found

    def has_any(self, viewer: Viewer) -> bool:
        """Whether positions of the account are stored."""
        return bool(self._stored(viewer))

    def save(
        self,
        viewer: Viewer,
        *,
        content_type: ContentType,
        content_id: int,
        seconds: int,
        asset_id: int | None = None,
        duration: int | None = None,
        is_viewed: bool | None = None,
    ) -> None:
        """Remember a position. Raises `InvalidValue` or, for content that is none of the operator's, `NotFound`."""
        if not 0 <= seconds <= MAX_SECONDS or not 0 <= (duration or 0) <= MAX_SECONDS:
            raise InvalidValue("position and duration: seconds, from 0 on")
        known = self._length(viewer.client_id, content_type, content_id)
        length = duration or known
        self.notes.add(
            PositionNote(
                client_id=viewer.client_id,
                account_id=viewer.account_id,
                content_type=content_type,
                content_id=content_id,
                asset_id=asset_id or 0,
                seconds=seconds,
                duration=length,
                is_viewed=seconds >= length * VIEWED_FROM > 0 if is_viewed is None else is_viewed,
                at=self._clock(),
            )
        )

    def delete(self, viewer: Viewer, *, content_type: ContentType, content_id: int, asset_id: int | None) -> None:
        """Forget the position of an asset, or without one of the whole content. Nothing to forget is no error."""
        with self.notes.held(viewer.account_id, content_type, content_id, asset_id), self._database.write() as session:
            rows.delete_positions(session, viewer.client_id, viewer.account_id, content_type, content_id, asset_id)
            bump(session, f"account:{viewer.account_id}:positions")

    def remember_channel(self, viewer: Viewer, channel_id: int) -> None:
        """Remember the channel as watched last. Raises `NotFound` for a channel that is none of the operator's."""
        if channel_id not in self._catalogue.line_up(viewer.client_id).by_id:
            raise NotFound("no such channel")
        self.notes.add_watched(WatchedNote(viewer.client_id, viewer.account_id, channel_id, self._clock()))

    def last_channels(self, viewer: Viewer) -> list[int]:
        """Ids of the channels watched last, the newest first."""
        waiting = [note.channel_id for note in self.notes.watched_by(viewer.account_id)]
        with self._database.read() as session:
            stored = last_watched(session, viewer.client_id, viewer.account_id, LAST_CHANNELS)
        return list(dict.fromkeys([*waiting, *stored]))[:LAST_CHANNELS]

    def clean(self, now: datetime) -> int:
        """Remove positions that are too old; how many. For a periodic job."""
        removed = 0
        for content_type, life in self._life.items():
            while True:
                with self._database.write() as session:
                    gone = rows.delete_old(session, content_type, now - life, CLEANED_AT_ONCE)
                removed += gone
                if gone < CLEANED_AT_ONCE:
                    break
        return removed

    def start(self) -> None:
        """Write notes in the background from now on."""
        self.notes.start()

    def close(self) -> None:
        """Write what waits and stop."""
        self.notes.close()

    def _length(self, client_id: int, content_type: ContentType, content_id: int) -> int:
        """How long a content is, seconds; also proves that the operator has it. Films are not there yet."""
        if content_type == "program":
            found = self._lengths.get(content_id, tags=(), build=lambda: self._programme_length(content_id))
            if found is not None and found[0] in self._catalogue.line_up(client_id).by_guide:
                return found[1]
        raise NotFound("no such content")

    def _programme_length(self, programme_id: int) -> tuple[int, int] | None:
        with self._database.read() as session:
            return guide_rows.programme_length(session, programme_id)

    def _stored(self, viewer: Viewer) -> tuple[Position, ...]:
        if viewer.lacks("positions", self._version):
            return ()

        def build() -> tuple[Position, ...]:
            with self._database.read() as session:
                return tuple(_position(row) for row in rows.positions(session, viewer.client_id, viewer.account_id))

        key = (viewer.client_id, viewer.account_id)
        return self._kept.get(key, tags=(f"account:{viewer.account_id}:positions",), build=build)


def _position(row: Any) -> Position:
    return Position(row.content_type, row.content_id, row.asset_id, row.position, row.is_viewed, row.updated_at)
