"""`smarty_manage plugin_purge NAME`: removes what an uninstalled plugin left in the database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import SmartyError
from smarty_core.services.commands import run_command
from smarty_core.services.plugin_purge import PluginPurge


def plugin_purge(
    name: Annotated[str, typer.Argument(help="Name of the plugin, e.g. payture.")],
    *,
    driver: Annotated[list[str] | None, typer.Option(help="A driver of it with another name; repeatable.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Remove tables, instances, events and job records of a plugin that is no longer installed."""
    drivers = tuple(driver or ())
    with open_system(settings) as system:
        purge = PluginPurge(
            database=system.database,
            discovery=system.registry.discovery,
            capabilities=system.registry.capabilities(),
        )
        try:
            found = purge.look(name, drivers)
        except SmartyError as failure:
            print(failure, file=sys.stderr)
            raise typer.Exit(1) from failure
        if not found:
            print(f"nothing is left of {name}")
            return
        print(f"left of {name}:", *(f"  {line}" for line in found.lines()), sep="\n")
        if not yes and not typer.confirm("Remove all of this? It cannot be undone.", default=False):
            print("nothing was removed")
            raise typer.Exit(1)
        if run_command(system, "plugin_purge", lambda: purge.remove(name, drivers)):
            raise typer.Exit(1)
        print(f"{name} is gone")
