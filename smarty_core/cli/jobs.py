"""`smarty_manage jobs`: the periodic work, when it last ran, how it went, when it runs next."""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import NotFound
from smarty_core.services.commands import Outcome
from smarty_core.services.jobs import JobStatus

COLUMNS = ("job", "every", "last run (UTC)", "took", "last success", "next run (UTC)", "status")


def jobs(
    *,
    run: Annotated[str, typer.Option(metavar="NAME", help="Run this job now, due or not.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Show the periodic jobs, or run one now."""
    with open_system(settings) as system:
        system.jobs.collect_from(system.hooks)
        if run:
            try:
                outcome = system.jobs.run(run)
            except NotFound as failure:
                print(failure, file=sys.stderr)
                raise typer.Exit(2) from failure
            raise typer.Exit(report(outcome))
        rows = system.jobs.status()
    if as_json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], default=_as_text, ensure_ascii=False, indent=2))
        return
    lines = [_cells(row) for row in rows]
    if sys.stdout.isatty():
        table = Table(*COLUMNS)
        for line in lines:
            table.add_row(*(cell.replace("[", r"\[") for cell in line))
        Console().print(table)
        return
    widths = [max(len(line[column]) for line in (COLUMNS, *lines)) for column in range(len(COLUMNS))]
    for line in (COLUMNS, *lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def report(outcome: Outcome) -> int:
    """Say how a run ended; the exit code."""
    if outcome.ok:
        print(f"{outcome.name}: done in {outcome.seconds:.1f} s")
        return 0
    said = f"is already {outcome.error}; nothing was done" if outcome.status == "busy" else f"failed: {outcome.error}"
    print(f"{outcome.name} {said}", file=sys.stderr)
    return 1


def span(seconds: float | None) -> str:
    """A length of time in its two largest units."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours < 1:
        return f"{minutes:.0f} min {seconds % 60:.0f} s"
    if days < 1:
        return f"{hours:.0f} h {minutes % 60:.0f} min"
    return f"{days:.0f} d {hours % 24:.0f} h"


def _cells(row: JobStatus) -> tuple[str, ...]:
    status = f"{row.status}: {' '.join(row.error.split())}" if row.error else row.status
    ago = "-" if row.age is None else f"{span(row.age)} ago"
    moments = (_moment(row.last_run), span(row.seconds), ago, _moment(row.next_run))
    return (row.name, span(row.period_seconds), *moments, status)


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
