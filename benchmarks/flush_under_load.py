"""`flushall` while devices ask: `python -m benchmarks.flush_under_load`, with the in-process cache and with Redis.

The real command runs in a process of its own while two workers are under load. No answer may fail, no process may
render a body twice, and the 99th percentile must be good again two seconds after the command has ended.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.devices.counting import COUNTS_FOLDER
from benchmarks.devices.generator import Plan, Seen
from benchmarks.devices.load import demand_no_failures, load, percentile, send, windows
from benchmarks.devices.served import Served, served
from benchmarks.devices.world import World, world
from benchmarks.result import Result, tell
from smarty_core.testing.servers import redis_server

WINDOW = 0.5
RECOVERY = 2.0
"""Seconds after the command until latencies must be good again."""

GOOD = 0.100
"""Seconds: a 99th percentile that is always good enough; else what it was before counts, and half as much again."""

TAIL = 6.0
"""Seconds of load after the command, so that the recovery is seen."""

COMMAND_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Counts:
    """What one process has rendered: different bodies, all in all, and most of a single one."""

    bodies: int
    rendered: int
    most: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--channels", type=int, default=184, help="184: a list of 390 kB")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1_000.0)
    parser.add_argument("--warm", type=float, default=15.0, help="seconds of load before")
    options = parser.parse_args()
    _run("in-process cache", "", options)
    with redis_server() as port:
        _run("Redis", f"redis://127.0.0.1:{port}/0", options)


def _run(name: str, redis: str, options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="smarty-bench-") as folder_name:
        folder = Path(folder_name)
        counts = folder / "counts"
        counts.mkdir()
        os.environ[COUNTS_FOLDER] = str(counts)
        made = world(folder, sessions=options.sessions, channels=options.channels, redis=redis)
        with made as known, served(known.settings_file, workers=options.workers,
                                   module="benchmarks.devices.counting") as server:  # fmt: skip
            _measure(name, known, server, counts, options)


def _measure(name: str, known: World, server: Served, counts: Path, options: argparse.Namespace) -> None:
    plan = Plan(known, server.port, "steady", options.rate, options.warm, 1, known.sessions)
    demand_no_failures(send(plan), f"{name}, before")
    took = _flush(known)  # how long the command takes here
    seconds = 2 * took + TAIL
    with load(Plan(known, server.port, "steady", options.rate, seconds, 1, known.sessions, seed=1)) as running:
        time.sleep(took)
        before = _counts(server, counts)
        begun = time.monotonic()
        _flush(known)
        ended = time.monotonic()
        seen = running.seen()
    demand_no_failures(seen, name)
    after = _counts(server, counts)
    usual, worst, later = _around(seen, begun, ended)
    rendered = sum(each.rendered for each in after) - sum(each.rendered for each in before)
    bodies = sum(each.bodies for each in after) - sum(each.bodies for each in before)
    most = max(each.most for each in after)
    print(f"{name}: {len(seen.due)} answers, {bodies} bodies rendered anew in {len(after)} processes; p99 in stretches "
          f"of {WINDOW:g} s: before {usual * 1000:.0f} ms, at worst {worst * 1000:.0f} ms")  # fmt: skip
    tell(Result(f"flushall under load, {name}: renderings of a body", "", f"{rendered} of {bodies}, most {most}", "",
                "at most 1 in a process", met=most == 1))  # fmt: skip
    limit = max(GOOD, 1.5 * usual)
    tell(Result(f"flushall under load, {name}: p99 after {RECOVERY:g} s", "", f"{later * 1000:.0f} ms", "",
                f"<= {limit * 1000:.0f} ms", met=later <= limit))  # fmt: skip


def _around(seen: Seen, begun: float, ended: float) -> tuple[float, float, float]:
    """The 99th percentile before the command, the worst stretch from then on, and that of all after the recovery."""
    stretches = windows(seen, WINDOW)
    before = [p99 for moment, p99 in stretches if moment + WINDOW <= begun]
    since = [p99 for moment, p99 in stretches if moment + WINDOW > begun]
    moments = zip(seen.due, seen.latency, strict=True)
    later = [latency for due, latency in moments if seen.began + due >= ended + RECOVERY]
    return percentile(before, 0.5), max(since), percentile(later, 0.99)


def _flush(known: World) -> float:
    begun = time.monotonic()
    command = [sys.executable, "-m", "smarty_core", "flushall", "--settings", known.settings_file]
    subprocess.run(command, check=True, timeout=COMMAND_SECONDS, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def _counts(server: Served, folder: Path) -> list[Counts]:
    """Of each worker, not older than a moment."""
    time.sleep(1.0)
    return [Counts(**json.loads((folder / f"{pid}.json").read_text())) for pid in server.workers]


if __name__ == "__main__":
    main()
