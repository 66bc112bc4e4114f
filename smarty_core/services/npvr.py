"""Personal records: an account orders one, the periodic job has it made, and its service plays it.

States: planned -> recording -> done, or failed; a record that was taken back is cancelled until its server knows. Times
are those of the guide; a service with a shift records so much later. A service whose router takes tasks (ability
`record`) is told of each record and keeps it for `npvr_lifetime` seconds; one that records everything anyway is told
nothing, and the record lives as long as its archive has the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from smarty_core.errors import InvalidValue, NotFound, Refused
from smarty_core.services.archive import moment
from smarty_core.services.npvr_recorders import ChosenRecorders, demand_sound, expiry
from smarty_core.services.playback import Asked, Playback, Recorders
from smarty_core.services.stream_addresses import Played, RouterFor
from smarty_core.services.viewer import Viewer
from smarty_core.storage.database import Database
from smarty_core.storage.models import NpvrTask
from smarty_core.storage.repositories import npvr as rows
from smarty_core.storage.repositories.streams import Recorded

if TYPE_CHECKING:
    from smarty_core.config import Settings

PLAYABLE: Final = (rows.RECORDING, rows.DONE)

TOO_MANY: Final = "too_many_records"
BUSY: Final = "being_taken_back"


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """A record as its owner sees it: times are those of the picture he is shown."""

    id: int
    channel_id: int
    programme_id: int
    name: str
    begin: datetime
    end: datetime
    status: str
    error: str
    expires_at: datetime | None

    @property
    def playable(self) -> bool:
        return self.status in PLAYABLE


class Npvr:
    """The records of all accounts. Safe between threads."""

    def __init__(
        self,
        *,
        database: Database,
        playback: Playback,
        router_for: RouterFor,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._playback = playback
        self._recorders = ChosenRecorders(database=database, router_for=router_for)
        self._most = int(settings.NPVR_RECORDS_PER_ACCOUNT)
        self._ahead = timedelta(days=int(settings.NPVR_DAYS_AHEAD))
        self._clock = clock

    def list_for(self, viewer: Viewer, *, status: str = "", limit: int, page: int = 1) -> tuple[int, list[OwnRecord]]:
        """A page of the account's records, the newest first, and how many there are."""
        with self._database.read() as session:
            count, found = rows.of_account(
                session, viewer.client_id, viewer.account_id, status=status, now=self._clock(), limit=limit,
                offset=(page - 1) * limit,
            )  # fmt: skip
        shifts = {number: self._shift(viewer, number) for number in {task.channel_id for task in found}}
        return count, [_own(task, shifts[task.channel_id]) for task in found]

    def create(
        self,
        viewer: Viewer,
        cid: int,
        *,
        pid: int | None = None,
        begin: int | None = None,
        end: int | None = None,
        name: str = "",
    ) -> OwnRecord:
        """Order a record of a programme, or of a channel from `begin` to `end` (Unix times as the viewer is shown).

        A record with the same begin is the same record: it is given back as it is. Raises `NotFound` (no such channel
        or programme for him, blocked), `InvalidValue` (over, too long, too far ahead) and `Refused` with
        `too_many_records`, `no_recorder` or `being_taken_back`.
        """
        now = self._clock()
        able = self._playback.recorders(viewer, cid, now)
        shift = timedelta(hours=able.shift_hours)
        if pid is not None:
            wish, title = self._programme(able, pid)
        elif begin is not None and end is not None:
            wish, title = Recorded(cid, moment(begin) - shift, moment(end) - shift), ""
        else:
            raise InvalidValue("pid, or begin_time and end_time, is required")
        self._playback.demand_open(able.content, wish, now)
        chosen, told = self._recorders.best(able)
        demand_sound(wish, chosen, shown=now - shift, ahead=self._ahead)
        task = self._store(
            NpvrTask(
                client_id=viewer.client_id,
                account_id=viewer.account_id,
                channel_id=cid,
                programme_id=wish.programme_id,
                stream_service_id=chosen.service.id,
                name=(name or title)[:255],
                begin=wish.begin,
                end=wish.end,
                status=rows.PLANNED,
                expires_at=expiry(able, chosen, wish, told=told),
            )
        )
        return _own(task, able.shift_hours)

    def delete(self, viewer: Viewer, task_id: int) -> None:
        """Take a record back, whether it is made already or not. Raises `NotFound`."""
        with self._database.write() as session:
            task = rows.find(session, viewer.client_id, viewer.account_id, task_id)
            if task is None:
                raise NotFound("there is no such record")
            task.status = rows.CANCELLED

    def url(self, viewer: Viewer, task_id: int, asked: Asked) -> Played:
        """The address of a record that is made or being made. Raises `NotFound`, `Refused`."""
        with self._database.read() as session:
            task = rows.find(session, viewer.client_id, viewer.account_id, task_id)
            if task is None or task.stream_service_id is None or task.status not in PLAYABLE:
                raise NotFound("there is no such record, or it is not made yet")
            if task.expires_at is not None and task.expires_at <= asked["now"]:
                raise NotFound("the time of this record is over")
            found = rows.recorder(session, viewer.client_id, task.stream_service_id)
        if found is None:
            raise NotFound("the server of this record was removed")
        recorded = Recorded(task.channel_id, task.begin, task.end, task.programme_id)
        return self._playback.record_url(viewer, recorded, found.service.id, kept_apart=bool(task.external_id), **asked)

    def _programme(self, able: Recorders, pid: int) -> tuple[Recorded, str]:
        guide = able.content.epg_channel_id
        with self._database.read() as session:
            found = rows.programme(session, guide, pid) if guide is not None else None
        if found is None:
            raise NotFound("programme not found")
        return Recorded(able.content.id, found[0], found[1], pid), found[2]

    def _store(self, task: NpvrTask) -> NpvrTask:
        with self._database.write() as session:
            if not rows.lock_account(session, task.client_id, task.account_id):
                raise NotFound("there is no such account")
            known = rows.same_record(session, task.account_id, task.channel_id, task.begin)
            if known is not None and known.status in rows.COUNTED:
                return known
            if known is not None and known.status == rows.CANCELLED and known.external_id:
                raise Refused(BUSY, "the same record is just being taken back")
            if self._most and rows.count_of(session, task.account_id) >= self._most:
                raise Refused(TOO_MANY, f"an account has at most {self._most} records")
            if known is not None:
                # A task that was taken back, or went wrong, is ordered anew; its server is told anew, too.
                for column in ("programme_id", "stream_service_id", "name", "end", "status", "expires_at"):
                    setattr(known, column, getattr(task, column))
                known.external_id, known.error = "", ""
                return known
            session.add(task)
        return task

    def _shift(self, viewer: Viewer, channel_id: int) -> int:
        try:
            return self._playback.recorders(viewer, channel_id, self._clock()).shift_hours
        except NotFound:
            return 0  # he has lost the channel; the record is still his


def _own(task: NpvrTask, shift_hours: int) -> OwnRecord:
    shift = timedelta(hours=shift_hours)
    return OwnRecord(
        id=task.id,
        channel_id=task.channel_id,
        programme_id=task.programme_id or 0,
        name=task.name,
        begin=task.begin + shift,
        end=task.end + shift,
        status=task.status,
        error=task.error,
        expires_at=task.expires_at,
    )
