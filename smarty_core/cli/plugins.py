"""`smarty_manage plugins`: what is installed, what it can do, who uses it, and why it does not work."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import SmartyError
from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.inventory import PluginInfo, inventory
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.plugin_uses import merged, uses_in_database, uses_in_settings

COLUMNS = ("distribution", "version", "capability", "name", "supports", "hooks", "instances", "status")
_COLOURS = {"ok": "green", "unused": "dim", "disabled": "yellow", "broken": "bold red"}


def plugins(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    capability: Annotated[str, typer.Option(help="Only this capability, e.g. epg_parser; or hooks.")] = "",
    hook: Annotated[str, typer.Option(help="Only hook modules that implement this hook.")] = "",
    settings: SettingsOption = "",
) -> None:
    """List the installed plugins with their state."""
    rows = [
        row
        for row in installed(settings)
        if (not capability or row.capability == capability) and (not hook or hook in row.hooks)
    ]
    if as_json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], ensure_ascii=False, indent=2))
    elif sys.stdout.isatty():
        Console().print(_table(rows))
    else:
        print(plain(rows))


def installed(settings: str) -> list[PluginInfo]:
    """The inventory. Still given, without knowing who uses what, when the settings or the database are wrong."""
    try:
        with open_system(settings) as system:
            uses = merged(uses_in_settings(system.settings), uses_in_database(system.database))
            return inventory(system.registry, system.hooks, uses)
    except SmartyError as failure:
        print(f"who uses what is not known: {failure}", file=sys.stderr)
    discovery = Discovery()
    return inventory(DriverRegistry.for_listing(discovery), Hooks(discovery))


def plain(rows: list[PluginInfo]) -> str:
    """The table as text with aligned columns."""
    lines = [COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cells(row: PluginInfo) -> tuple[str, ...]:
    status = f"{row.status}: {' '.join(row.reason.split())}" if row.reason else row.status
    lists = (", ".join(row.supports), ", ".join(row.hooks), ", ".join(row.instances))
    return tuple(cell or "-" for cell in (row.distribution, row.version, row.capability, row.name, *lists, status))


def _table(rows: list[PluginInfo]) -> Table:
    table = Table(*COLUMNS)
    for row in rows:
        *cells, status = _cells(row)
        table.add_row(*cells, f"[{_COLOURS[row.status]}]{_escaped(status)}[/]")
    return table


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
