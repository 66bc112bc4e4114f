"""`smarty_manage setup_initial_data [--no-sample-data]`: what a new installation starts with."""

from __future__ import annotations

from typing import Annotated

import typer

from smarty_core.app import System
from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command
from smarty_core.services.setup.run import SetupReport


def setup_initial_data(
    *,
    no_sample_data: Annotated[
        bool, typer.Option("--no-sample-data", help="System objects only, no sample operator.")
    ] = False,
    settings: SettingsOption = "",
) -> None:
    """Add device types, templates, countries, guide categories and genres, and a sample operator. Safe to repeat."""
    with open_system(settings) as system:
        raise typer.Exit(set_up(system, sample=not no_sample_data))


def set_up(system: System, *, sample: bool) -> int:
    """Do it and print what was added; the exit code."""

    def work() -> None:
        report = system.setup.run(sample=sample)
        print(*_lines(report), sep="\n")

    return run_command(system, "setup_initial_data", work)


def _lines(report: SetupReport) -> list[str]:
    added = [f"{number} {name}" for name, number in report.added.items() if number]
    lines = [f"added: {', '.join(added)}" if added else "system objects: nothing was missing"]
    if report.login is not None:
        login = report.login
        lines.append(
            f"sample operator: client_id {login.client_id}, abonement {login.abonement}, password {login.password};"
            " import his guide with: smarty_manage epg_import"
        )
    return lines
