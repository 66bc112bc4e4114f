"""A guide import while devices ask: `python -m benchmarks.import_under_load`, on SQLite and PostgreSQL.

`epg_import` brings 100 000 programmes as a process of its own while two workers answer 500 requests a second. The
99th percentile of the answers during the import counts, beside that of the same load without it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from benchmarks.devices import databases
from benchmarks.devices.generator import Plan, Seen
from benchmarks.devices.load import by_kind, demand_no_failures, load, percentile, send
from benchmarks.devices.served import Served, served
from benchmarks.devices.world import World, world
from benchmarks.guide_documents import write_document
from benchmarks.result import Result, tell
from smarty_core.config import load_settings
from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgSource

LIMIT = 0.100
LONGEST_IMPORT = 150.0
HEAD = 2.0
"""Seconds of load before the import begins."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programmes", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--active", type=int, default=3_000, help="devices that ask")
    parser.add_argument("--channels", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=500.0)
    parser.add_argument("--seconds", type=float, default=40.0, help="length of the load; the import should fit into it")
    parser.add_argument("--warm", type=float, default=10.0, help="seconds of load before")
    databases.add_option(parser)
    options = parser.parse_args()
    for name, address in databases.chosen(options).items():
        with tempfile.TemporaryDirectory(prefix="smarty-bench-") as folder:
            made = world(Path(folder), sessions=options.sessions, channels=options.channels, database=address)
            with made as known:
                _bring(known, Path(folder, "guide.xml"), options)
                with served(known.settings_file, workers=options.workers) as server:
                    _measure(name, replace(known, records=()), server, options)


def _bring(known: World, document: Path, options: argparse.Namespace) -> None:
    """Write the document and make it what the source of the guide reads."""
    write_document(document, programmes=options.programmes, channels=options.channels)
    database = Database.at(load_settings(known.settings_file).databases)
    try:
        with database.write() as session:
            session.execute(update(EpgSource).values(parser="xmltv_from_files", url_mask=str(document)))
    finally:
        database.close()


def _measure(name: str, known: World, server: Served, options: argparse.Namespace) -> None:
    plan = Plan(known, server.port, "steady", options.rate, options.warm, 1, options.active)
    demand_no_failures(send(plan), f"{name}, first")
    quiet = send(replace(plan, seed=2))
    demand_no_failures(quiet, f"{name}, before the import")
    with load(replace(plan, seconds=options.seconds, seed=3)) as running:
        time.sleep(HEAD)
        begun = time.monotonic()
        used = _import(known)
        ended = time.monotonic()
        seen = running.seen()
    demand_no_failures(seen, f"{name}, during the import")
    before, during = percentile(quiet.latency, 0.99), percentile(_between(seen, begun, ended), 0.99)
    for kind, latencies in sorted(by_kind(seen).items()):
        print(f"    {kind:22} {len(latencies):6} p50 {percentile(latencies, 0.5) * 1000:6.1f} ms, "
              f"p99 {percentile(latencies, 0.99) * 1000:6.1f} ms")  # fmt: skip
    part = "" if ended <= seen.began + options.seconds else "; the import outlasted the load"
    print(f"{name}: {options.programmes} programmes in {ended - begun:.1f} s, {used:.1f} s of processor{part}")
    tell(Result(f"import under load, {name}", "", f"p99 {during * 1000:.0f} ms, without {before * 1000:.0f} ms", "",
                f"p99 < {LIMIT * 1000:.0f} ms at {options.rate:.0f}/s", met=during < LIMIT))  # fmt: skip


def _import(known: World) -> float:
    """Run the command; the processor seconds it took."""
    command = [sys.executable, "-m", "smarty_core", "epg_import", "--settings", known.settings_file]
    before = os.times()
    subprocess.run(command, check=True, timeout=LONGEST_IMPORT, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _between(seen: Seen, begun: float, ended: float) -> list[float]:
    moments = zip(seen.due, seen.latency, strict=True)
    return [latency for due, latency in moments if begun <= seen.began + due <= ended]


if __name__ == "__main__":
    main()
