"""Films made from recorded programmes: one for each programme that is in the archive of its channel.

A film is known by its channel and its begin, so making films again changes only what the guide or the operator changed
meanwhile. Work goes channel by channel in small transactions: what is cut off is carried on by the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from smarty_core.services.archive import kept_days, offered_for
from smarty_core.services.blockings import Blockings, index
from smarty_core.services.vodpvr_plan import Plan, film, plan, times
from smarty_core.storage.database import Database, bump
from smarty_core.storage.repositories import guide
from smarty_core.storage.repositories import vodpvr as rows
from smarty_core.storage.repositories.vodpvr import RecordingChannel

if TYPE_CHECKING:
    from smarty_core.config import Settings

Progress = Callable[[str, int, int], None]
"""Told before each channel: its name, how many are done, how many there are."""


@dataclass(slots=True)
class Made:
    """What was done, or would be with `dry_run`."""

    channels: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0

    def line(self) -> str:
        return (
            f"{self.channels} channels: {self.added} films made, {self.changed} brought up to date,"
            f" {self.removed} removed"
        )


class VodPvr:
    """Makes films from records. Whatever changes them bumps `client:<id>:videos`."""

    def __init__(self, *, database: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._hidden = timedelta(hours=int(settings.TVMIDDLEWARE_VODPVR_TIMEOUT_OFFSET))
        self._clock = clock

    def make(
        self,
        client_ids: Iterable[int],
        *,
        dry_run: bool = False,
        progress: Progress = lambda name, done, total: None,
    ) -> Made:
        """Bring the films of these operators up to date with the guide and the archive. Raises `StorageError`."""
        made = Made()
        for client_id in client_ids:
            self._make(client_id, made, progress, dry_run=dry_run)
        return made

    def _make(self, client_id: int, made: Made, progress: Progress, *, dry_run: bool) -> None:
        with self._database.read_master() as session:
            channels = [channel for channel in rows.recording_channels(session, client_id) if _records(channel)]
            blockings = index(guide.operator_blockings(session, client_id))
            lost = rows.films_of_other_channels(session, client_id, [channel.id for channel in channels])
        made.removed += len(lost)
        if not dry_run:
            self._remove(client_id, lost)
        for done, channel in enumerate(channels):
            progress(channel.name, done, len(channels))
            plan = self._plan(channel, blockings)
            made.channels += 1
            made.added += len(plan.add)
            made.changed += len(plan.change)
            made.removed += len(plan.remove)
            if not dry_run:
                self._carry_out(client_id, plan)
        progress("", len(channels), len(channels))

    def _plan(self, channel: RecordingChannel, blockings: Blockings) -> Plan:
        now = self._clock()
        records = _records(channel)
        oldest = now - max(shift + timedelta(days=days) for shift, days in records)
        first = min(shift for shift, _ in records)
        life = max(shift + offered_for(days, self._hidden) for shift, days in records)
        with self._database.read_master() as session:
            stored = rows.films_of_channel(session, channel.id)
            found = guide.programmes_by_channel(session, [channel.epg_channel_id], oldest, now)
            exact = rows.exact_times(session, channel.epg_channel_id, oldest)
        programmes = found.get(channel.epg_channel_id, [])
        wished = []
        for programme in programmes:
            begin, end = times(programme, *exact.get(programme.id, (None, None)))
            if oldest < begin < end <= now - first and not blockings.forbid(programme, channel.prefix, now):
                wished.append(film(channel, programme, begin, end, available=(end + first, begin + life)))
        guide_begins = min((datetime.fromtimestamp(one.start, UTC) for one in programmes), default=now)
        return plan(stored, wished, oldest=oldest, guide_begins=guide_begins)

    def _carry_out(self, client_id: int, plan: Plan) -> None:
        self._remove(client_id, plan.remove)
        if plan.change:
            with self._database.write() as session:
                for piece in rows.chunks(plan.move):
                    rows.free_places(session, piece)
                for piece in rows.chunks(plan.change):
                    rows.change_films(session, piece)
                bump(session, videos_tag(client_id))
        for piece in rows.chunks(plan.add):
            with self._database.write() as session:
                rows.add_films(session, piece)
                bump(session, videos_tag(client_id))

    def _remove(self, client_id: int, ids: Sequence[int]) -> None:
        for piece in rows.chunks(ids):
            with self._database.write() as session:
                rows.remove_films(session, piece)
                bump(session, videos_tag(client_id))


def videos_tag(client_id: int) -> str:
    """The tag of everything known of an operator's films."""
    return f"client:{client_id}:videos"


def _records(channel: RecordingChannel) -> list[tuple[timedelta, int]]:
    """How much later than the guide says each record of the channel is made, and how many days it is kept."""
    return [
        (timedelta(hours=shift), kept_days(channel.recording_days, days))
        for shift, days in channel.services
        if kept_days(channel.recording_days, days) > 0
    ]
