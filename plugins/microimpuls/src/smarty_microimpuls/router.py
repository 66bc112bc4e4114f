"""The driver: asks the server where a moment is recorded, fills the mask with it, and gives it tasks to record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_router import (
    PlayRequest,
    Recording,
    RecordTask,
    ServiceHealth,
    StreamRouter,
    StreamUrl,
)
from smarty_core.errors import ConfigError, NotSupported, ProviderRefused, ProviderUnavailable
from smarty_microimpuls import records
from smarty_microimpuls.masks import fill, problems_of, told_variables
from smarty_microimpuls.pvr import KnownTask, MicroPvr
from smarty_microimpuls.rpc import RpcClient
from smarty_microimpuls.settings import MicroimpulsSettings

if TYPE_CHECKING:
    from smarty_core.api.host import Host


class Microimpuls(StreamRouter[MicroimpulsSettings]):
    """`microimpuls`: the archive of a MicroPVR.

    The mask says how an address is made of what the server tells: `$file` and `$file_offset` for players that read a
    file from a place on, `$playlist` for those that take a list of a window. A service without a mask is only asked how
    it is (Micromanager, too) and given records to make.
    """

    Settings: ClassVar[type[DriverSettings]] = MicroimpulsSettings
    supports: ClassVar[frozenset[str]] = frozenset({"token", "archive", "health", "record"})

    def __init__(self, name: str, settings: MicroimpulsSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        problems = []
        for field, mask in (("mask", settings.mask), ("timeshift_mask", settings.timeshift_mask)):
            problems += [f"{name}: {field}: {problem}" for problem in problems_of(mask)]
            if mask and not told_variables(mask):
                problems.append(
                    f"{name}: {field}: use $file and $file_offset, or $playlist; else choose the router mask"
                )
        if problems:
            raise ConfigError(*problems)
        rpc = RpcClient(
            settings.host,
            settings.port,
            log=host.log,
            key=settings.secret.get_secret_value(),
            key_parameter=settings.key_parameter,
        )
        self.pvr = MicroPvr(rpc)

    def issue(self, request: PlayRequest) -> StreamUrl:
        if request.start is None:
            raise NotSupported(f"{self.name}: a MicroPVR plays what is recorded, not live")
        mask = (self.settings.timeshift_mask if request.timeshift else "") or self.settings.mask
        if not mask:
            raise NotSupported(f"{self.name}: this service has no mask")
        wanted = told_variables(mask)
        told: dict[str, str] = {}
        if "playlist" in wanted:
            told["playlist"] = self._playlist(request, request.start)
        if wanted & {"file", "file_offset"}:
            told |= self._place(request, request.start)
        return StreamUrl(fill(mask, told, request))

    def is_alive(self, deadline: float) -> ServiceHealth | None:
        try:
            health = self.pvr.is_alive(deadline)
        except ProviderUnavailable as exc:
            return ServiceHealth(alive=False, detail=str(exc))
        detail = "" if health.alive else "the server says that it is not well"
        return ServiceHealth(health.alive, health.score, health.session_count, detail)

    def record(self, task: RecordTask) -> str:
        if not task.source:
            raise ProviderRefused(f"{self.name}: channel {task.content_id} has no address to record from")
        channel = self._channel(task.content_id)
        if self._known(task) is None:
            wanted = records.new_task(task, channel, self.settings.record_directory, self.settings.record_priority)
            self.pvr.create_task(wanted, self.settings.timeout)
        return records.name_of(task)

    def cancel_record(self, task: RecordTask) -> None:
        known = self._known(task)
        if known is not None:
            self.pvr.cancel_task(self._channel(task.content_id), known.location, self.settings.timeout)

    def recordings(self) -> Sequence[Recording]:
        now = self.host.clock.now()
        named = ((known, records.name_in(known)) for known in self.pvr.tasks(self.settings.timeout))
        return [records.recording(known, name, now) for known, name in named if name]

    def _known(self, task: RecordTask) -> KnownTask | None:
        name = records.name_of(task)
        listed = self.pvr.tasks(self.settings.timeout)
        return next((known for known in listed if records.name_in(known) == name), None)

    def _place(self, request: PlayRequest, start: datetime) -> dict[str, str]:
        found = self.pvr.file_at(
            self._channel(request.content_id), int(start.timestamp()), self._aid(request), self.settings.timeout
        )
        if found is None:
            raise self._not_recorded(request)
        return {"file": found.file, "file_offset": str(found.offset)}

    def _playlist(self, request: PlayRequest, start: datetime) -> str:
        if request.timeshift:
            raise NotSupported(f"{self.name}: a playlist ends; give a timeshift_mask with $file and $file_offset")
        found = self.pvr.playlist(
            self._channel(request.content_id),
            int(start.timestamp()),
            int((request.stop or request.now or self.host.clock.now()).timestamp()),
            kind=self.settings.playlist_type,
            aid=self._aid(request),
            deadline=self.settings.timeout,
        )
        if found is None:
            raise self._not_recorded(request)
        return found

    def _channel(self, content_id: str) -> int:
        if not (content_id.isascii() and content_id.isdigit() and len(content_id) <= 18):
            raise NotSupported(f"{self.name}: a MicroPVR knows channels by numbers, not {content_id[:50]!r}")
        return int(content_id)

    def _aid(self, request: PlayRequest) -> str:
        return str(request.account_id) if self.settings.tell_account and request.account_id else ""

    def _not_recorded(self, request: PlayRequest) -> NotSupported:
        return NotSupported(f"{self.name}: channel {request.content_id} is not recorded at that time")
