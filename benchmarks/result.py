"""What a benchmark found: one line of the table that `make bench` prints."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS_FILE = "SMARTY_BENCH_RESULTS"
"""Environment variable: a file to which each result is added as a line of JSON."""


@dataclass(frozen=True, slots=True)
class Result:
    """`floor`, `ours` and `ratio` as a reader wants to see them ("17424/s", "0.76", "" when there is none)."""

    job: str
    floor: str
    ours: str
    ratio: str
    goal: str
    met: bool


def tell(result: Result) -> None:
    """Print the result now and keep it for the table."""
    floor = f", floor {result.floor}" if result.floor else ""
    ratio = f", ratio {result.ratio}" if result.ratio else ""
    verdict = "met" if result.met else "NOT MET"
    print(f"{result.job}: {result.ours}{floor}{ratio} (goal {result.goal}: {verdict})", flush=True)
    if path := os.environ.get(RESULTS_FILE):
        with Path(path).open("a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def kept_results() -> list[Result]:
    """Every result of this run so far."""
    path = Path(os.environ[RESULTS_FILE])
    return [Result(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
