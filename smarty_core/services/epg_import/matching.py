"""Which stored programme is which of the new ones, so that a programme keeps its id when it is moved or corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from smarty_core.storage.repositories.epg_programmes import ProgrammeRow, StoredProgramme

MOVED: Final = 30 * 60
"""Seconds a programme with the same name may move and still be the same programme."""


@dataclass(slots=True)
class Difference:
    """How to get from what is stored to what was told."""

    add: list[ProgrammeRow] = field(default_factory=list)
    change: list[ProgrammeRow] = field(default_factory=list)
    """New content at a start that is stored."""
    move: list[tuple[StoredProgramme, ProgrammeRow]] = field(default_factory=list)
    remove: list[StoredProgramme] = field(default_factory=list)


def difference(
    told: Sequence[ProgrammeRow],
    stored: Iterable[StoredProgramme],
    nearby: Iterable[StoredProgramme] = (),
    *,
    rewrite: bool = False,
) -> Difference:
    """Compare. `nearby` programmes lie outside of what was told: they may have moved in, but are not removed.

    The same start and name is the same programme; then the nearest of the same name within half an hour; then the
    same start, whose name was corrected. With `rewrite` also what is equal counts as changed.
    """
    found = Difference()
    at = {one.row.start: one for one in stored}
    rest: list[ProgrammeRow] = []
    for row in told:
        same = at.get(row.start)
        if same is None or same.row.name != row.name:
            rest.append(row)
            continue
        del at[row.start]
        if rewrite or same.row != row:
            found.change.append(row)
    if rest:
        rest = _moved(rest, at, list(nearby), found)
    for row in rest:
        same = at.pop(row.start, None)
        (found.add if same is None else found.change).append(row)
    found.remove = list(at.values())
    return found


def _moved(
    rest: list[ProgrammeRow], at: dict[int, StoredProgramme], nearby: list[StoredProgramme], found: Difference
) -> list[ProgrammeRow]:
    """Find the moved ones, nearest pairs first; give back the rows that have no partner."""
    named: defaultdict[str, list[StoredProgramme]] = defaultdict(list)
    for one in (*at.values(), *nearby):
        named[one.row.name].append(one)
    pairs = sorted(
        (abs(one.row.start - row.start), row.start, one.row.start, one, row)
        for row in rest
        for one in named.get(row.name, ())
        if abs(one.row.start - row.start) <= MOVED
    )
    taken: set[int] = set()
    moved: set[int] = set()
    for _, start, before, one, row in pairs:
        if start in moved or one.id in taken:
            continue
        moved.add(start)
        taken.add(one.id)
        if before in at and at[before].id == one.id:
            del at[before]
        found.move.append((one, row))
    return [row for row in rest if row.start not in moved]
