"""`smarty_manage api_key`: the keys other systems prove or sign with for an operator."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.clients import KEYS, Clients
from smarty_core.services.commands import run_command

KEY_FROM = "SMARTY_API_KEY"


def api_key(
    *,
    client_id: Annotated[int, typer.Option("--client_id", min=1, help="Number of the operator.")],
    api: Annotated[str, typer.Option("--api", help=f"{', '.join(KEYS)}.")],
    new: Annotated[bool, typer.Option("--new", help="Replace it by another; the old one is good no longer.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Print the key of an operator for one API. With --new it is replaced, by what SMARTY_API_KEY says or by a made up
    one."""
    with open_system(settings) as system:
        clients = Clients(database=system.database, vault=system.vault)
        if not new:
            print(clients.key(client_id, api))
            return

        def work() -> None:
            print(clients.replace_key(client_id, api, os.environ.get(KEY_FROM, "")))

        raise typer.Exit(run_command(system, "api_key", work))
