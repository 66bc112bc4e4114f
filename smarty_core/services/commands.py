"""Runs management commands and jobs: one at a time over all hosts, remembered, and told to the management log."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from smarty_core.contracts.events import ManagementCommandError, ManagementCommandSuccess
from smarty_core.errors import LockTaken, SmartyError, StorageError
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.storage.database import Database
from smarty_core.storage.models import JobRun
from smarty_core.values import utc_now

COMMAND_LOCK_SECONDS: Final = 3600.0
"""How long a command that died without a word keeps others from starting."""

ERROR_LIMIT: Final = 4000
"""Characters of an error that are kept with a run."""

Status = Literal["ok", "error", "busy", "fresh", "timeout"]

log = logging.getLogger("smarty_management")


class Locks(Protocol):
    """Locks over all hosts of the installation (`storage.locks`)."""

    def lock(self, name: str, ttl: float) -> contextlib.AbstractContextManager[Any]:
        """Hold the lock while the block runs, `ttl` seconds at most; raises `LockTaken`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    `busy`: another process was at it; `fresh`: another host has just done it; `timeout`: it is still running past its
    deadline. `result` is what the work returned.
    """

    name: str
    status: Status
    seconds: float = 0.0
    error: str = ""
    result: object = None

    @property
    def ok(self) -> bool:
        return self.status in ("ok", "fresh")


class CommandRunner:
    """Gives every run its lock, its row in `job_run` and its MANAGEMENT_COMMAND event."""

    def __init__(
        self,
        *,
        database: Database,
        locks: Locks,
        hooks: Hooks | None = None,
        clock: Callable[[], datetime] = utc_now,
        host: str = "",
    ) -> None:
        self.database: Final = database
        self.clock: Final = clock
        self.host: Final = host or socket.gethostname()
        self._locks = locks
        self._hooks = hooks

    def perform(
        self,
        name: str,
        work: Callable[[], object],
        *,
        ttl: float = COMMAND_LOCK_SECONDS,
        locked: bool = True,
        unless: Callable[[], bool] | None = None,
    ) -> Outcome:
        """Do `work` unless another process is doing it, or `unless` says (while the lock is held) that it is done.

        Never raises for what `work` does, except `KeyboardInterrupt`.
        """
        held: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
        if locked:
            held = self._locks.lock(f"command:{name}", ttl)
        try:
            with held:
                if unless is not None and unless():
                    return Outcome(name, "fresh")
                return self._run(name, work)
        except LockTaken:
            return Outcome(name, "busy", error=self._who(name))
        except StorageError as failure:
            self._report_error(name, traceback.format_exc(), _short(failure))
            return Outcome(name, "error", error=_short(failure))

    def last(self, name: str) -> JobRun | None:
        """The last run of `name` on any host."""
        with self.database.read() as session:
            return session.get(JobRun, name)

    def note_overdue(self, name: str, deadline: float) -> str:
        """Remember that a run is still not finished after its deadline; gives the text kept with it."""
        error = f"not finished within its deadline of {deadline:g} s; it is still running"
        self._report_error(name, error, error)
        with contextlib.suppress(StorageError), self.database.write() as session:
            row = session.get(JobRun, name)
            if row is not None and row.status == "running":
                row.status, row.error = "timeout", error
        return error

    def _run(self, name: str, work: Callable[[], object]) -> Outcome:
        started_at, begun = self.clock(), time.monotonic()
        with self.database.write() as session:
            row = session.get(JobRun, name)
            if row is None:
                row = JobRun(name=name, started_at=started_at)
                session.add(row)
            row.started_at, row.finished_at, row.seconds = started_at, None, None
            row.status, row.error, row.host = "running", "", self.host[:190]
        try:
            result = work()
        except BaseException as failure:
            self._finish(name, begun, error=_short(failure))
            self._report_error(name, traceback.format_exc(), _short(failure))
            if isinstance(failure, (KeyboardInterrupt, SystemExit)):
                raise
            return Outcome(name, "error", time.monotonic() - begun, _short(failure))
        seconds = self._finish(name, begun)
        log_event(log, logging.INFO, "MANAGEMENT_COMMAND_SUCCESS", command=name, execution_time=round(seconds, 3))
        if self._hooks is not None:
            told = ManagementCommandSuccess(client_id=0, command=name, execution_time=f"{seconds:.3f}")
            self._hooks.notify("management_command_success", event=told)
        return Outcome(name, "ok", seconds, result=result)

    def _report_error(self, name: str, stacktrace: str, reason: str) -> None:
        log_event(log, logging.ERROR, "MANAGEMENT_COMMAND_ERROR", command=name, stacktrace=stacktrace)
        if self._hooks is not None:
            told = ManagementCommandError(client_id=0, command=name, reason=reason)
            self._hooks.notify("management_command_error", event=told)

    def _finish(self, name: str, begun: float, *, error: str = "") -> float:
        seconds, now = time.monotonic() - begun, self.clock()
        try:
            with self.database.write() as session:
                row = session.get(JobRun, name)
                if row is not None:
                    row.finished_at, row.seconds = now, seconds
                    row.status, row.error = ("error" if error else "ok"), error
                    row.succeeded_at = row.succeeded_at if error else now
        except StorageError:
            log.exception("the end of %s could not be written down", name)
        return seconds

    def _who(self, name: str) -> str:
        with contextlib.suppress(StorageError):
            row = self.last(name)
            if row is not None and row.finished_at is None:
                return f"running on {row.host} since {row.started_at:%Y-%m-%d %H:%M:%S} UTC"
        return "running in another process"


class HasJobs(Protocol):
    """Anything that has the job machinery, such as the whole system."""

    @property
    def jobs(self) -> Any: ...


def run_command(parts: CommandRunner | HasJobs, name: str, fn: Callable[[], object]) -> int:
    """Run a management command; its exit code: 0 done, 1 failed or being done elsewhere (said on standard error)."""
    runner: CommandRunner = parts if isinstance(parts, CommandRunner) else parts.jobs.runner
    outcome = runner.perform(name, fn)
    if outcome.status == "busy":
        print(f"{name} is already {outcome.error}; nothing was done", file=sys.stderr)
    elif outcome.status == "error":
        print(f"{name} failed: {outcome.error}", file=sys.stderr)
    return 0 if outcome.ok else 1


def _short(failure: BaseException) -> str:
    text = str(failure).strip() or type(failure).__name__
    if not isinstance(failure, SmartyError):
        text = f"{type(failure).__name__}: {text}"
    return text[:ERROR_LIMIT]
