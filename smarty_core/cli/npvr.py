"""`smarty_manage npvr`: carries the personal records on, as the periodic job does."""

from __future__ import annotations

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command


def npvr(*, settings: SettingsOption = "") -> None:
    """Tell video servers what to record for accounts, and follow what they record. The server does so by itself."""
    with open_system(settings) as system:

        def work() -> None:
            print(system.npvr_rounds.advance().line())

        raise typer.Exit(run_command(system, "npvr", work))
