"""`smarty_manage check_streams [--client_id N] [--list] [--json]`: what do the analysers measure?"""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import datetime
from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command
from smarty_core.storage.repositories.stream_monitoring import AccidentFacts


def check_streams(
    *,
    client_id: Annotated[
        int | None, typer.Option("--client_id", min=1, help="Only this operator; all of them unless given.")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="Ask nobody; show the accidents of the last day.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --list: print JSON.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Ask the analysers about all streams, keep what they measured, and write to people about accidents.

    Exit code 1 when mails could not be sent; they are sent by the next run.
    """
    if as_json and not only_list:
        raise typer.BadParameter("only together with --list", param_hint="--json")
    with open_system(settings) as system:
        if client_id is not None and not system.operators.exists(client_id):
            print(f"there is no operator {client_id}; nothing was done", file=sys.stderr)
            raise typer.Exit(1)
        if only_list:
            _show(system.stream_monitoring.accidents(client_id), as_json=as_json)
            return

        def work() -> None:
            done = system.stream_monitoring.run(client_id)
            print(done.line())
            done.demand_told()

        raise typer.Exit(run_command(system, "check_streams", work))


def _show(accidents: list[AccidentFacts], *, as_json: bool) -> None:
    if as_json:
        rows = [dataclasses.asdict(one) for one in accidents]
        print(json.dumps(rows, default=datetime.isoformat, ensure_ascii=False, indent=2))
        return
    for one in accidents:
        until = f"until {one.ended_at:%Y-%m-%d %H:%M:%S}" if one.ended_at else "GOING ON"
        what = f"{one.stream} on {one.monitor}" if one.stream else one.monitor
        print(f"{one.begun_at:%Y-%m-%d %H:%M:%S} {until}  {what}: {one.key} {one.value}: {one.message}")
    going_on = sum(one.ended_at is None for one in accidents)
    print(f"{going_on} accidents go on, {len(accidents) - going_on} ended in the last day; times are UTC")
