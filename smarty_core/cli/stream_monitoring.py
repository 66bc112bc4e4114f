"""`smarty_manage stream_monitoring --client_id N [--load FILE]`: what is monitored and who is told, without a panel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.commands import run_command
from smarty_core.services.stream_monitoring.plan import Plan, Plans

MOST_BYTES: Final = 16_777_216


def stream_monitoring(
    *,
    client_id: Annotated[int, typer.Option("--client_id", min=1, help="Number of the operator.")],
    load: Annotated[
        str, typer.Option("--load", metavar="FILE", help="Bring what is monitored into accord with FILE; - is input.")
    ] = "",
    settings: SettingsOption = "",
) -> None:
    """Print the analysers, streams, triggers and address groups of an operator as JSON, or load them.

    What the document does not name stays as it is. Exit code 2 when it has mistakes; then nothing is changed.
    """
    with open_system(settings) as system:
        plans = Plans(system.database)
        try:
            if not load:
                print(plans.of(client_id).write())
                return
            plan = Plan.read(_text(load))
        except (InvalidValue, NotFound) as wrong:
            print(wrong, file=sys.stderr)
            raise typer.Exit(2) from wrong

        def work() -> None:
            plans.apply(client_id, plan)
            print(
                f"{len(plan.groups)} address groups, {len(plan.monitors)} analysers with "
                f"{sum(len(one.streams) for one in plan.monitors)} streams, {len(plan.triggers)} triggers are stored"
            )

        raise typer.Exit(run_command(system, "stream_monitoring", work))


def _text(path: str) -> bytes:
    try:
        with sys.stdin.buffer if path == "-" else Path(path).open("rb") as source:
            text = source.read(MOST_BYTES + 1)
    except OSError as exc:
        raise InvalidValue(f"cannot read {path}: {exc.strerror}") from exc
    if len(text) > MOST_BYTES:
        raise InvalidValue(f"{path} is longer than {MOST_BYTES} bytes")
    return text
