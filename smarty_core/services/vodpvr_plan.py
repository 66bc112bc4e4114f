"""From the guide to films of records: what a film says, and how the stored ones become the wished ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from smarty_core.storage.repositories import vodpvr as rows
from smarty_core.storage.repositories.channels import NAMES
from smarty_core.storage.repositories.guide import ProgrammeRow
from smarty_core.storage.repositories.vodpvr import RecordingChannel, StoredFilm

ADULT_AGE: Final = 18
NAME_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class Plan:
    """How to get from the stored films of a channel to the wished ones."""

    add: Sequence[Mapping[str, Any]] = ()
    change: Sequence[Mapping[str, Any]] = ()
    """New columns with the `id` of the film."""
    move: Sequence[int] = ()
    """Ids of those that begin at another time from now on."""
    remove: Sequence[int] = field(default=())


def times(
    programme: ProgrammeRow, exact_start: datetime | None, exact_stop: datetime | None
) -> tuple[datetime, datetime]:
    """When a programme begins and ends: exactly where that is known, else as the guide says."""
    return (
        exact_start or datetime.fromtimestamp(programme.start, UTC),
        exact_stop or datetime.fromtimestamp(programme.stop, UTC),
    )


def film(
    channel: RecordingChannel,
    programme: ProgrammeRow,
    begin: datetime,
    end: datetime,
    *,
    available: tuple[datetime, datetime],
) -> dict[str, Any]:
    """The columns of the film that a programme makes which is recorded from `begin` to `end` of the guide's time."""
    names = [*programme.names, *([""] * (len(NAMES) - len(programme.names)))]
    return {
        "client_id": channel.client_id,
        "channel_id": channel.id,
        "name": names[0][:NAME_LENGTH],
        **{column: text[:NAME_LENGTH] or None for column, text in zip(NAMES[1:], names[1:], strict=True)},
        "description": programme.descriptions[0] if programme.descriptions else "",
        "poster_url": programme.preview_url,
        "duration": int((end - begin).total_seconds()),
        "parental_control": channel.parental_control or programme.rating >= ADULT_AGE,
        "programme_id": programme.id,
        "recorded_from": begin,
        "recorded_until": end,
        "available_from": available[0],
        "available_until": available[1],
        "meta": json.loads(programme.meta) if programme.meta else None,
    }


def plan(
    stored: Sequence[StoredFilm],
    wished: Sequence[Mapping[str, Any]],
    *,
    oldest: datetime,
    guide_begins: datetime,
) -> Plan:
    """What makes `stored` into `wished`.

    A film stays while its record does: it goes when it begins at `oldest` or earlier, or when the guide, which is kept
    from `guide_begins` on, has nothing of it any more.
    """
    by_programme = {one.programme_id: one for one in stored if one.programme_id is not None}
    present = {row["programme_id"] for row in wished}
    by_begin = {one.recorded_from: one for one in stored if one.programme_id not in present}
    add: list[Mapping[str, Any]] = []
    change: list[Mapping[str, Any]] = []
    move: list[int] = []
    kept: set[int] = set()
    begins: set[datetime] = set()
    for row in wished:
        if row["recorded_from"] in begins:
            continue  # two programmes of one moment are one record
        begins.add(row["recorded_from"])
        known = by_programme.get(row["programme_id"]) or by_begin.get(row["recorded_from"])
        if known is None or known.id in kept:
            add.append(row)
            continue
        kept.add(known.id)
        columns = {name: row[name] for name in rows.FILM_COLUMNS}
        if columns != known.columns:
            change.append({"id": known.id, **columns})
            if columns["recorded_from"] != known.recorded_from:
                move.append(known.id)
    remove = [
        one.id
        for one in stored
        if one.id not in kept
        and (one.recorded_from <= oldest or one.recorded_from >= guide_begins or one.recorded_from in begins)
    ]
    return Plan(add, change, move, remove)
