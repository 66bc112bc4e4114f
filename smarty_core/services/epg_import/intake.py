"""Takes programmes as they are told, and keeps those of our channels and days in the spool."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from smarty_core.contracts.epg_parser import RawProgramme, UnreadProgramme
from smarty_core.errors import InvalidValue
from smarty_core.plugins.isolation import GuardedDriver
from smarty_core.services.epg_import.marks import MARK
from smarty_core.services.epg_import.normalise import RECORD_LIMIT, packed
from smarty_core.services.epg_import.options import ImportPeriod
from smarty_core.services.epg_import.repair import LONGEST
from smarty_core.services.epg_import.report import Complaints, SourceReport
from smarty_core.services.epg_import.spool import UNSAID, Spool
from smarty_core.services.epg_import.times import TimeReader
from smarty_core.services.epg_import.words import read_body
from smarty_core.storage.repositories.epg_sources import GuideChannel


class Intake:
    """One source's programmes in one run. `partial` are the channels of which not everything could be kept."""

    def __init__(
        self,
        *,
        driver: GuardedDriver,
        spool: Spool,
        times: TimeReader,
        channels: Sequence[GuideChannel],
        period: ImportPeriod,
        report: SourceReport,
        complain: Complaints,
    ) -> None:
        self.channels: Final[Mapping[str, GuideChannel]] = {one.source_channel_id: one for one in channels}
        self.partial: set[int] = set()
        self._driver = driver
        self._spool = spool
        self._seconds = times.seconds
        self._period = period
        self._report = report
        self._complain = complain

    def keep(self, told: RawProgramme | UnreadProgramme) -> None:
        """Keep it, or count why not.

        Raises `TypeError`, `ValueError`, `OverflowError` or `AttributeError` for what is no programme at all, and
        `StorageError` when the disk is the trouble.
        """
        channel = self.channels.get(told.channel)
        if channel is None:
            self._report.unknown_channel(str(told.channel)[:200])
            return
        self._report.programmes += 1
        try:
            start = self._seconds(told.start) + channel.shift
            stop = self._seconds(told.stop) + channel.shift if told.stop else UNSAID
        except InvalidValue:
            start, stop = self._time(told.start, channel), UNSAID
            if start == UNSAID:
                return
            self._time(told.stop, channel)
        if start < 0 or start >= self._period.until:
            self._complain("too_old" if start < 0 else "too_far", "")
            return
        if (stop if stop > start else start + LONGEST) <= self._period.keep_from:
            self._complain("too_old", "")
            return
        if isinstance(told, UnreadProgramme) and len(told.told) <= RECORD_LIMIT:
            self._put(channel, start, stop, told.mark, told.told, unread=True)
            return
        if isinstance(told, UnreadProgramme):
            body = read_body(self._driver, told.told)
        elif any(told.titles.values()):
            body = packed(told)
        else:
            self._complain("without_name", f"{channel.name}: {told.start}")
            return
        if len(body) > RECORD_LIMIT:
            self._complain("too_large", f"{channel.name}: {told.start}")
            return
        mark = told.mark or hashlib.blake2b(body, digest_size=MARK).digest()
        self._put(channel, start, stop, mark, body, unread=False)

    def _put(self, channel: GuideChannel, start: int, stop: int, mark: bytes, body: bytes, *, unread: bool) -> None:
        if len(mark) != MARK:
            raise ValueError(f"a mark of {len(mark)} bytes")
        if not self._spool.add(channel.id, start, stop, mark, body, unread=unread):
            self._complain("too_many_programmes", channel.name)
            self.partial.add(channel.id)

    def _time(self, told: str | datetime, channel: GuideChannel) -> int:
        """The moment in seconds, the channel's shift added; UNSAID, and a complaint, when nobody can read it."""
        try:
            return self._seconds(told) + channel.shift
        except InvalidValue as failure:
            self._complain("bad_time", f"{channel.name}: {failure}")
            return UNSAID
