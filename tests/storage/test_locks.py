"""Locks over all hosts, on every kind of database."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from smarty_core.errors import LockTaken
from smarty_core.storage.database import Database
from smarty_core.storage.locks import SqlLocks
from smarty_core.storage.models import CommandLock

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_a_lock_is_held_by_one_at_a_time_and_given_back(database: Database) -> None:
    first, second = SqlLocks(database), SqlLocks(database)
    with first.lock("command:epg_import", 60.0):
        assert first.holder("command:epg_import")
        with pytest.raises(LockTaken, match="epg_import is held by"), second.lock("command:epg_import", 60.0):
            pytest.fail("the lock was given twice")
        with second.lock("command:flushall", 60.0):
            pass
    assert first.holder("command:epg_import") == ""
    with second.lock("command:epg_import", 60.0):
        pass


def test_a_lock_is_given_back_when_the_work_fails(database: Database) -> None:
    locks = SqlLocks(database)
    with pytest.raises(RuntimeError, match="broken"), locks.lock("x", 60.0):
        raise RuntimeError("broken")
    assert locks.holder("x") == ""


def test_a_lease_of_another_host_that_has_run_out_is_free(database: Database) -> None:
    with database.write() as session:
        row = CommandLock(name="x", owner="other-host/1:77:ab", acquired_at=NOW, expires_at=NOW + timedelta(seconds=60))
        session.add(row)
    early = SqlLocks(database, clock=lambda: NOW + timedelta(seconds=59))
    with pytest.raises(LockTaken, match="other-host/1:77"), early.lock("x", 60.0):
        pytest.fail("a lease that still runs was taken")
    with SqlLocks(database, clock=lambda: NOW + timedelta(seconds=60)).lock("x", 60.0):
        pass


def test_a_lock_that_was_lost_is_not_given_back_for_its_new_holder(database: Database) -> None:
    locks = SqlLocks(database)
    with locks.lock("x", 60.0), database.write() as session:
        session.execute(update(CommandLock).values(owner="other-host/1:77:ab"))
    assert locks.holder("x") == "other-host/1:77:ab"


def _hold_and_die(url: str, ready: Any) -> None:
    with SqlLocks(Database(url)).lock("x", 3600.0):
        ready.send("held")
        ready.recv()


def test_the_lock_of_a_killed_process_of_this_host_is_free_at_once(tmp_path: Path, sqlite_database: Database) -> None:
    ours, theirs = multiprocessing.Pipe()
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=_hold_and_die, args=(url, theirs))
    process.start()
    assert ours.poll(30), "the other process did not take the lock"
    locks = SqlLocks(sqlite_database)
    with pytest.raises(LockTaken), locks.lock("x", 60.0):
        pytest.fail("the lock of a living process was taken")
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with locks.lock("x", 60.0):
        assert locks.holder("x")
