"""Technical works: announced for channels and stream services, changed, finished.

What they block is in `services.works`; here they are written, each change in one transaction with the tags of what it
changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.works import works_tag
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Channel, Maintenance, StreamService
from smarty_core.storage.repositories import maintenance as rows


class NoSuchChannels(NotFound):
    """One of the prefixes that are to be under works is that of no channel of the operator."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is said of works; None = as it is, of new ones: nothing. `begin` and `end` are aware.

    `prefixes`: names of the channels on video servers, each may be that of several. `unavailable`: channels and
    services are blocked from `begin` to `end`; without it the works are only announced. `finished` ends them now.
    """

    prefixes: Sequence[str] | None = None
    service_ids: Sequence[int] | None = None
    begin: datetime | None = None
    end: datetime | None = None
    description: str | None = None
    unavailable: bool | None = None
    finished: bool | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """Works as they are stored. `prefixes`: of its channels, ascending."""

    id: int
    begin: datetime
    end: datetime | None
    description: str
    unavailable: bool
    finished: bool
    prefixes: tuple[str, ...]
    service_ids: tuple[int, ...]

    def state(self, now: datetime) -> str:
        """`finished`, `over`, `coming` or `going on`."""
        if self.finished:
            return "finished"
        if self.end is not None and self.end <= now:
            return "over"
        return "coming" if now < self.begin else "going on"


class MaintenanceWorks:
    """The technical works of all operators."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def create(self, client_id: int, said: Announcement) -> int:
        """Announce works; their number.

        Raises `NoSuchChannels`, `InvalidValue` (no begin, nothing to work on, a
        stream service that is not the operator's, an end before the begin).
        """
        if said.begin is None:
            raise InvalidValue("works need a begin")
        with self._database.write() as session:
            works = Maintenance(client_id=client_id, begin=said.begin, description="", unavailable=False,
                                finished=False)  # fmt: skip
            _change(session, works, said)
            session.add(works)
            session.flush()
            if works.unavailable:
                bump(session, works_tag(client_id))
            return works.id

    def edit(self, client_id: int, maintenance_id: int, said: Announcement) -> None:
        """Change works. Raises `NotFound` for works that are not the operator's, else as `create`."""
        with self._database.write() as session:
            works = rows.own(session, client_id, maintenance_id)
            if works is None:
                raise NotFound("there are no such works")
            blocked = works.unavailable
            _change(session, works, said)
            if blocked or works.unavailable:
                bump(session, works_tag(client_id))

    def all(self, client_id: int) -> list[Announced]:
        """The operator's works, the newest first, 1000 at most."""
        with self._database.read() as session:
            return [
                Announced(
                    one.id,
                    one.begin,
                    one.end,
                    one.description,
                    one.unavailable,
                    one.finished,
                    tuple(sorted({channel.url_prefix for channel in one.channels})),
                    tuple(sorted(service.id for service in one.services)),
                )
                for one in rows.latest(session, client_id)
            ]


def _change(session: Session, works: Maintenance, said: Announcement) -> None:
    """Take over what is said. Nothing is written when it makes no sense: the transaction is given up."""
    with session.no_autoflush:
        if said.prefixes is not None:
            works.channels = _channels(session, works.client_id, said.prefixes)
        if said.service_ids is not None:
            works.services = _services(session, works.client_id, said.service_ids)
        for name in ("begin", "end", "description", "unavailable", "finished"):
            value = getattr(said, name)
            if value is not None:
                setattr(works, name, value)
        if not works.channels and not works.services:
            raise InvalidValue("works need a channel or a stream service")
    if works.end is not None and works.end <= works.begin:
        raise InvalidValue("works end after their begin")


def _channels(session: Session, client_id: int, prefixes: Iterable[str]) -> list[Channel]:
    wanted = list(dict.fromkeys(prefixes))
    found = rows.channels_with_prefix(session, client_id, wanted)
    if len({channel.url_prefix for channel in found}) < len(wanted):
        raise NoSuchChannels("not every prefix is that of a channel")
    return found


def _services(session: Session, client_id: int, service_ids: Collection[int]) -> list[StreamService]:
    found = rows.services_with_ids(session, client_id, service_ids)
    missing = set(service_ids) - {service.id for service in found}
    if missing:
        raise InvalidValue(f"no such stream service: {', '.join(map(str, sorted(missing)))}")
    return found
