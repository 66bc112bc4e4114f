"""Starts load generators and reads what they saw."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.devices.generator import Plan, Seen
from benchmarks.devices.mix import KINDS

START_SECONDS = 60.0


class Load:
    """A generator on its way. `seen` waits for its end."""

    def __init__(self, plan: Plan, process: subprocess.Popen[str]) -> None:
        self._plan = plan
        self._process = process

    def seen(self) -> Seen:
        said, _ = self._process.communicate(timeout=self._plan.seconds + self._plan.patience + START_SECONDS)
        if self._process.returncode:
            raise SystemExit("the load generator failed")
        return Seen(**json.loads(said))


@contextlib.contextmanager
def load(plan: Plan) -> Iterator[Load]:
    """A generator that works on `plan` while the block runs; ended with it at the latest."""
    with tempfile.TemporaryDirectory(prefix="smarty-plan-") as folder:
        path = Path(folder, "plan.json")
        path.write_text(json.dumps(asdict(plan)))
        command = [sys.executable, "-m", "benchmarks.devices.generator", str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            yield Load(plan, process)
        finally:
            process.kill()
            process.wait()


def send(plan: Plan) -> Seen:
    """Work on a plan to its end."""
    with load(plan) as running:
        return running.seen()


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0..1) of the values do not pass; 0 without any."""
    found = sorted(values)
    return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


def windows(seen: Seen, seconds: float) -> list[tuple[float, float]]:
    """Begin (monotonic clock) and 99th percentile of each stretch of so many seconds."""
    found: dict[int, list[float]] = {}
    for due, latency in zip(seen.due, seen.latency, strict=True):
        found.setdefault(int(due / seconds), []).append(latency)
    return [(seen.began + place * seconds, percentile(each, 0.99)) for place, each in sorted(found.items())]


def demand_no_failures(seen: Seen, what: str) -> None:
    """End the benchmark when any answer was wrong."""
    if seen.failures:
        lines = "; ".join(f"{count} x {name}" for name, count in sorted(seen.failures.items())[:5])
        raise SystemExit(f"{what}: failed answers: {lines}")


def by_kind(seen: Seen) -> dict[str, list[float]]:
    """Latencies by kind of request."""
    found: dict[str, list[float]] = {}
    for kind, latency in zip(seen.kinds, seen.latency, strict=True):
        found.setdefault(KINDS[kind], []).append(latency)
    return found
