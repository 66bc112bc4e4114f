"""`smarty_manage flushall [--flush-protected]`: empties the cache."""

from __future__ import annotations

from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command


def flushall(
    *,
    flush_protected: Annotated[
        bool, typer.Option("--flush-protected", help="The protected part too: watch marks, keys of video servers.")
    ] = False,
    settings: SettingsOption = "",
) -> None:
    """Empty the cache of this installation, in all its processes. Needed after an upgrade."""
    with open_system(settings) as system:
        if code := run_command(system, "flushall", lambda: system.cache.flush(protected=flush_protected)):
            raise typer.Exit(code)
    print("the cache is empty" if flush_protected else "the cache is empty; its protected part was kept")
