"""Writes channels' plans in bulk: several channels in one transaction, a channel never in two."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from smarty_core.errors import StorageError
from smarty_core.services.epg_import.plan import ChannelPlan
from smarty_core.services.epg_import.report import SourceReport
from smarty_core.services.epg_import.telling import GuideEvents
from smarty_core.services.guide_tags import epg_tag
from smarty_core.storage.database import Database, bump
from smarty_core.storage.repositories import epg_days, epg_programmes, epg_sources
from smarty_core.storage.repositories.epg_sources import GuideChannel

ROWS_AT_ONCE: Final = 5000
"""Rows after which a transaction is committed."""

ROWS_AT_ONCE_ON_SQLITE: Final = 500
"""The same where only one can write at a time: whoever gives out a stream address meanwhile waits some hundredths of a
second for these, and would wait some tenths for ten times as many."""

FAILURES: Final = 3
"""So many channels one after the other that the database refuses: the trouble is not the channels."""

log = logging.getLogger("smarty_epg")


class PlanWriter:
    """Writes the plans of one source. Channels that fail are named in the report, the others are written."""

    def __init__(
        self,
        *,
        database: Database,
        events: GuideEvents,
        report: SourceReport,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._events = events
        self._report = report
        self._clock = clock
        self._most = ROWS_AT_ONCE_ON_SQLITE if database.dialect == "sqlite" else ROWS_AT_ONCE
        self._waiting: list[ChannelPlan] = []
        self._weight = 0
        self._failures = 0

    def put(self, plan: ChannelPlan) -> None:
        """Write the plan, now or together with later ones. Raises `StorageError` when the database is away."""
        self._waiting.append(plan)
        self._weight += plan.weight
        if self._weight >= self._most:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        plans, self._waiting, self._weight = self._waiting, [], 0
        if not plans:
            return
        try:
            self._write(plans, careful=False)
        except Exception as failure:  # noqa: BLE001  which channel it was is found out below
            log.info("%d channels are written one by one: %s", len(plans), type(failure).__name__)
            for plan in plans:
                self._write_alone(plan)
        else:
            self._failures = 0

    def failed(self, channel: GuideChannel, failure: Exception) -> None:
        """Note that a channel could not be imported; call it while the exception is handled."""
        reason = f"{type(failure).__name__}: {failure}".strip()[:1000]
        self._report.failed_channels.append(channel.name)
        self._report.incomplete(f"{channel.name}: {reason}")
        self._events.channel_failed(channel.id, channel.name, self._report.source, reason, traceback.format_exc())

    def _write_alone(self, plan: ChannelPlan) -> None:
        try:
            self._write([plan], careful=True)
        except Exception as failure:
            self.failed(plan.channel, failure)
            self._failures += 1
            if isinstance(failure, StorageError) and self._failures >= FAILURES:
                raise
        else:
            self._failures = 0

    def _write(self, plans: Sequence[ChannelPlan], *, careful: bool) -> None:
        """One transaction. `careful`: somebody may have added the same programmes meanwhile."""
        with self._database.write() as session:
            epg_programmes.commit_later(session)
            epg_programmes.remove_programmes(session, [id for plan in plans for id in plan.remove])
            epg_programmes.move_programmes(session, [moved for plan in plans for moved in plan.move])
            for plan in plans:
                for id, stop in plan.shorten:
                    epg_programmes.shorten_programme(session, id, stop)
            epg_programmes.add_programmes(session, [row for plan in plans for row in plan.change])
            epg_programmes.add_programmes(session, [row for plan in plans for row in plan.add], all_new=not careful)
            epg_days.forget_digests(session, [(plan.channel.id, day) for plan in plans for day in sorted(plan.forget)])
            epg_days.add_digests(session, [(plan.channel.id, one) for plan in plans for one in plan.digests])
            changed = [plan.channel.id for plan in plans if plan.changes]
            epg_sources.channels_imported(session, changed, self._clock())
            bump(session, *map(epg_tag, changed))
        for plan in plans:
            self._count(plan)

    def _count(self, plan: ChannelPlan) -> None:
        report = self._report
        report.added += len(plan.add)
        report.changed += len(plan.change)
        report.moved += len(plan.move)
        report.deleted += len(plan.remove)
        if plan.changes:
            self._events.channel_imported(plan.channel.id, plan.channel.name, report.source, plan.written)
