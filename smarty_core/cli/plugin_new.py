"""`smarty_manage plugin_new CAPABILITY NAME`: writes the package of a new plugin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from smarty_core.errors import SmartyError
from smarty_core.services.plugin_scaffold import KINDS, PluginScaffold


def plugin_new(
    capability: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}.")],
    name: Annotated[str, typer.Argument(help="Name of the plugin: lower case, e.g. payture.")],
    *,
    into: Annotated[
        Path | None, typer.Option(help="Folder to write into; by default ./plugins where there is one, else here.")
    ] = None,
) -> None:
    """Write a working plugin with settings, tests and the suite of its capability; needs no installation."""
    parent = into or (Path("plugins") if Path("plugins").is_dir() else Path())
    try:
        folder = PluginScaffold().write(capability, name, parent)
    except SmartyError as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from failure
    print(f"{folder} is written. Next:")
    print(f"  pip install -e {folder}")
    print(f"  pytest {folder}")
    print(f"  smarty_manage plugins --capability {capability}")
