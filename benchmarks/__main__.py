"""`make bench`: every benchmark, one after the other, and one table at the end. Exit code 1 when a goal is missed."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.page import page
from benchmarks.running import BENCHMARKS, run_all, write_file
from benchmarks.table import show


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these, out of {', '.join(BENCHMARKS)}")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write a page about the results, too")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    results = run_all(options.names or list(BENCHMARKS))
    print()
    show(results)
    if options.write:
        write_file(options.write, page(results, datetime.now(UTC).date()))
    return 0 if all(result.met for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
