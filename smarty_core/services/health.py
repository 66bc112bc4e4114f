"""How loaded this host is, as HealthCheck tells it to applications that choose between servers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from smarty_core.config import Settings
from smarty_core.errors import ConfigError, StorageError
from smarty_core.storage.database import Database

MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Health:
    """`usage` 0..1 and more when overloaded; `alive` says whether this server should be used."""

    usage: float
    alive: bool
    connection_errors: tuple[str, ...]
    reserved_servers: tuple[str, ...]


class HealthService:
    """Reads the host's load and memory, and on request the databases' state."""

    def __init__(self, *, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def check(self, *, databases: bool) -> Health:
        """The present state. Raises `ConfigError` when MAX_LA or MAX_USED_MEM are missing or wrong."""
        max_load, max_memory = (
            _limit(self._settings.MAX_LA, "MAX_LA"),
            _limit(self._settings.MAX_USED_MEM, "MAX_USED_MEM"),
        )
        usage = min(os.getloadavg()[0] / max_load, used_memory_percent() / max_memory)
        errors = self._database_errors() if databases else ()
        alive = usage < 1 and not errors
        return Health(round(usage, 4), alive, errors, tuple(self._settings.RESERVED_SERVER_ADDRESSES))

    def _database_errors(self) -> tuple[str, ...]:
        try:
            with self._database.read() as session:
                session.execute(text("SELECT 1"))
        except StorageError as exc:
            return (f"default: {exc}",)
        return ()


def _limit(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ConfigError(f"{name}: set it to a positive number so that HealthCheck can tell the usage")
    return float(value)


def used_memory_percent(meminfo: Path = MEMINFO) -> float:
    """Memory that cannot be given to a new process, in percent of all."""
    figures = {}
    for line in meminfo.read_text().splitlines():
        name, _, rest = line.partition(":")
        figures[name] = int(rest.split()[0])
    return 100.0 * (figures["MemTotal"] - figures["MemAvailable"]) / figures["MemTotal"]
