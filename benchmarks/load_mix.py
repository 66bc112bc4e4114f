"""The published mix of a large installation: `python -m benchmarks.load_mix`.

Virtual devices with keys of their own ask two worker processes, first what devices ask when they start, then what they
ask while they run. The load is open (see `devices.generator`). The rate begins at the published one and rises until the
99th percentile of the latency passes 100 ms. ChannelList and ProgramList are asked for with `Accept-Encoding: gzip`.
Server, database and generator share the cores of this machine, so the rates are those of the whole.

In a running installation a device comes back before a process has forgotten it. So the devices that ask here are few
enough (`--active`) to have asked before the first step; what the first visits of all of them cost is told as well.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.devices.generator import Plan, Seen
from benchmarks.devices.load import by_kind, demand_no_failures, percentile, send
from benchmarks.devices.mix import KINDS, MIXES, PUBLISHED
from benchmarks.devices.served import Served, served
from benchmarks.devices.world import World, world
from benchmarks.result import Result, tell

LIMIT = 0.100
"""Seconds: the 99th percentile a rate has to keep."""

GOAL = 3000.0
RISE = 1.4
PATIENCE = 60.0
"""Seconds after the last request was due until all answers must have come."""

HEAVY_GENERATOR = 0.4
"""Share of a core above which the generator itself is in the way, which is then said."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rate and what came of it. `server`, `generator`: cores in use; `memory`: megabytes of each worker."""

    rate: float
    p50: float
    p99: float
    server: float
    generator: float
    memory: list[float]
    seen: Seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--active", type=int, default=5_000, help="devices that ask, out of all sessions")
    parser.add_argument("--channels", type=int, default=184, help="184: a list of 390 kB")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one step")
    parser.add_argument("--visits", type=float, default=5.0, help="requests of each device before the first step")
    parser.add_argument("--warm-rate", type=float, default=1_500.0, help="how many of them in a second")
    parser.add_argument("--connections", type=int, default=128)
    parser.add_argument("--highest", type=float, default=12_000.0, help="no rate above this one is tried")
    parser.add_argument("--redis", metavar="URL", default="", help="a cache outside the processes")
    parser.add_argument("--database", metavar="URL", default="", help="a server; a database is made there and removed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smarty-bench-") as name:
        made = world(Path(name), sessions=options.sessions, channels=options.channels, database=options.database,
                     redis=options.redis)  # fmt: skip
        with made as known, served(known.settings_file, workers=options.workers) as server:
            print(f"{options.sessions} sessions, {options.active} devices, {options.workers} workers, "
                  f"{os.cpu_count()} cores, loads {' '.join(f'{load:.1f}' for load in os.getloadavg())}")  # fmt: skip
            for phase in ("start-up", "steady"):
                _phase(phase, known, server, options)


def _phase(phase: str, known: World, server: Served, options: argparse.Namespace) -> None:
    rate = PUBLISHED[phase]
    print(
        f"\n{phase}: " + ", ".join(f"{kind} {share}" for kind, share in zip(KINDS, MIXES[phase], strict=True) if share)
    )
    first = _step(phase, known, server, options, options.warm_rate, options.active * options.visits / options.warm_rate)
    _show(first, f"first visits, {len(first.seen.due) / first.seen.took:.0f} answers/s: ")
    best: Step | None = None
    while rate <= options.highest:
        step = _step(phase, known, server, options, rate, options.seconds)
        _show(step)
        if step.p99 > LIMIT:
            break
        best, rate = step, rate * RISE
    if best is None:
        tell(Result(f"load mix, {phase}", "", "the published rate was not kept", "", f"> {GOAL:.0f}/s", met=False))
        return
    for kind, latencies in sorted(by_kind(best.seen).items()):
        p50, p99 = percentile(latencies, 0.5), percentile(latencies, 0.99)
        print(f"    {kind:22} {len(latencies):6} p50 {p50 * 1000:6.1f} ms, p99 {p99 * 1000:6.1f} ms")
    if best.generator > HEAVY_GENERATOR:
        print(f"    the generator took {best.generator:.2f} of a core from the server")
    tell(Result(
        f"load mix, {phase}", "",
        f"{best.rate:.0f}/s, p99 {best.p99 * 1000:.0f} ms, {best.server:.2f} cores, {_megabytes(best)}", "",
        f"> {GOAL:.0f}/s", met=best.rate > GOAL,
    ))  # fmt: skip


def _step(phase: str, known: World, server: Served, options: argparse.Namespace, rate: float, seconds: float) -> Step:
    before = server.processor_seconds()
    plan = Plan(known, server.port, phase, rate, seconds, 1, min(options.active, options.sessions), seed=int(rate),
                connections=options.connections, patience=PATIENCE)  # fmt: skip
    seen = send(plan)
    demand_no_failures(seen, f"{phase}, {rate:.0f}/s")
    cores = (server.processor_seconds() - before) / seen.took
    return Step(rate, percentile(seen.latency, 0.5), percentile(seen.latency, 0.99), cores,
                seen.processor / seen.took, server.memory_mb(), seen)  # fmt: skip


def _show(step: Step, name: str = "") -> None:
    print(
        f"  {name}{step.rate:6.0f}/s: p50 {step.p50 * 1000:6.1f} ms, p99 {step.p99 * 1000:7.1f} ms,"
        f" server {step.server:.2f} cores, generator {step.generator:.2f}, memory {_megabytes(step)}",
        flush=True,
    )


def _megabytes(step: Step) -> str:
    return " + ".join(f"{size:.0f}" for size in step.memory) + " MB"


if __name__ == "__main__":
    main()
