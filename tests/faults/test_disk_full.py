"""No space left, for the logs or for SQLite: requests go on, the error is clear, nothing is torn, all comes back."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from smarty_core.storage.database import Database
from tests.faults.load import failures
from tests.faults.served import Served, serving, write_settings
from tests.faults.town import Town, settle

DISK_BYTES = 8 * 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with little space: a file system of its own where that is permitted, else an ordinary one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and _call("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder))
    yield folder
    if mounted:
        _call("umount", str(folder))


def _call(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def full(disk: Path, served: Served) -> Iterator[None]:
    """Nothing more goes onto the disk. Without one of its own, the server may make no file longer than it is."""
    if os.path.ismount(disk):
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for size in (65_536, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"x" * size):
                        pass
        yield
        filler.unlink()
        return
    pid, longest = served.process.process.pid, max(file.stat().st_size for file in disk.iterdir())
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (longest, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def town_at(path: Path, template: Path) -> tuple[Town, str]:
    path.write_bytes(template.read_bytes())
    url = f"sqlite:///{path}"
    return settle(url, devices=40, logins=40), url


def test_without_space_for_logs_everything_is_answered(
    tmp_path: Path, disk: Path, request: pytest.FixtureRequest
) -> None:
    town, url = town_at(tmp_path / "smarty.sqlite", request.getfixturevalue("_sqlite_template"))
    log = disk / "accounts.log"
    log.write_text("before\n" * 600_000)  # longer than the database, see `full`
    write_settings(tmp_path, database=url, more=f"SMARTY_ACCOUNTS_LOG_FILE = {str(log)!r}\n")
    with serving(tmp_path, town, "--no-scheduler") as served:
        assert served.is_good(town.login(0))
        before = log.read_text()
        assert "LOGIN_SUCCESS" in before
        with full(disk, served):
            numbers = iter(range(1, 40))
            answers = [served.connection.ask(town.login(next(numbers))) for _ in range(20)]
            assert not failures(answers), failures(answers)
        assert served.is_good(town.login(30))
        said = log.read_text()
        assert said.startswith(before)
        assert "could not be written before this one" in said
        assert said.rstrip().splitlines()[-1].count("LOGIN_SUCCESS") == 1
        (complaint,) = served.lines(f"the log file {log} cannot be written")
        assert "lines lost so far" in complaint
        assert not served.lines("Traceback")


def test_without_space_for_sqlite_reading_goes_on_and_nothing_is_torn(
    tmp_path: Path, disk: Path, request: pytest.FixtureRequest
) -> None:
    town, url = town_at(disk / "smarty.sqlite", request.getfixturevalue("_sqlite_template"))
    write_settings(tmp_path, database=url)
    with serving(tmp_path, town, "--no-scheduler") as served:
        for question in [*town.hot(1), town.login(0), town.position(2, 10), town.code(3, 1111)]:
            assert served.is_good(question)
        with full(disk, served):
            for question in [*town.hot(1), *town.hot(5)]:
                answer = served.connection.ask(question)
                assert answer.is_good, str(answer)
            served.until(lambda: not served.is_good(town.code(3, 2222)))
            assert b"temporarily unavailable" in served.connection.ask(town.code(3, 3333)).body
            assert served.connection.ask(town.login(1)).error == 3
            assert served.connection.ask(town.position(2, 20)).error == 2
            assert served.lines("STORAGE_FAILED")
            assert not served.lines("API_REQUEST_FAILED"), served.lines("API_REQUEST_FAILED")
        served.until(lambda: served.is_good(town.code(3, 4444)))
        served.until(lambda: served.is_good(town.login(1)))
        served.until(lambda: served.is_good(town.position(2, 30)))
    database = Database(url)
    with database.read() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert session.execute(text("PRAGMA foreign_key_check")).first() is None
        assert session.execute(text("SELECT position FROM content_position WHERE account_id = 2")).scalar() == 30
    database.close()
