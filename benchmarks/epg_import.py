"""The guide import beside a floor that writes the same rows: `python -m benchmarks.epg_import`.

A guide of 100 000 programmes, grouped by channel and sorted by time, is imported into each kind of database that is
there, imported again as it is, and again with 1 % of its programmes changed. See `benchmarks.guide_floor` for what
"floor" and "bare pass" mean. Times are those inside the work, without the start of the process. At last a guide of
800 000 programmes is imported in a process of its own.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.guide_databases import database_url, new_database
from benchmarks.guide_documents import PER_CHANNEL, write_document
from benchmarks.guide_floor import bare_pass, floor_pass
from benchmarks.guide_process import Taken, import_alone, importer
from benchmarks.result import Result, tell
from smarty_core.storage.models import Programme

FIRST, FIRST_MARIADB, SAME, CHANGED, LINEAR, PEAK = 0.70, 0.50, 0.30, 3.5, 0.80, 200


class Guide:
    """One document and the database it is imported into."""

    def __init__(self, url: str, folder: Path, *, programmes: int, by_time: bool) -> None:
        self.url, self.programmes, self.by_time = url, programmes, by_time
        self.channels = max(1, programmes // PER_CHANNEL)
        self.document = folder / "guide.xml"
        self.total = self.make(0.0)

    def make(self, changed_percent: float) -> int:
        """Write the document; how many programmes it holds."""
        return write_document(
            self.document, programmes=self.programmes, channels=self.channels, by_time=self.by_time,
            changed_percent=changed_percent,
        )  # fmt: skip


def compare(guide: Guide, name: str, *, rounds: int, first_goal: float) -> None:
    """Import the guide, the same again, and with 1 % changed."""
    bares, floors, firsts, sames, changes = [], [], [], [], []
    for _ in range(rounds):
        database = new_database(guide.url, guide.document, guide.channels)
        floors.append(floor_pass(database, guide.document))
        database.close()
        database = new_database(guide.url, guide.document, guide.channels)
        run = importer(database)
        firsts.append(run())
        with database.read() as session:
            stored = session.scalar(select(func.count()).select_from(Programme))
        if stored != guide.total:
            raise SystemExit(f"{name}: {guide.total} programmes were told and {stored} are stored")
        bares.append(bare_pass(guide.document))
        sames.append(run())
        guide.make(1.0)
        bares.append(bare_pass(guide.document))
        changes.append(run())
        bares.append(bare_pass(guide.document))
        guide.make(0.0)
        database.close()
    bare, floor, first, same, changed = map(statistics.median, (bares, floors, firsts, sames, changes))
    size = f"{guide.total} programmes, {name}"
    tell(Result(
        job=f"guide, first import: {size}", floor=f"{guide.total / floor:.0f}/s", ours=f"{guide.total / first:.0f}/s",
        ratio=f"{floor / first:.2f}", goal=f">= {first_goal:.2f}", met=floor / first >= first_goal,
    ))  # fmt: skip
    tell(Result(
        job=f"guide, the same again: {size}", floor=f"bare pass {bare:.2f} s", ours=f"{same:.2f} s",
        ratio=f"{same / bare:.2f}", goal=f"<= {SAME:.2f}", met=same / bare <= SAME,
    ))  # fmt: skip
    tell(Result(
        job=f"guide, 1 % changed: {size}", floor=f"bare pass {bare:.2f} s", ours=f"{changed:.2f} s",
        ratio=f"{changed / bare:.2f}", goal=f"<= {CHANGED:.1f}", met=changed / bare <= CHANGED,
    ))  # fmt: skip


def alone(url: str, folder: Path, programmes: int) -> Taken:
    """A guide sorted by time, imported in a process of its own."""
    guide = Guide(url, folder, programmes=programmes, by_time=True)
    new_database(url, guide.document, guide.channels).close()
    taken = import_alone(url)
    print(
        f"{guide.total} programmes, {guide.document.stat().st_size / 1e6:.0f} MB, in a process of its own: start "
        f"{taken.start:.2f} s, import {taken.seconds:.2f} s, peak {taken.peak:.0f} MB",
        flush=True,
    )
    return taken


def grow(folder: Path, *, programmes: int, times: int) -> None:
    """Compare a guide with one that is `times` larger."""
    with database_url("sqlite", folder) as url:
        small, large = alone(url, folder, programmes), alone(url, folder, programmes * times)
    rate, floor = programmes * times / large.seconds, programmes / small.seconds
    size = f"{programmes * times} programmes, sqlite, by time"
    tell(Result(
        job=f"guide, rate beside that of {programmes}: {size}", floor=f"{floor:.0f}/s", ours=f"{rate:.0f}/s",
        ratio=f"{rate / floor:.2f}", goal=f">= {LINEAR:.2f}", met=rate / floor >= LINEAR,
    ))  # fmt: skip
    tell(Result(
        job=f"guide, most memory: {size}", floor="", ours=f"{large.peak:.0f} MB", ratio="", goal=f"< {PEAK} MB",
        met=large.peak < PEAK,
    ))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programmes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2, help="on MariaDB one is done")
    parser.add_argument("--databases", nargs="*", default=["sqlite", "postgresql", "mariadb"])
    parser.add_argument(
        "--large", type=int, default=8, metavar="TIMES", help="how much larger the last one is; 0 = none"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smarty-bench-") as made:
        folder = Path(made)
        for kind in options.databases:
            for by_time in (False, True):
                try:
                    with database_url(kind, folder) as url:
                        guide = Guide(url, folder, programmes=options.programmes, by_time=by_time)
                        rounds, goal = (1, FIRST_MARIADB) if kind == "mariadb" else (options.rounds, FIRST)
                        name = f"{kind}, {'by time' if by_time else 'by channel'}"
                        compare(guide, name, rounds=rounds, first_goal=goal)
                except LookupError:
                    print(f"{kind}: no server answers; nothing was measured", flush=True)
                    break
        if options.large:
            grow(folder, programmes=options.programmes, times=options.large)


if __name__ == "__main__":
    main()
