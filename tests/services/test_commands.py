"""Commands: one at a time over all hosts, with their events, exit codes and rows."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from smarty_core.errors import LockTaken, NotFound, StorageError
from smarty_core.events import Event
from smarty_core.services.commands import CommandRunner, run_command
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database


class SharedLocks:
    def __init__(self) -> None:
        self.held: set[str] = set()

    @contextlib.contextmanager
    def lock(self, name: str, ttl: float) -> Iterator[None]:
        if name in self.held:
            raise LockTaken(name)
        self.held.add(name)
        try:
            yield
        finally:
            self.held.discard(name)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/commands.db")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


@pytest.fixture
def host(database: Database) -> Callable[[str], CommandRunner]:
    locks = SharedLocks()
    return lambda name: CommandRunner(database=database, locks=locks, host=name)


def events(caplog: pytest.LogCaptureFixture) -> list[Event]:
    found = [record.msg for record in caplog.records if record.name == "smarty_management"]
    return [message for message in found if isinstance(message, Event)]


def test_success_is_told_with_its_exact_keys(
    host: Callable[[str], CommandRunner], caplog: pytest.LogCaptureFixture
) -> None:
    runner = host("one")
    with caplog.at_level(logging.INFO):
        assert run_command(runner, "epg_import", lambda: None) == 0
    (event,) = events(caplog)
    assert event.name == "MANAGEMENT_COMMAND_SUCCESS"
    assert list(event.context) == ["command", "execution_time"]
    assert event.context["command"] == "epg_import"
    row = runner.last("epg_import")
    assert row is not None
    assert (row.status, row.host, row.error) == ("ok", "one", "")
    assert row.finished_at is not None
    assert row.succeeded_at == row.finished_at


def test_failure_is_told_with_its_stacktrace_and_exit_code(
    host: Callable[[str], CommandRunner], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise ZeroDivisionError("by zero")

    runner = host("one")
    assert run_command(runner, "epg_import", work) == 1
    (event,) = events(caplog)
    assert event.name == "MANAGEMENT_COMMAND_ERROR"
    assert list(event.context) == ["command", "stacktrace"]
    assert "in work" in event.context["stacktrace"]
    assert capsys.readouterr().err == "epg_import failed: ZeroDivisionError: by zero\n"
    row = runner.last("epg_import")
    assert row is not None
    assert (row.status, row.succeeded_at) == ("error", None)


def test_our_own_errors_are_said_without_their_class(
    host: Callable[[str], CommandRunner], capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise NotFound("there is no operator 7")

    assert run_command(host("one"), "delete_authkeys", work) == 1
    assert capsys.readouterr().err == "delete_authkeys failed: there is no operator 7\n"


def test_the_second_host_does_nothing_and_says_who_is_at_it(
    host: Callable[[str], CommandRunner], capsys: pytest.CaptureFixture[str]
) -> None:
    entered, release, ran = threading.Event(), threading.Event(), []

    def slow() -> None:
        ran.append("one")
        entered.set()
        release.wait(20)

    first = threading.Thread(target=run_command, args=(host("alpha"), "epg_import", slow))
    first.start()
    assert entered.wait(20)
    assert run_command(host("beta"), "epg_import", lambda: ran.append("two")) == 1
    said = capsys.readouterr().err
    assert said.startswith("epg_import is already running on alpha since ")
    assert said.endswith("nothing was done\n")
    assert run_command(host("beta"), "flushall", lambda: ran.append("other")) == 0
    release.set()
    first.join()
    assert ran == ["one", "other"]
    assert run_command(host("beta"), "epg_import", lambda: ran.append("two")) == 0


def test_ctrl_c_is_passed_on_and_remembered(host: Callable[[str], CommandRunner]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    runner = host("one")
    with pytest.raises(KeyboardInterrupt):
        run_command(runner, "epg_import", interrupted)
    row = runner.last("epg_import")
    assert row is not None
    assert (row.status, row.error) == ("error", "KeyboardInterrupt: KeyboardInterrupt")
    assert run_command(runner, "epg_import", lambda: None) == 0


def test_a_database_that_is_away_is_a_failure_not_a_crash(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    ran: list[int] = []
    assert run_command(CommandRunner(database=empty, locks=SharedLocks()), "migrate_me", lambda: ran.append(1)) == 1
    assert events(caplog)[0].name == "MANAGEMENT_COMMAND_ERROR"
    assert ran == []
    empty.close()


def test_work_that_fails_on_storage_counts_as_failed(host: Callable[[str], CommandRunner]) -> None:
    def work() -> None:
        raise StorageError("disk is full")

    runner = host("one")
    assert run_command(runner, "epg_import", work) == 1
    row = runner.last("epg_import")
    assert row is not None
    assert row.error == "disk is full"


def test_a_whole_system_may_be_given(host: Callable[[str], CommandRunner]) -> None:
    system = SimpleNamespace(jobs=SimpleNamespace(runner=host("one")))
    assert run_command(system, "flushall", lambda: None) == 0
