"""Boxes that log in again after a power cut: `python -m benchmarks.login_storm`, all 80 000 of them with `--full`.

Known devices log in with abonement and password at a steady rate while other devices ask the steady mix. Afterwards
the new keys must work, and nobody who was logged in may have been disturbed: a poll that tells another device that its
session has ended fails the run.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.devices import databases
from benchmarks.devices.generator import Plan, Seen
from benchmarks.devices.load import demand_no_failures, load, percentile, send
from benchmarks.devices.mix import PUBLISHED
from benchmarks.devices.served import Served, served
from benchmarks.devices.world import World, world
from benchmarks.result import Result, tell

LIMIT = 1.0
"""Seconds: the 99th percentile of the mix beside the storm."""

LATE = 1.05
"""The last login may be answered so much later than the last one was due."""

ACTIVE = 10_000
"""Devices that ask the mix."""

FULL = (80_000, 300.0)
SHORT = (8_000, 30.0)
WARM_SECONDS = 10.0
CHECKED_RATE = 200.0
"""Polls a second of those that are asked afterwards whether their keys work."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="80 000 logins in five minutes")
    parser.add_argument("--logins", type=int, default=SHORT[0])
    parser.add_argument("--seconds", type=float, default=SHORT[1])
    parser.add_argument("--channels", type=int, default=184, help="184: a list of 390 kB")
    parser.add_argument("--workers", type=int, default=2)
    databases.add_option(parser)
    options = parser.parse_args()
    if options.full:
        options.logins, options.seconds = FULL
    for name, address in databases.chosen(options).items():
        with tempfile.TemporaryDirectory(prefix="smarty-bench-") as folder:
            made = world(Path(folder), sessions=options.logins + ACTIVE, channels=options.channels,
                         logins=options.logins, database=address)  # fmt: skip
            with made as known, served(known.settings_file, workers=options.workers) as server:
                _storm(name, known, server, options)


def _storm(name: str, known: World, server: Served, options: argparse.Namespace) -> None:
    first, last = options.logins + 1, known.sessions
    asking = Plan(known, server.port, "steady", PUBLISHED["steady"], WARM_SECONDS, first, last)
    demand_no_failures(send(asking), f"{name}, before the storm")
    entering = Plan(known, server.port, "logins", options.logins / options.seconds, options.seconds, 1, options.logins,
                    patience=options.seconds, keep_bodies=True)  # fmt: skip
    before = server.processor_seconds()
    with load(replace(asking, seconds=options.seconds, seed=2)) as mix, load(entering) as storm:
        logins, others = storm.seen(), mix.seen()
    cores = (server.processor_seconds() - before) / max(logins.took, others.took)
    demand_no_failures(logins, f"{name}, logins")
    demand_no_failures(others, f"{name}, the mix beside the logins")
    _demand_keys(name, known, server, logins)
    rate, slowest = options.logins / logins.took, percentile(others.latency, 0.99)
    print(f"{name}: a login p50 {percentile(logins.latency, 0.5) * 1000:.0f} ms, p99 "
          f"{percentile(logins.latency, 0.99) * 1000:.0f} ms; server {cores:.2f} cores, generators "
          f"{(logins.processor + others.processor) / logins.took:.2f}, memory "
          f"{' + '.join(f'{size:.0f}' for size in server.memory_mb())} MB")  # fmt: skip
    tell(Result(f"login storm, {name}", "", f"{options.logins} in {logins.took:.1f} s, {rate:.0f}/s", "",
                f"in {options.seconds:.0f} s", met=logins.took <= options.seconds * LATE))  # fmt: skip
    tell(Result(f"login storm, {name}, the mix beside it", "", f"p99 {slowest * 1000:.0f} ms", "",
                f"p99 < {LIMIT:g} s", met=slowest < LIMIT))  # fmt: skip


def _demand_keys(name: str, known: World, server: Served, logins: Seen) -> None:
    """The new keys are as many as the logins, and devices that use some of them are answered."""
    keys = dict(logins.keys)
    if len(set(keys.values())) != len(logins.due):
        raise SystemExit(f"{name}: {len(logins.due)} logins gave {len(set(keys.values()))} keys")
    numbers = sorted(keys)[:: max(1, len(keys) // 400)]
    polls = Plan(known, server.port, "polls", CHECKED_RATE, len(numbers) / CHECKED_RATE, 1, known.sessions,
                 keys=[(number, keys[number]) for number in numbers])  # fmt: skip
    demand_no_failures(send(polls), f"{name}, the new keys")


if __name__ == "__main__":
    main()
