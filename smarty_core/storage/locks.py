"""Locks over all hosts of an installation, as rows of `command_lock`.

A lock is a short lease that its holder keeps renewing from a thread, so one that died is free a minute later; on the
holder's own host a dead process is noticed at once. No holder keeps a lock longer than the `ttl` he asked for.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smarty_core.errors import LockTaken, StorageError
from smarty_core.storage.database import Database
from smarty_core.storage.models import CommandLock
from smarty_core.values import utc_now

LEASE_SECONDS: Final = 60.0
RENEW_SECONDS: Final = 15.0

log = logging.getLogger("smarty_management")


class SqlLocks:
    """The locks of one installation. Safe to share between threads."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    @contextlib.contextmanager
    def lock(self, name: str, ttl: float) -> Iterator[None]:
        """Hold `name` while the block runs, `ttl` seconds at most. Raises `LockTaken`, or `StorageError`."""
        owner = f"{_place()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._take(name, owner, min(ttl, LEASE_SECONDS))
        stop = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(name, owner, ttl, stop), name=f"lock-{name}", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            stop.set()
            keeper.join()
            self._release(name, owner)

    def holder(self, name: str) -> str:
        """Who holds the lock now, or nothing."""
        with self._database.read_master() as session:
            row = session.get(CommandLock, name)
            return row.owner if row is not None and not self._is_free(row) else ""

    def _take(self, name: str, owner: str, lease: float) -> None:
        try:
            with self._database.write() as session:
                now = self._clock()
                row = session.scalar(select(CommandLock).where(CommandLock.name == name).with_for_update())
                if row is not None and not self._is_free(row):
                    raise LockTaken(f"{name} is held by {row.owner.rpartition(':')[0]}")
                values = {"owner": owner, "acquired_at": now, "expires_at": now + timedelta(seconds=lease)}
                if row is None:
                    session.execute(insert(CommandLock).values(name=name, **values))
                else:
                    session.execute(update(CommandLock).where(CommandLock.name == name).values(**values))
        except IntegrityError as exc:
            raise LockTaken(f"{name} was taken by another process just now") from exc

    def _is_free(self, row: CommandLock) -> bool:
        return row.expires_at <= self._clock() or _is_dead(row.owner)

    def _keep(self, name: str, owner: str, ttl: float, stop: threading.Event) -> None:
        ends = time.monotonic() + ttl
        while not stop.wait(min(RENEW_SECONDS, max(1.0, ttl / 4))):
            left = ends - time.monotonic()
            if left <= 0:
                return
            try:
                with self._database.write() as session:
                    self._renew(session, name, owner, min(left, LEASE_SECONDS))
            except StorageError as exc:
                log.warning("the lock %s cannot be renewed now: %s", name, exc)

    def _renew(self, session: Session, name: str, owner: str, lease: float) -> None:
        session.execute(
            update(CommandLock)
            .where(CommandLock.name == name, CommandLock.owner == owner)
            .values(expires_at=self._clock() + timedelta(seconds=lease))
        )

    def _release(self, name: str, owner: str) -> None:
        try:
            with self._database.write() as session:
                session.execute(delete(CommandLock).where(CommandLock.name == name, CommandLock.owner == owner))
        except StorageError as exc:
            log.warning("the lock %s cannot be given back; it ends by itself: %s", name, exc)


def _place() -> str:
    """Where process numbers mean something: this host, and its process namespace in a container."""
    try:
        space = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        space = ""
    return f"{socket.gethostname()[:120]}/{space}"


def _is_dead(owner: str) -> bool:
    place, pid, _token = owner.rsplit(":", 2)
    if place != _place():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):
        return False
    return False
