"""Work besides requests: `host.jobs` and `host.outbox`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from smarty_core.contracts.routes import JobSpec


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How a job does. `last_run` None = never ran."""

    name: str
    last_run: datetime | None = None
    ok: bool = True
    seconds: float = 0.0
    next_run: datetime | None = None
    message: str = ""


class JobBoard(Protocol):
    """The plugin's periodic jobs; their names are prefixed with the plugin's."""

    def add(self, job: JobSpec) -> None:
        """Add a job at run time; the same name replaces it. Jobs known beforehand come from `register_jobs`."""

    def status(self) -> Sequence[JobStatus]:
        """All jobs of the plugin."""


class Outbox(Protocol):
    """Things that must be done at least once, even after a crash.

    Entries with one `key` are handled in order, one at a time; a handler that raises is called again later, with
    growing pauses, and support sees the entry. Handlers must therefore be idempotent.
    """

    def put(self, kind: str, payload: Mapping[str, Any], *, key: str, session: Session | None = None) -> None:
        """Write an entry, in the transaction of `session` when given. `payload` is JSON."""

    def handle(self, kind: str, handler: Callable[[Mapping[str, Any]], object]) -> None:
        """Say who does the work of `kind`; called once at start."""
