"""`smarty_manage create_client`: a new operator."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.clients import SAFE_KEY, Clients
from smarty_core.services.commands import run_command


def create_client(
    *,
    name: Annotated[str, typer.Option("--name", help="Name of the operator.")],
    api_key: Annotated[str, typer.Option("--api_key", help="Key of the device API.")],
    domain_prefix: Annotated[str, typer.Option("--domain_prefix", help="First part of his host names, unique.")],
    email: Annotated[str, typer.Option("--email", help="Where he is written to.")],
    settings: SettingsOption = "",
) -> None:
    """Create an operator."""
    with open_system(settings) as system:
        clients = Clients(database=system.database, vault=system.vault)

        def work() -> None:
            number = clients.create(name=name, api_key=api_key, domain_prefix=domain_prefix, email=email)
            print(f"operator {number} was created")
            if len(api_key) < SAFE_KEY:
                print(f"his key has fewer than {SAFE_KEY} characters and can be guessed", file=sys.stderr)

        raise typer.Exit(run_command(system, "create_client", work))
