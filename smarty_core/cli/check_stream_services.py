"""`smarty_manage check_stream_services [--client_id N] [--dry-run]`: are the video servers there?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.progress import shown_progress
from smarty_core.cli.system import open_system
from smarty_core.services.availability.run import Looked, Run
from smarty_core.services.commands import run_command


def check_stream_services(
    *,
    client_id: Annotated[
        int | None, typer.Option("--client_id", min=1, help="Only this operator; all of them unless given.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and tell, but change nothing.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Run the availability checks that are switched on for each stream service.

    One that fails some times in a row is not chosen any more until it passes some times in a row; how many,
    STREAM_SERVICE_CHECK_FAILURES and STREAM_SERVICE_CHECK_SUCCESSES say.
    """
    with open_system(settings) as system:
        if client_id is not None and not system.operators.exists(client_id):
            print(f"there is no operator {client_id}; nothing was done", file=sys.stderr)
            raise typer.Exit(1)

        def work() -> None:
            with shown_progress() as progress:
                done = system.availability.run(
                    client_id, dry_run=dry_run, progress=lambda count, total: progress("checking", count, total)
                )
            print(*_lines(done), sep="\n")
            if dry_run:
                print("(dry run, nothing was changed)")

        raise typer.Exit(run_command(system, "check_stream_services", work))


def _lines(done: Run) -> Iterator[str]:
    """Every service there is something to say of, then all of them counted."""
    for one in done.services:
        if one.changed or one.passed is not True:
            yield f"{_state(one)}  {one.name} (service {one.service_id} of operator {one.client_id}){_why(one)}"
    yield done.line()


def _state(one: Looked) -> str:
    if one.changed:
        return "UP  " if one.available else "DOWN"
    return "up  " if one.available else "down"


def _why(one: Looked) -> str:
    if one.late:
        return ": not reached in time"
    details = "; ".join(f"{name}: {detail}" for name, detail in one.details.items())
    return f": {details}" if details else ""
