"""`smarty_manage clean_old_messages [--days_count N]`: drops old messages."""

from __future__ import annotations

from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command
from smarty_core.services.periodic import OLD_MESSAGE_DAYS


def clean_old_messages(
    *,
    days_count: Annotated[
        int, typer.Option("--days_count", min=0, max=36_500, help="Age in days from which messages go.")
    ] = OLD_MESSAGE_DAYS,
    settings: SettingsOption = "",
) -> None:
    """Drop the messages on the screen that are older than some days, and those whose time is over."""
    with open_system(settings) as system:

        def work() -> None:
            print(f"{system.messages.clean(days_count)} messages were dropped")

        raise typer.Exit(run_command(system, "clean_old_messages", work))
