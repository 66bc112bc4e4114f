"""Mail about accidents: one when it begins, one when it ends, at least once each.

What is to be told follows from the rows, so nothing is lost while the mail server is away: `told_at` is empty until
somebody was told of the begin, and before `ended_at` until somebody was told of the end.
"""

from __future__ import annotations

import logging
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from smarty_core.errors import InvalidValue, ProviderError, ProviderRefused
from smarty_core.events import log_event
from smarty_core.services.mail import Connection, Mail, Mailer, is_address
from smarty_core.storage.database import Database
from smarty_core.storage.models import Accident
from smarty_core.storage.repositories import stream_monitoring as rows
from smarty_core.storage.repositories.stream_monitoring import AccidentFacts

TELL_WITHIN: Final = timedelta(days=1)
"""Nobody is written about what has been over for longer."""

log = logging.getLogger("smarty_stream_services")


@dataclass(frozen=True, slots=True)
class Told:
    """`sent` mails; `waiting` ones for the next run, and why."""

    sent: int = 0
    waiting: int = 0
    trouble: str = ""


class Alarms:
    """Writes to the addresses of triggers. One object serves any number of runs, one after the other."""

    def __init__(self, *, database: Database, mailer: Mailer, zone: str, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._mailer = mailer
        self._zone = zoneinfo.ZoneInfo(zone)
        self._clock = clock

    def tell(self, client_id: int | None = None) -> Told:
        """Send what waits, until the mail server fails. Raises `StorageError`."""
        with self._database.read_master() as session:
            untold = rows.untold_accidents(session, self._clock() - TELL_WITHIN, client_id)
            addresses = rows.recipients(session, list({one.trigger_id for one in untold}))
        waiting = [(one, addresses[one.trigger_id]) for one in untold if addresses.get(one.trigger_id)]
        if not waiting:
            return Told()
        if not self._mailer.configured:
            return Told(waiting=len(waiting), trouble="EMAIL_HOST is not set")
        sent = 0
        try:
            with self._mailer.opened() as connection:
                for accident, to in waiting:
                    self._tell(connection, accident, to)
                    sent += 1
        except ProviderError as failure:
            log_event(log, logging.ERROR, "STREAM_ALARM_NOT_SENT", waiting=len(waiting) - sent, error=str(failure))
            return Told(sent, len(waiting) - sent, str(failure))
        return Told(sent)

    def _tell(self, connection: Connection, accident: AccidentFacts, to: tuple[str, ...]) -> None:
        """Send one mail. A mail nobody will ever take is given up, with a line in the log."""
        try:
            good = tuple(filter(is_address, to))
            if not good:
                raise InvalidValue("no recipient has an address that mail can be sent to")
            refused = connection.send(self._mail(accident, good))
        except (InvalidValue, ProviderRefused) as failure:
            log_event(log, logging.ERROR, "STREAM_ALARM_GIVEN_UP", accident=accident.id, error=str(failure))
        else:
            if refused:
                log_event(log, logging.WARNING, "STREAM_ALARM_REFUSED", accident=accident.id, recipients=len(refused))
        with self._database.write() as session:
            row = session.get(Accident, accident.id)
            if row is not None:
                # the end it was told of may lie a moment ahead of the clock of this host
                row.told_at = max(self._clock(), accident.ended_at or accident.begun_at)

    def _mail(self, accident: AccidentFacts, to: tuple[str, ...]) -> Mail:
        what = accident.stream or accident.monitor
        over = accident.ended_at is not None
        lines = [accident.message, ""] if accident.message else []
        lines += [f"Trigger: {accident.trigger} ({accident.key})", f"Analyser: {accident.monitor}"]
        if accident.stream:
            lines.append(f"Stream: {accident.stream}, {accident.address}")
        lines += [f"Measured: {accident.value}", f"Since: {self._moment(accident.begun_at)}"]
        if accident.ended_at is not None:
            lasted = timedelta(seconds=int((accident.ended_at - accident.begun_at).total_seconds()))
            lines += [f"Until: {self._moment(accident.ended_at)}", f"Lasted: {lasted}"]
        return Mail(
            to=to,
            subject=f"{'OK' if over else 'ALARM'}: {accident.trigger}: {what}",
            text="\n".join(lines) + "\n",
            key=f"smarty-accident-{accident.id}-{'end' if over else 'begin'}",
            date=self._clock(),
        )

    def _moment(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M:%S %z}"
