"""A Smarty of several worker processes, as an operator starts it, and what it uses of the machine."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smarty_core.testing.servers import free_port

START_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """`pid` is the parent of the workers."""

    port: int
    pid: int

    @property
    def workers(self) -> tuple[int, ...]:
        """The processes that answer requests."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return tuple(pid for pid in map(int, children) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes())

    def processor_seconds(self) -> float:
        """Processor time the workers have used so far."""
        return sum(_used(pid) for pid in self.workers)

    def memory_mb(self) -> list[float]:
        """Resident memory of each worker."""
        return [_resident(pid) for pid in self.workers]


@contextlib.contextmanager
def served(settings_file: str, *, workers: int = 2, module: str = "smarty_core") -> Iterator[Served]:
    """`smarty_manage serve --workers N`; `module` may be one that does the same and more."""
    port = free_port()
    command = [sys.executable, "-m", module, "serve", "--settings", settings_file, "--host", "127.0.0.1", "--port",
               str(port), "--workers", str(workers), "--no-scheduler"]  # fmt: skip
    log = Path(settings_file).with_name("server.log")
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=out)
    try:
        found = Served(port, process.pid)
        deadline = time.monotonic() + START_SECONDS
        while not _ready(found, workers):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the server did not start: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        answering = found.workers
        yield found
        if found.workers != answering:
            raise SystemExit(f"a worker ended under load: {log.read_text()[-2000:]}")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(found: Served, workers: int) -> bool:
    if len(found.workers) < workers:
        return False
    connection = http.client.HTTPConnection("127.0.0.1", found.port, timeout=5)
    try:
        connection.request("GET", "/tvmiddleware/api/account/status/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
