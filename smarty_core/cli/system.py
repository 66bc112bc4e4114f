"""How commands get at the installation: a system that is taken down again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from smarty_core.app import System, build_system
from smarty_core.config import load_settings
from smarty_core.config.logs import configure_logging


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
