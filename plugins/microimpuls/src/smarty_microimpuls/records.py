"""Personal records on a MicroPVR: how our tasks are named there, and what its list says about them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from smarty_core.contracts.stream_router import Recording, RecordState, RecordTask
from smarty_microimpuls.pvr import KnownTask, NewTask

_OURS: Final = "smarty-"
"""The folder of a task begins so; by it, and by nothing else, a task is found again."""

LONGEST: Final = 64
"""Signs of a name that the core keeps."""

_STATES: Final[tuple[tuple[str, RecordState], ...]] = (
    ("fail", "failed"), ("error", "failed"), ("done", "done"), ("finish", "done"), ("complete", "done"),
)  # fmt: skip
"""Words in the server's status that decide; for all others the times do."""


def name_of(task: RecordTask) -> str:
    """The name of a task on the server; the same however often it is sent."""
    name = f"{_OURS}{task.id}"
    return name if len(name) <= LONGEST else _OURS + hashlib.sha256(task.id.encode()).hexdigest()[:40]


def location_of(task: RecordTask, folder: str) -> str:
    """The folder a task is recorded into."""
    base = (task.directory or folder).rstrip("/")
    return f"{base}/{name_of(task)}" if base else name_of(task)


def new_task(task: RecordTask, channel: int, folder: str, priority: int) -> NewTask:
    """The task as the server wants it."""
    return NewTask(
        channel_id=channel,
        channel_name=task.prefix or task.content_id,
        start=int(task.start.timestamp()),
        duration=int((task.stop - task.start).total_seconds()),
        lifetime=task.keep_seconds,
        location=location_of(task, folder),
        source=task.source,
        priority=priority,
        urgent=task.urgent,
    )


def name_in(known: KnownTask) -> str:
    """The name of a task of ours on the server's list, empty for all others."""
    name = known.location.rstrip("/").rpartition("/")[2]
    return name if name.startswith(_OURS) and len(name) <= LONGEST else ""


def recording(known: KnownTask, name: str, now: datetime) -> Recording:
    """How far a task is: by the server's word where it is clear, else by its times and what it has recorded."""
    for word, state in _STATES:
        if word in known.status:
            return Recording(name, state, known.status)
    moment = now.timestamp()
    if moment < known.start:
        return Recording(name, "planned", known.status)
    if known.stop == 0 or moment < known.stop:
        return Recording(name, "recording", known.status)
    return Recording(name, "done" if known.records else "failed", known.status or "nothing was recorded")
