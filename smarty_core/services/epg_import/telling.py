"""Tells what an import does: the documented events of the log `smarty_epg`, and the hooks of plugins."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Final

from smarty_core.contracts.events import EpgChannelImported, EpgChannelImportError, EpgImportFinished, EpgRemoved
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.epg_import.report import NAMED, ImportReport
from smarty_core.storage.database import Database
from smarty_core.storage.repositories.epg_programmes import moment

IMPORT_ORDER: Final = "epg_import"
"""All imports of the installation are told in order."""

log = logging.getLogger("smarty_epg")


class GuideEvents:
    """The voice of one import run. What a thousandth broken programme of a channel is called interests nobody: beyond
    `NAMED` findings of one channel there is one line that says how many more there were."""

    def __init__(self, *, database: Database, hooks: Hooks) -> None:
        self._database = database
        self._hooks = hooks

    def channel_imported(self, id: int, name: str, source: str, programmes: int) -> None:
        log_event(log, logging.INFO, "EPG_CHANNEL_IMPORTED", epg_channel=name, source=source,
                  programs_imported=programmes)  # fmt: skip
        told = EpgChannelImported(
            client_id=0, epg_channel_id=id, epg_channel=name, source=source, programs_imported=programmes
        )
        self._hooks.notify("epg_channel_imported", event=told)

    def channel_failed(self, id: int, name: str, source: str, reason: str, stacktrace: str) -> None:
        log_event(log, logging.ERROR, "EPG_CHANNEL_IMPORT_ERROR", epg_channel=name, source=source,
                  stacktrace=stacktrace)  # fmt: skip
        told = EpgChannelImportError(client_id=0, epg_channel_id=id, epg_channel=name, source=source, reason=reason)
        self._hooks.notify("epg_channel_import_error", event=told)

    def removed(self, id: int, name: str, source: str, programmes: int) -> None:
        log_event(log, logging.INFO, "EPG_REMOVED", epg_channel=name, source=source, removed_objects=programmes)
        told = EpgRemoved(client_id=0, epg_channel_id=id, epg_channel=name, source=source, removed_objects=programmes)
        self._hooks.notify("epg_removed", event=told)

    def finished(self, report: ImportReport) -> None:
        """The end of a run, after everything else."""
        log_event(log, logging.INFO, "EPG_IMPORT_FINISHED", channels_processed=report.channels,
                  programms_imported=report.programmes)  # fmt: skip
        told = EpgImportFinished(
            client_id=0,
            channels_processed=report.channels,
            programms_imported=report.programmes,
            failed_sources=report.failed_sources,
        )
        with self._database.write() as session:
            self._hooks.notify_durable(session, "epg_import_finished", event=told, order_key=IMPORT_ORDER)


class ChannelFindings:
    """What is wrong with the programmes of one channel; `name` tells the name of the programme at a place."""

    def __init__(self, channel: str, source: str, name: Callable[[int], str]) -> None:
        self._channel = channel
        self._source = source
        self._name = name
        self._count: Counter[str] = Counter()

    def overlap(self, place: int, previous: int, start: int, previous_stop: int) -> None:
        """The previous programme ends after this one begins."""
        self._pair("EPG_TIME_OVERLAP", place, previous, start, previous_stop)

    def hole(self, place: int, previous: int, start: int, previous_stop: int) -> None:
        """The previous programme ends before this one begins."""
        self._pair("EPG_TIME_HOLE", place, previous, start, previous_stop)

    def double(self, place: int) -> None:
        """The programme has the name of the previous one."""
        if self._counted("EPG_NAME_DOUBLE"):
            log_event(log, logging.WARNING, "EPG_NAME_DOUBLE", epg_channel=self._channel, source=self._source,
                      program_name=self._name(place))  # fmt: skip

    def close(self) -> None:
        """Say what was not said one by one."""
        for event, number in sorted(self._count.items()):
            if number > NAMED:
                log.warning(
                    "guide channel %s of %s: %d more times %s", self._channel, self._source, number - NAMED, event
                )

    def _pair(self, event: str, place: int, previous: int, start: int, previous_stop: int) -> None:
        if self._counted(event):
            log_event(log, logging.WARNING, event, epg_channel=self._channel, source=self._source,
                      program_name=self._name(place), previous_program_name=self._name(previous),
                      program_time_begin=_time(start), previous_time_end=_time(previous_stop))  # fmt: skip

    def _counted(self, event: str) -> bool:
        self._count[event] += 1
        return self._count[event] <= NAMED


def _time(seconds: int) -> str:
    return f"{moment(seconds):%Y-%m-%d %H:%M:%S%z}"
