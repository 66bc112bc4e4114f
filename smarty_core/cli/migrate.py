"""`smarty_manage migrate [--fake]`: makes the tables, or brings them up to date."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Annotated, Final

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.config import Settings, load_settings
from smarty_core.config.logs import configure_logging
from smarty_core.errors import SmartyError
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.commands import CommandRunner
from smarty_core.services.migrations import Migrations
from smarty_core.storage.database import Database
from smarty_core.storage.locks import SqlLocks

DRAIN_SECONDS: Final = 5.0

log = logging.getLogger("smarty_management")


def migrate(
    *,
    fake: Annotated[bool, typer.Option("--fake", help="Only note that all steps are taken; touch no table.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Bring the tables of the core and of all plugins up to date. Safe to repeat, and on two hosts at once."""
    known = load_settings(settings or None)
    configure_logging(known, stream=False)
    raise typer.Exit(migrate_database(known, fake=fake))


def migrate_database(known: Settings, *, fake: bool = False) -> int:
    """Do it and print what was done; the exit code."""
    database = Database.at(known.databases)
    hooks = Hooks()
    migrations = Migrations(database, hooks)
    try:
        if fake and not migrations.tables():
            print("the database has no tables, so there is nothing to note; run it without --fake", file=sys.stderr)
            return 1
        print(*(_lines(migrations, fake=fake) or ["the database is up to date"]), sep="\n")
        for plugin, problem in hooks.problems.items():
            print(f"plugin {plugin} was left out: {problem}", file=sys.stderr)
        # Before the first step there is no table to note a run in, so the run is noted when its work is done.
        outcome = CommandRunner(database=database, locks=SqlLocks(database), hooks=hooks).perform("migrate", _done)
        if outcome.status == "error":
            print(f"migrate is done, but that could not be noted: {outcome.error}", file=sys.stderr)
            return 1
        return 1 if hooks.problems else 0  # also when it is "busy": another host is noting the same
    finally:
        hooks.drain(DRAIN_SECONDS)
        database.close()


def _lines(migrations: Migrations, *, fake: bool) -> list[str]:
    try:
        changes = migrations.fake() if fake else migrations.upgrade()
    except SmartyError:
        log_event(log, logging.ERROR, "MANAGEMENT_COMMAND_ERROR", command="migrate", stacktrace=traceback.format_exc())
        raise
    lines = []
    for change in changes:
        lines += [f"{change.owner}: {note}" for note in change.notes]
        lines += [f"{change.owner}: took step {name}" for name in change.taken]
    return lines


def _done() -> None:
    """What there was to do is done."""
