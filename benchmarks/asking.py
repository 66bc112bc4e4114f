"""Asking a server: once for every device, to warm it and to check it; then as fast as it answers, with wrk."""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.serving import LOAD_CORE, on_core

CONNECTIONS = 32
WARMING_THREADS = 4

Looked = TypeVar("Looked")

SCRIPT = """
local requests, n = {{}}, 0
function init()
  for line in io.lines("{asked}") do
    local target, mark = line:match("([^\\t]*)\\t?(.*)")
    local headers = {{{headers}}}
    if mark ~= "" then headers["If-None-Match"] = mark end
    requests[#requests + 1] = wrk.format("GET", target, headers)
  end
end
function request()
  n = n + 1
  return requests[(n * 7919) % #requests + 1]
end
function done(summary)
  local bad = summary.errors
  io.write(string.format("\\n#%d %d %d %d\\n", summary.requests, summary.duration, summary.bytes,
    bad.connect + bad.read + bad.write + bad.status + bad.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, with every header but `Date`."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, wanted: str) -> str:
        return next((value for name, value in self.headers if name == wanted), "")

    def to_json(self) -> str:
        """What `benchmarks.bare` reads."""
        body = base64.b64encode(self.body).decode()
        return json.dumps({"status": self.status, "headers": self.headers, "body": body})


def ask(
    port: int, targets: Sequence[str], look: Callable[[str, Answer], Looked], headers: Mapping[str, str] | None = None
) -> list[Looked]:
    """Each target once, over a few connections; what `look` says of the answers, in the same order."""
    step = -(-len(targets) // WARMING_THREADS)
    shares = [targets[first : first + step] for first in range(0, len(targets), step)]
    with ThreadPoolExecutor(WARMING_THREADS) as threads:
        looked = threads.map(lambda share: _ask(port, share, look, headers or {}), shares)
        return [found for share in looked for found in share]


def _ask(
    port: int, targets: Sequence[str], look: Callable[[str, Answer], Looked], headers: Mapping[str, str]
) -> list[Looked]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    looked = []
    try:
        for target in targets:
            connection.request("GET", target, headers=dict(headers))
            got = connection.getresponse()
            named = tuple((name.lower(), value) for name, value in got.getheaders() if name.lower() != "date")
            looked.append(look(target, Answer(got.status, named, got.read())))
    finally:
        connection.close()
    return looked


class Load:
    """wrk asking for many targets in turn. `marks`: an ETag known already, per target."""

    def __init__(
        self, folder: Path, targets: Sequence[str], *, headers: Mapping[str, str], marks: Sequence[str] = ()
    ) -> None:
        asked, self._script = folder / "asked", folder / "load.lua"
        lines = zip(targets, marks or [""] * len(targets), strict=True)
        asked.write_text("".join(f"{target}\t{mark}\n" for target, mark in lines))
        named = ", ".join(f'["{name}"] = "{value}"' for name, value in headers.items())
        self._script.write_text(SCRIPT.format(asked=asked, headers=named))

    def run(self, port: int, seconds: int, *, least_bytes: float, connections: int = CONNECTIONS) -> float:
        """Answers a second. A failed answer ends the benchmark.

        An answer of fewer bytes than `least_bytes`, on the average, is none.
        """
        command = [*on_core(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(self._script),
                   f"http://127.0.0.1:{port}"]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        requests, microseconds, size, failed = map(int, said.rpartition("#")[2].split())
        if failed or not requests or size / requests < least_bytes:
            raise SystemExit(f"failed answers under load, or not those that were expected:\n{said}")
        return requests / microseconds * 1e6
