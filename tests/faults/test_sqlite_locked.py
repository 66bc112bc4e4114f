"""Another program writes into the SQLite file and takes its time: who only reads does not notice."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from smarty_core.storage.engines import LOCK_WAIT_SECONDS
from tests.faults.load import Request, failures, slowest
from tests.faults.served import lasting, serving, soaking, write_settings
from tests.faults.town import Town, settle

DEVICES = 60


def writes(town: Town) -> Iterator[Request]:
    for number in itertools.count():
        device = 1 + number % DEVICES
        yield (town.login(number), town.code(device, number), town.channel_url(device, town.channels[0]))[number % 3]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_readers_do_not_notice_and_writers_wait_no_longer_than_they_must(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path, long = tmp_path / "smarty.sqlite", lasting(2, 3 * LOCK_WAIT_SECONDS)
    path.write_bytes(request.getfixturevalue("_sqlite_template").read_bytes())
    town = settle(f"sqlite:///{path}", devices=DEVICES, logins=DEVICES)
    write_settings(tmp_path, database=f"sqlite:///{path}")
    with serving(tmp_path, town, "--no-scheduler") as served:
        hot = [question for number in range(1, 21) for question in town.hot(number)]
        assert all(served.is_good(question) for question in hot * 2)
        asked, changes = itertools.cycle(hot), writes(town)
        with served.load(lambda: next(asked), rate=100) as reading, served.load(lambda: next(changes), rate=20) as rest:
            reading.goes_on(0.5)
            with locked(path):
                reading.goes_on(long)
            reading.goes_on(1.0)
        assert not failures(reading.answered), failures(reading.answered)
        assert slowest(reading.answered) < 5.0
        assert slowest(rest.answered) < 3 * LOCK_WAIT_SECONDS + 5.0
        if not soaking():
            assert not failures(rest.answered), failures(rest.answered)
        assert not served.lines("API_REQUEST_FAILED")
        assert all(served.is_good(next(changes)) for _ in range(9))
