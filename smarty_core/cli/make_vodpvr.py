"""`smarty_manage make_vodpvr [--client_id N]`: makes a film of every recorded programme."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.progress import shown_progress
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command
from smarty_core.services.vodpvr import VodPvr


def make_vodpvr(
    *,
    client_id: Annotated[
        int | None, typer.Option("--client_id", min=1, help="Only this operator; all of them unless given.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and change nothing.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Make a film of every programme in the archive, and drop the films whose record is gone.

    May be run as often as you like: only what changed is written, and a run that was cut off is carried on.
    """
    with open_system(settings) as system:
        if client_id is not None and not system.operators.exists(client_id):
            print(f"there is no operator {client_id}; nothing was done", file=sys.stderr)
            raise typer.Exit(1)
        operators = [client_id] if client_id is not None else system.operators.all_ids()
        films = VodPvr(database=system.database, settings=system.settings, clock=system.clock)

        def work() -> None:
            with shown_progress() as progress:
                made = films.make(operators, dry_run=dry_run, progress=progress)
            print(made.line() + (" (dry run, nothing was changed)" if dry_run else ""))

        raise typer.Exit(run_command(system, "make_vodpvr", work))
