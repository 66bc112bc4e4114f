"""The database is killed and started again under load: what is remembered is still answered, the rest says what is
wrong in the documented way, and everything comes back by itself."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, func, select, text

from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Session
from smarty_core.testing import servers
from smarty_core.testing.servers import PrivateServer
from smarty_core.values import utc_now
from tests.faults.load import Answered, Request, failures, slowest
from tests.faults.probe import Probe
from tests.faults.served import Served, lasting, serving, soaking, write_settings
from tests.faults.town import Town, migrate, settle

pytestmark = [pytest.mark.soak, pytest.mark.long]

HOT = range(1, 21)
SEEN = range(21, 29)
"""Heard of for the first time in an hour just before the database is lost."""

PLAYER = 29
"""Known as well; it tells all the time how far its film is."""

COLD = range(30, 400)
SLOWEST_SECONDS = 15.0

Opened = tuple[PrivateServer, str]


@contextlib.contextmanager
def postgresql() -> Iterator[Opened]:
    with servers.private_postgresql() as server:
        yield server, f"postgresql://smarty@127.0.0.1:{server.port}/postgres"


@contextlib.contextmanager
def mariadb() -> Iterator[Opened]:
    with servers.private_mariadb() as server:
        engine = create_engine(f"mariadb+pymysql://root@127.0.0.1:{server.port}")
        with engine.begin() as connection:
            connection.execute(text("CREATE DATABASE smarty CHARACTER SET utf8mb4"))
        engine.dispose()
        yield server, f"mariadb://root@127.0.0.1:{server.port}/smarty"


def strangers(town: Town, tokens: list[str]) -> Iterator[Request]:
    """What nobody can know without the database, again and again; and positions of a device that is known."""
    cold, logins, seconds = itertools.cycle(COLD), itertools.count(), itertools.count(1)
    while True:
        yield town.status(next(cold))
        yield town.channel_url(next(cold), town.channels[1])
        yield town.login(next(logins))
        yield town.token_check(tokens[next(logins) % len(tokens)])
        yield town.position(PLAYER, next(seconds))


def is_documented(answer: Answered) -> bool:
    """Good, or the error its method documents for a server that cannot tell now."""
    if answer.is_good:
        return True
    said = json.loads(answer.body) if answer.status else {}
    if answer.request.kind == "TokenCheck":
        return answer.status == 503 and said["error"] == 500
    if answer.request.kind == "Login":
        return answer.status == 200 and said["error"] == 3
    if answer.request.kind == "Position":
        return answer.status == 200 and said["error"] == 2
    return answer.status == 200 and (said["error"], said["error_message"]) == (500, "temporarily unavailable")


def test_a_database_lost_at_the_end_of_a_block_has_been_read(postgresql_database: Database) -> None:
    """And no connection of the pool is lost with it."""
    other = postgresql_database
    database = Database(other.urls, pool_size=1)
    for reader in [database.read, database.read_master] * 20:
        with reader() as session:
            process = session.scalar(select(func.pg_backend_pid()))
            with other.read() as killer:
                assert killer.scalar(select(func.pg_terminate_backend(process, 10_000)))
    with database.read() as session:
        assert session.scalar(select(func.pg_backend_pid())) != process
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    database.close()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", [postgresql, mariadb] if soaking() else [postgresql])
def test_what_is_known_is_answered_and_everything_comes_back(
    kind: Callable[[], contextlib.AbstractContextManager[Opened]], tmp_path: Path
) -> None:
    probe = Probe(tmp_path)
    with kind() as (server, url):
        migrate(url)
        town = settle(url, devices=400, logins=40)
        write_settings(tmp_path, database=url)
        with serving(tmp_path, town, **probe.variables) as served:
            tokens = [served.token(number) for number in HOT]
            hot = [request for number in HOT for request in town.hot(number)]
            for request in [*hot, town.status(PLAYER)] * 2:
                assert served.is_good(request)
            asked, others = itertools.cycle(hot), strangers(town, tokens)
            with (
                served.load(lambda: next(asked), rate=100) as known,
                served.load(lambda: next(others), rate=40) as rest,
            ):
                known.goes_on(1.0)
                before = len(served.process.printed)
                killed_at, noon = time.monotonic(), utc_now()
                assert all(served.is_good(town.status(number)) for number in SEEN)
                server.kill()
                known.goes_on(lasting(6))
                printed = served.process.printed[before:]
                server.start()
                served.until(lambda: served.is_good(town.login(0)), 60)
                known.goes_on(1.0)
            bugs = served.lines("API_REQUEST_FAILED")
            assert not bugs, "an absence of the database is no bug: " + "\n".join(bugs)
            assert not failures(known.answered), failures(known.answered)
            odd = [answer for answer in rest.answered if not is_documented(answer)]
            assert not odd, "; ".join(map(str, odd[:5]))
            assert any(not answer.is_good for answer in rest.since(killed_at)), "the database was not missed"
            assert slowest(known.answered + rest.answered) < SLOWEST_SECONDS
            _is_quiet(printed)
            _works_again(served, url, probe, noon)


def _is_quiet(printed: str) -> None:
    """The log says what is wrong, and does not drown in it. Lines of events of subscribers are all there."""
    lines = [line for line in printed.splitlines() if "API_REQUEST_ERROR" not in line and "LOGIN_ERROR" not in line]
    assert any("STORAGE_FAILED" in line for line in lines)
    assert len([line for line in lines if " INFO " not in line]) < 120 * (1 + lasting(6) // 60), "\n".join(lines[:200])
    assert len([line for line in lines if "Traceback" in line]) < 60 * (1 + lasting(6) // 60)


def _works_again(served: Served, url: str, probe: Probe, noon: datetime) -> None:
    town, database = served.town, Database(url)

    def seen_at(number: int) -> datetime:
        with database.read() as session:
            (moment,) = session.scalars(select(Session.last_seen_at).where(Session.account_id == number)).all()
            return moment

    try:
        device = COLD[-1]
        for request in [*town.hot(device), town.channel_url(device, town.channels[0]), town.position(device, 1)]:
            served.until(lambda request=request: served.is_good(request))  # type: ignore[misc]
        # What was noted while it was away is written now.
        served.until(lambda: all(seen_at(number) >= noon for number in SEEN))
        # Jobs run, events are told, changes made elsewhere are felt: no thread has died of it.
        runs = probe.heard.count("job")
        served.until(lambda: probe.heard.count("job") > runs + 1)
        assert served.is_good(town.code(device, 4711))
        served.until(lambda: f"changed {device}" in probe.heard)
        with database.write() as session:
            session.execute(delete(Session).where(Session.account_id == device))
            bump(session, f"account:{device}")
        served.until(lambda: served.state(town.status(device)) == 1, 3.0)
    finally:
        database.close()
