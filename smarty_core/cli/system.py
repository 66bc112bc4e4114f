"""How commands get at the installation: `--settings`, and a system that is taken down again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Annotated

import typer

from smarty_core.app import System, build_system
from smarty_core.config import load_settings
from smarty_core.config.logs import configure_logging

SettingsOption = Annotated[
    str, typer.Option("--settings", metavar="MODULE", help="Settings module or file, e.g. settings.prod.")
]


@contextlib.contextmanager
def open_system(settings: str) -> Iterator[System]:
    """A system for one command. Raises `ConfigError` with everything that is wrong with the settings."""
    known = load_settings(settings or None)
    configure_logging(known, stream=False)
    system = build_system(known, role="command")
    try:
        yield system
    finally:
        system.stop()
