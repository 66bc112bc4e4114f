"""The core's own periodic jobs, by the names of the management commands that do the same where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smarty_core.services.jobs import Job

if TYPE_CHECKING:
    from smarty_core.app import System

MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

OLD_MESSAGE_DAYS: Final = 30
"""Age at which messages that nobody fetched are dropped, as `clean_old_messages` does without `--days_count`."""


def import_guide(system: System) -> None:
    """Import the guide from all sources, after the sample guide, if there is one, was carried on."""
    if system.setup.sample_login() is not None:
        system.setup.renew_sample_guide()
    system.epg_import.import_all()


def register_core_jobs(system: System) -> None:
    """Add the core's jobs to `system.jobs`."""
    settings = system.settings

    def warm() -> None:
        system.catalogue.warm_all(system.operators.all_ids())

    jobs = (
        # Every process has lists of its own to keep warm; the guide is imported by one of all hosts.
        Job("cache_channel_list", MINUTE, warm, deadline=10 * MINUTE, lock=False,
            doc="Makes the channel lists ready before a device asks."),
        Job("epg_import", 4 * HOUR, lambda: import_guide(system), deadline=4 * HOUR,
            doc="Imports the guide from all sources."),
        Job("check_stream_services", MINUTE, system.availability.run, deadline=2 * MINUTE,
            doc="Checks whether the stream services can be reached."),
        Job("check_streams", MINUTE, lambda: system.stream_monitoring.run().demand_told(), deadline=HOUR,
            doc="Asks analysers about streams and writes to people about accidents."),
        Job("clean_old_messages", DAY, lambda: system.messages.clean(OLD_MESSAGE_DAYS),
            doc="Drops old messages that nobody fetched."),
        Job("clean_old_sessions", DAY, lambda: system.sessions.clean(settings.TVMIDDLEWARE_CLEAN_OLD_SESSIONS_DAYS),
            doc="Drops sessions that were not online for long."),
        Job("clean_stream_tokens", 10 * MINUTE, lambda: system.stream_tokens.clean(system.clock()),
            doc="Drops stream tokens that have expired."),
        Job("npvr", 30.0, system.npvr_rounds.advance, deadline=5 * MINUTE,
            doc="Tells video servers what to record for accounts, and follows what they record."),
        Job("clean_content_positions", DAY, lambda: system.positions.clean(system.clock()),
            doc="Drops old resume positions."),
    )  # fmt: skip
    for job in jobs:
        system.jobs.register(job)
