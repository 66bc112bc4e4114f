"""The server process that is killed: forked from one that has everything imported."""

from __future__ import annotations

from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from smarty_core.cli.serve import run_server
from smarty_core.config import Settings
from smarty_core.config.logs import configure_logging


def serve(given: Mapping[str, Any], port: int, ready: Connection) -> None:
    """A whole server without periodic jobs; says when it accepts requests."""
    settings = Settings.of(given)
    configure_logging(settings, stream=False)
    run_server(settings, "127.0.0.1", port, scheduler=False, ready=lambda: ready.send("ready"))
