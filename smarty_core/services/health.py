"""How loaded this host is, as HealthCheck tells it to applications that choose between servers."""

from __future__ import annotations

import logging
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from smarty_core.config import Settings
from smarty_core.errors import ConfigError
from smarty_core.events import log_event
from smarty_core.storage.database import Database

MEMINFO: Final = Path("/proc/meminfo")
_RECLAIMED: Final = ("MemFree", "Buffers", "Cached", "SReclaimable")
"""What can be given to a new process, where the kernel does not say it in one figure."""

_log = logging.getLogger("smarty_main")


@dataclass(frozen=True, slots=True)
class Health:
    """`usage` 0..1 and more when overloaded; `alive` says whether this server should be used."""

    usage: float
    alive: bool
    connection_errors: tuple[str, ...]
    reserved_servers: tuple[str, ...]


class HealthService:
    """Reads the host's load and memory, and on request the databases' state."""

    def __init__(self, *, settings: Settings, database: Database, meminfo: Path = MEMINFO) -> None:
        self._settings = settings
        self._database = database
        self._meminfo = meminfo

    def check(self, *, databases: bool) -> Health:
        """The present state. `usage` is the smaller share of both limits: an idle host with full memory is not busy.

        Raises `ConfigError` when MAX_LA or MAX_USED_MEM are missing or wrong, or the host tells neither figure.
        """
        max_load = _limit(self._settings.MAX_LA, "MAX_LA")
        max_memory = _limit(self._settings.MAX_USED_MEM, "MAX_USED_MEM")
        load, memory = _load(), used_memory_percent(self._meminfo)
        shares = [figure / limit for figure, limit in ((load, max_load), (memory, max_memory)) if figure is not None]
        if not shares:
            raise ConfigError("this host tells neither its load nor its memory")
        errors = self._database_errors() if databases else ()
        usage = min(shares)
        return Health(
            round(usage, 4), usage < 1 and not errors, errors, tuple(self._settings.RESERVED_SERVER_ADDRESSES)
        )

    def _database_errors(self) -> tuple[str, ...]:
        """Anybody may ask, so names and users of servers stay in the log."""
        troubles = self._database.troubles()
        for name, reason in troubles.items():
            log_event(_log, logging.WARNING, "DATABASE_AWAY", database=name, error=reason)
        return tuple(f"{name}: the database does not answer" for name in troubles)


def used_memory_percent(meminfo: Path = MEMINFO) -> float | None:
    """Memory that cannot be given to a new process, in percent of all; None where the system does not tell."""
    figures = {}
    try:
        for line in meminfo.read_text("ascii", "replace").splitlines():
            name, _, rest = line.partition(":")
            figures[name] = int(rest.split()[0])
        total = figures["MemTotal"]
        free = figures.get("MemAvailable", sum(figures.get(name, 0) for name in _RECLAIMED))
        return 100.0 * (total - free) / total
    except (OSError, ValueError, LookupError, ZeroDivisionError):
        return None


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def _limit(value: Any, name: str) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value <= 0:
        raise ConfigError(f"{name}: set it to a positive number so that HealthCheck can tell the usage")
    return float(value)
