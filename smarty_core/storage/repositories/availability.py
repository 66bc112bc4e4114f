"""Stream services as their checks see them, and viewers as a drill counts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, lazyload

from smarty_core.storage.models import StreamService
from smarty_core.storage.repositories.streams import ServiceFacts, service_facts

CHUNK = 500
"""Ids in one IN list; Oracle allows 1000."""


@dataclass(frozen=True, slots=True)
class WatchedService:
    """A stream service and the checks that are switched on for it: `ping`, `tcp`, `http`, `is_alive`.

    `path` is what the HTTP check opens, empty = /.
    """

    facts: ServiceFacts
    checks: tuple[str, ...]
    path: str = ""


def watched_services(session: Session, client_id: int | None = None) -> list[WatchedService]:
    """Services that are switched on and have a check, of one operator or of all; and those that have none left but
    are still held to be down."""
    columns = (
        StreamService.check_ping,
        StreamService.check_tcp,
        StreamService.check_http,
        StreamService.check_is_alive,
    )
    query = select(StreamService).where(StreamService.enabled, or_(*columns, StreamService.available.is_(False)))
    if client_id is not None:
        query = query.where(StreamService.client_id == client_id)
    return [_watched(row) for row in session.scalars(query.order_by(StreamService.id))]


def service_rows(session: Session, ids: Sequence[int], *, for_change: bool) -> Iterator[StreamService]:
    """Those of these services that are still there and switched on, by id; `for_change` keeps others from writing
    them until this transaction ends."""
    for begin in range(0, len(ids), CHUNK):
        query = select(StreamService).where(StreamService.id.in_(ids[begin : begin + CHUNK]), StreamService.enabled)
        query = query.options(lazyload(StreamService.data_center)).order_by(StreamService.id)
        yield from session.scalars(query.with_for_update() if for_change else query)


def _watched(row: StreamService) -> WatchedService:
    switched: dict[str, Any] = {
        "ping": row.check_ping, "tcp": row.check_tcp, "http": row.check_http, "is_alive": row.check_is_alive,
    }  # fmt: skip
    return WatchedService(service_facts(row), tuple(name for name, on in switched.items() if on), row.check_path or "")
