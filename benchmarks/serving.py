"""Server processes to be measured, one processor core for the server and one for who asks it."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smarty_core.testing.servers import free_port

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers on 127.0.0.1."""

    port: int
    pid: int

    @property
    def peak_memory(self) -> int:
        """Bytes, the most so far."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
        return 0

    @property
    def processor_seconds(self) -> float:
        """So far, in user and system mode together."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(module: str, argument: str) -> Iterator[Served]:
    """`python -m MODULE ARGUMENT PORT` on the server's core, from its first answer to the end of the block."""
    port = free_port()
    command = [*on_core(SERVER_CORE), sys.executable, "-m", module, argument, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{module} did not start")
            time.sleep(0.05)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def on_core(number: int) -> list[str]:
    """What to write before a command that is to stay on one core."""
    return ["taskset", "-c", str(number)]


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/openapi.json")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True
