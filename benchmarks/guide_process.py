"""One import in a process of its own: `python -m benchmarks.guide_process URL BEGUN` prints what it took as JSON.

`BEGUN` is when the process was started (seconds since 1970).
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, cast

from benchmarks.guide_databases import no_hooks
from smarty_core.config import Settings
from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.epg_import.options import ImportOptions
from smarty_core.services.epg_import.run import EpgImport
from smarty_core.storage.database import Database
from smarty_core.storage.vault import Vault
from smarty_core.testing.fake_host import FakeHost


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of the start and of the import, and the most memory the process had, in MB."""

    start: float
    seconds: float
    peak: float


def importer(database: Database) -> Callable[[], float]:
    """Imports all sources each time it is called; the seconds it took. Raises when something was not imported."""
    host = FakeHost.make("epg_xmltv")
    settings = Settings.for_tests(SMARTY_ADDITIONAL_LANGUAGES=["en"], EPG_DAYS_AHEAD=3650, EPG_CREATE_CATEGORIES=False)
    importing = EpgImport(
        database=database, settings=settings, vault=Vault("bench"), hooks=no_hooks(),
        registry=DriverRegistry(None, lambda _plugin: cast(Any, host), discovery=Discovery(environ={})),
    )  # fmt: skip

    def run() -> float:
        begun = time.perf_counter()
        importing.run(ImportOptions()).demand_ok()
        return time.perf_counter() - begun

    return run


def import_alone(url: str) -> Taken:
    """Import in a new process."""
    command = [sys.executable, "-m", "benchmarks.guide_process", url, str(time.time())]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout
    return Taken(**json.loads(told))


def main() -> None:
    url, begun = sys.argv[1:]
    run = importer(Database(url))
    start = time.time() - float(begun)
    seconds = run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(asdict(Taken(start, seconds, peak))))


if __name__ == "__main__":
    main()
