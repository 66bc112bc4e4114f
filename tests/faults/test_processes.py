"""The server's own processes are ended, in good order and by force: nobody is left waiting, no promise is broken."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smarty_core.storage.database import Database
from smarty_core.storage.models import ContentPosition, Session
from smarty_core.testing.servers import private_postgresql
from smarty_core.values import utc_now
from tests.cli.processes import answers
from tests.faults.load import CONNECTIONS, Request, failures
from tests.faults.served import Served, serving, write_settings
from tests.faults.town import Town, migrate, pairs, settle

pytestmark = pytest.mark.long


@pytest.fixture
def town(tmp_path: Path, _sqlite_template: Path) -> Town:
    path = tmp_path / "smarty.sqlite"
    path.write_bytes(_sqlite_template.read_bytes())
    write_settings(tmp_path, database=f"sqlite:///{path}")
    return settle(f"sqlite:///{path}", devices=60, logins=10)


def children(served: Served) -> list[int]:
    """The worker processes (beside them there is multiprocessing's own)."""
    pid = served.process.process.pid
    found = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [one for one in found if b"spawn_main" in _command_line(one)]


def _command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


@pytest.mark.parametrize("workers", [1, 2])
def test_at_sigterm_running_requests_are_answered_and_everything_noted_is_written(
    tmp_path: Path, town: Town, workers: int
) -> None:
    with serving(tmp_path, town, "--workers", str(workers)) as served:
        noon, requests = utc_now(), _polls_and_positions(town)
        with served.load(lambda: next(requests), rate=100) as load:
            load.goes_on(1.5)
            ended_at = time.monotonic()
            served.process.process.send_signal(signal.SIGTERM)
            assert served.process.process.wait(timeout=40) == 0
        assert "Traceback" not in served.process.printed
    # A refused connection is what a balancer repeats elsewhere; a request that was taken has its answer.
    lost = [a for a in load.answered if not a.is_good and not (a.begun > ended_at - 0.5 and a.status == 0)]
    assert not lost, failures(lost)
    good = [answer for answer in load.answered if answer.is_good]
    assert len(good) > 50
    database = Database(f"sqlite:///{tmp_path / 'smarty.sqlite'}")
    with database.read() as session:
        seen = pairs(session, Session.account_id, Session.last_seen_at)
        stored = pairs(session, ContentPosition.account_id, ContentPosition.position)
    database.close()
    for answer in good:
        number, seconds = answer.request.about
        assert seen[number] >= noon, "a sign of life was not written"
        assert stored.get(number, 0) >= seconds, "a position was not written"


def _polls_and_positions(town: Town) -> Iterator[Request]:
    for seconds in itertools.count(1):
        yield town.status(1 + seconds % 20)
        yield town.position(21 + seconds % 20, seconds)


def test_a_worker_that_dies_is_replaced_and_the_others_work_on(tmp_path: Path, town: Town) -> None:
    with serving(tmp_path, town, "--workers", "2") as served:
        served.until(lambda: len(served.lines("URLS_INITIALIZED")) >= 3)  # the first process looks for mistakes itself
        (first, second), requests = children(served), _polls_and_positions(town)
        with served.load(lambda: next(requests), rate=100) as load:
            load.goes_on(1.0)
            killed_at = time.monotonic()
            os.kill(first, signal.SIGKILL)
            served.until(lambda: len(served.lines("URLS_INITIALIZED")) >= 4)
            load.goes_on(0.5)
        assert second in children(served)
        assert len(children(served)) == 2
        # Who was connected to the dead one has to connect again, once each; nobody else notices.
        bad = [answer for answer in load.answered if not answer.is_good]
        assert all(answer.status == 0 and answer.begun > killed_at - 5.0 for answer in bad), failures(bad)
        assert len(bad) <= CONNECTIONS
        assert served.process.end(signal.SIGTERM) == 0


def test_workers_do_not_outlive_the_first_process(tmp_path: Path, town: Town) -> None:
    with serving(tmp_path, town, "--workers", "2") as served:
        workers = children(served)
        served.process.process.kill()
        served.process.process.wait()
        deadline = time.monotonic() + 30
        while any(_command_line(pid) for pid in workers) or accepts(served.port):
            assert time.monotonic() < deadline, "they live on and keep the port"
            time.sleep(0.05)


def test_workers_wait_for_a_database_that_is_away(tmp_path: Path) -> None:
    with private_postgresql() as server:
        url = f"postgresql://smarty@127.0.0.1:{server.port}/postgres"
        migrate(url)
        town = settle(url, devices=2, logins=2)
        write_settings(tmp_path, database=url)
        with serving(tmp_path, town, "--workers", "2") as served:
            workers = children(served)
            server.kill()
            for pid in workers:
                with contextlib.suppress(ProcessLookupError):  # one that was still starting has ended by itself
                    os.kill(pid, signal.SIGKILL)
            served.until(lambda: served.lines("a worker process cannot start"))
            server.start()
            served.until(lambda: answers(f"http://127.0.0.1:{served.port}/openapi.json"))
            served.until(lambda: served.is_good(town.status(1)))
            assert "Traceback" not in served.process.printed
            assert served.process.end(signal.SIGTERM) == 0
