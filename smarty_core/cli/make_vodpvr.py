"""`smarty_manage make_vodpvr [--client_id N]`: makes a film of every recorded programme."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command
from smarty_core.services.vodpvr import Progress, VodPvr


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
            with _shown_progress() as progress:
                made = films.make(operators, dry_run=dry_run, progress=progress)
            print(made.line() + (" (dry run, nothing was changed)" if dry_run else ""))

        raise typer.Exit(run_command(system, "make_vodpvr", work))


@contextlib.contextmanager
def _shown_progress() -> Iterator[Progress]:
    """A bar on a terminal; nothing into files and pipes."""
    if not sys.stderr.isatty():
        yield lambda name, done, total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda name, done, total: bar.update(task, description=name, completed=done, total=total)
