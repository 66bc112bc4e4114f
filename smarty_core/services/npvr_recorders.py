"""Which service makes a personal record, whether it has to be told, and how long the record lives there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from smarty_core.errors import DriverError, InvalidValue, Refused
from smarty_core.services.archive import kept_days
from smarty_core.services.playback import Recorders
from smarty_core.services.stream_addresses import RouterFor
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import npvr as rows
from smarty_core.storage.repositories.npvr import RecorderFacts
from smarty_core.storage.repositories.streams import Recorded

SHORTEST: Final = timedelta(minutes=2)
"""Video servers take no shorter record."""

DEFAULT_LONGEST: Final = 24
"""Hours of the longest record, where the service does not say."""

NO_RECORDER: Final = "no_recorder"


class ChosenRecorders:
    """Safe to share between threads."""

    def __init__(self, *, database: Database, router_for: RouterFor) -> None:
        self._database = database
        self._router_for = router_for

    def best(self, able: Recorders) -> tuple[RecorderFacts, bool]:
        """The first of the services that records the channel, and whether it has to be told.

        Raises `Refused` with `no_recorder` when none does.
        """
        with self._database.read() as session:
            for service in able.services:
                found = rows.recorder(session, service.client_id, service.id)
                told = None if found is None else self.is_told(found)
                if found is None or told is None:
                    continue
                if told or kept_days(able.content.recording_days, service.recording_days) > 0:
                    return found, told
        raise Refused(NO_RECORDER, "no service records this channel")

    def is_told(self, recorder: RecorderFacts) -> bool | None:
        """Whether the server has to be told what to record; False: it records everything; None: its router does not
        work, so nobody knows."""
        try:
            return "record" in self._router_for(recorder.service).supports
        except DriverError:
            return None


def demand_sound(wish: Recorded, recorder: RecorderFacts, *, shown: datetime, ahead: timedelta) -> None:
    """Raises `InvalidValue` for a record that is too short or too long, over, or further away than `ahead`. `shown` is
    the moment of the guide that the viewer is shown now."""
    longest = timedelta(hours=recorder.longest_hours or DEFAULT_LONGEST)
    if not SHORTEST <= wish.end - wish.begin <= longest:
        raise InvalidValue(f"a record lasts from {SHORTEST} to {longest}")
    if wish.end <= shown + SHORTEST:
        raise InvalidValue("what is over cannot be recorded")
    if wish.begin > shown + ahead:
        raise InvalidValue(f"a record is ordered at most {ahead.days} days ahead")


def expiry(able: Recorders, recorder: RecorderFacts, wish: Recorded, *, told: bool) -> datetime | None:
    """When the record goes; None = nobody knows, it stays."""
    shift = timedelta(hours=recorder.service.shift_hours)
    days = kept_days(able.content.recording_days, recorder.service.recording_days)
    moments = []
    if recorder.lifetime > 0:
        moments.append(wish.end + shift + timedelta(seconds=recorder.lifetime))
    if days > 0 and not (told and recorder.lifetime > 0):
        moments.append(wish.begin + shift + timedelta(days=days))
    return min(moments, default=None)
