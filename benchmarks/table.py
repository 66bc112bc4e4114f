"""The one table of a whole run: on a terminal, in a file of text, as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import astuple
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.result import Result

HEADS: Final = ("job", "floor", "ours", "ratio", "goal", "met")
NUMBERS: Final = ("floor", "ours", "ratio")
NO_GOAL: Final = ("", "-")


def show(results: Sequence[Result]) -> None:
    """Print the table, drawn on a terminal and plain otherwise."""
    if sys.stdout.isatty():
        Console().print(drawn(results))
    else:
        print(plain(results))


def drawn(results: Sequence[Result]) -> Table:
    table = Table()
    for head in HEADS:
        table.add_column(head, justify="right" if head in NUMBERS else "left", overflow="fold")
    for result in results:
        style = None if result.met else "bold red"
        table.add_row(*cells(result), style=style)
    return table


def plain(results: Sequence[Result]) -> str:
    lines = [HEADS, *map(cells, results)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADS))]
    return "\n".join("  ".join(map(_padded, HEADS, line, widths)).rstrip() for line in lines)


def markdown(results: Sequence[Result]) -> str:
    rules = ["---:" if head in NUMBERS else "---" for head in HEADS]
    lines = [HEADS, rules, *map(cells, results)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def cells(result: Result) -> tuple[str, ...]:
    """As a reader sees them; a job without a goal is neither met nor missed."""
    verdict = "yes" if result.met else "NO"
    if result.met and result.goal in NO_GOAL:
        verdict = "-"
    return (*(str(cell) or "-" for cell in astuple(result)[:-1]), verdict)


def _padded(head: str, cell: str, width: int) -> str:
    return cell.rjust(width) if head in NUMBERS else cell.ljust(width)
