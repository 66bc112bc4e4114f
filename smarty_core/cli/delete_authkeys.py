"""`smarty_manage delete_authkeys --client_id N`: logs out every device of an operator."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command


def delete_authkeys(
    *,
    client_id: Annotated[int, typer.Option("--client_id", min=1, help="The operator.")],
    settings: SettingsOption = "",
) -> None:
    """Log out every device of an operator, also of one that is switched off. Each has to log in again."""
    with open_system(settings) as system:
        if not system.operators.exists(client_id):
            print(f"there is no operator {client_id}; nothing was done", file=sys.stderr)
            raise typer.Exit(1)

        def work() -> None:
            print(f"{system.sessions.delete_all(client_id)} devices were logged out")

        raise typer.Exit(run_command(system, "delete_authkeys", work))
