"""`smarty_manage performance_test [-s] [-m] [-b] [-r] [-db] [-p] [-a]`: how fast Redis, database and processor are."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from smarty_core.app import System
from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import StorageError
from smarty_core.services.performance import SIZES, Job, Timing, cache_jobs, database_jobs, processor_jobs, timed

COLUMNS: Final = ("what", "operation", "size", "operations", "seconds", "per second", "median ms", "99% below ms")


def performance_test(
    *,
    small: Annotated[bool, typer.Option("-s", "--small", help="1 000 operations each; so unless chosen.")] = False,
    mid: Annotated[bool, typer.Option("-m", "--mid", help="10 000 operations each.")] = False,
    big: Annotated[bool, typer.Option("-b", "--big", help="100 000 operations each.")] = False,
    redis: Annotated[bool, typer.Option("-r", "--redis", help="Redis, or the cache in use.")] = False,
    database: Annotated[bool, typer.Option("-db", "--database", help="The master database.")] = False,
    processor: Annotated[bool, typer.Option("-p", "--proc", help="The processor.")] = False,
    everything: Annotated[bool, typer.Option("-a", "--all", help="All three; so unless chosen.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Time Redis, the database and the processor. Nothing that is written stays."""
    sizes = [size for size, chosen in (("small", small), ("mid", mid), ("big", big)) if chosen] or ["small"]
    if everything or not (redis or database or processor):
        redis = database = processor = True
    timings: list[tuple[str, str, Timing]] = []
    failures: list[str] = []
    with open_system(settings) as system:
        if redis and system.settings.cache.kind == "memory":
            print("no Redis is configured; the cache of the process is timed instead", file=sys.stderr)
        for part, jobs in _parts(system, redis=redis, database=database, processor=processor):
            try:
                for size in sizes:
                    timings += [(part, size, timing) for timing in _run(f"{part}, {size}", jobs, SIZES[size])]
            except StorageError as failure:
                failures.append(f"{part}: {failure}")
    _show(timings)
    for line in failures:
        print(line, file=sys.stderr)
    if failures:
        raise typer.Exit(1)


def _parts(
    system: System, *, redis: bool, database: bool, processor: bool
) -> Iterator[tuple[str, Callable[[], Iterator[Job]]]]:
    if redis:
        name = {"memory": "cache", "redis": "Redis", "cluster": "Redis Cluster"}[system.settings.cache.kind]
        yield name, lambda: cache_jobs(system.cache)
    if database:
        yield system.database.dialect, lambda: database_jobs(system.database)
    if processor:
        yield "processor", processor_jobs


def _run(what: str, jobs: Callable[[], Iterator[Job]], operations: int) -> Iterator[Timing]:
    if not sys.stdout.isatty():
        yield from (timed(job, operations) for job in jobs())
        return
    with Progress(transient=True) as progress:
        for job in jobs():
            task = progress.add_task(f"{what}: {job.name}", total=max(1, int(operations * job.share)))
            yield timed(job, operations, advance=partial(progress.advance, task))
            progress.remove_task(task)


def _show(timings: list[tuple[str, str, Timing]]) -> None:
    lines = [_cells(part, size, timing) for part, size, timing in timings]
    if sys.stdout.isatty():
        table = Table(*COLUMNS)
        for line in lines:
            table.add_row(*line)
        Console().print(table)
        return
    widths = [max(len(line[column]) for line in (COLUMNS, *lines)) for column in range(len(COLUMNS))]
    for line in (COLUMNS, *lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cells(part: str, size: str, timing: Timing) -> tuple[str, ...]:
    return (
        part,
        timing.job,
        size,
        str(timing.operations),
        f"{timing.seconds:.3f}",
        f"{timing.rate:.0f}",
        f"{1000 * timing.median:.3f}",
        f"{1000 * timing.p99:.3f}",
    )
