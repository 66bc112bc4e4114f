"""`smarty_manage cache_channel_list`: makes the channel lists of all operators ready."""

from __future__ import annotations

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command


def cache_channel_list(*, settings: SettingsOption = "") -> None:
    """Build every operator's channel list. Servers keep theirs ready by themselves; this one says what is in them."""
    with open_system(settings) as system:

        def made(client_id: int, channels: int) -> None:
            print(f"operator {client_id}: {channels} channels")

        def work() -> None:
            system.catalogue.warm_all(system.operators.all_ids(), made)

        raise typer.Exit(run_command(system, "cache_channel_list", work))
