"""Options that all commands have in common."""

from __future__ import annotations

from typing import Annotated

import typer

SettingsOption = Annotated[
    str, typer.Option("--settings", metavar="MODULE", help="Settings module or file, e.g. settings.prod.")
]
