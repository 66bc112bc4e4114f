"""`smarty_manage epg_import`: brings the guide up to date and drops what is too old."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from smarty_core.app import System
from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command
from smarty_core.services.epg_import.options import ImportOptions, Progress

NICENESS: Final = 5
"""How much the import stands back where the processor is short: devices are answered first. Not more, because while it
writes to SQLite others wait for it."""

STEPS = {"fetch": "fetching", "read": "reading", "write": "writing", "clean": "removing old"}


def epg_import(
    *,
    epg_source_id: Annotated[int | None, typer.Option("--epg_source_id", min=1, help="Only this source.")] = None,
    epg_source_name: Annotated[str, typer.Option("--epg_source_name", help="Only the source of this name.")] = "",
    epg_channel_id: Annotated[int | None, typer.Option("--epg_channel_id", min=1, help="Only this channel.")] = None,
    actual_days: Annotated[
        int | None,
        typer.Option("--actual_days", min=0, max=36_500, help="Days of past guide to keep; default EPG_ACTUAL_DAYS."),
    ] = None,
    create_content: Annotated[
        bool, typer.Option("--create_content", help="Accepted; content is not built from the guide yet.")
    ] = False,
    ignore_epg_import: Annotated[
        bool, typer.Option("--ignore_epg_import", help="Import nothing, only drop what is too old.")
    ] = False,
    start_date: Annotated[
        datetime | None,
        typer.Option("--start_date", formats=["%Y-%m-%d"], help="Leave what ends before this day (UTC) as it is."),
    ] = None,
    force_reimport: Annotated[
        bool, typer.Option("--force_reimport", help="Write everything again, whatever changed or would be lost.")
    ] = False,
    settings: SettingsOption = "",
) -> None:
    """Import the guide from all enabled sources, or from the ones named."""
    os.nice(NICENESS)
    if create_content:
        print("--create_content: building content from the guide arrives with video on demand; the guide is imported",
              file=sys.stderr)  # fmt: skip
    options = ImportOptions(
        source_id=epg_source_id,
        source_name=epg_source_name,
        channel_id=epg_channel_id,
        actual_days=actual_days,
        start_date=start_date.date() if start_date else None,
        force=force_reimport,
        ignore_import=ignore_epg_import,
    )
    with open_system(settings) as system:
        raise typer.Exit(import_guide(system, options))


def import_guide(system: System, options: ImportOptions) -> int:
    """Do it and print what was done; the exit code, 1 also when only some of it failed."""

    def work() -> None:
        with _shown_progress() as progress:
            report = system.epg_import.run(options, progress)
        print(*report.lines(), sep="\n")
        report.demand_ok()

    return run_command(system, "epg_import", work)


@contextlib.contextmanager
def _shown_progress() -> Iterator[Progress]:
    """A bar on a terminal; nothing into files and pipes."""
    if not sys.stderr.isatty():
        yield lambda source, step, done, total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(source: str, step: str, done: int, total: int) -> None:
            bar.update(task, description=f"{source}: {STEPS.get(step, step)}", completed=done, total=total or None)

        yield show
