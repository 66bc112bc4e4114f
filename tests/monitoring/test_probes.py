"""`/healthz` and `/readyz`: what a load balancer is told, and that it is told in time."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.monitoring.readiness import DRAINING, GOOD_SECONDS, Readiness
from smarty_core.storage.cache.tagversions import TagVersions
from smarty_core.storage.database import Database
from smarty_core.testing.servers import free_port
from tests.cli.processes import answers, running
from tests.web.device.world import World


def readiness(database: Database, *, confirmed: bool = True, seconds: float = 5.0) -> Readiness:
    versions = TagVersions()
    if confirmed:
        versions.confirm()
    hooks = Hooks(Discovery(environ={}, injected={}))
    return Readiness(database=database, hooks=hooks, tag_versions=versions, draining=threading.Event(), seconds=seconds)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_all_is_off_by_default(watched: Callable[..., World], path: str) -> None:
    assert watched().request("GET", path).status_code == 404


def test_a_server_that_can_work_says_so(watched: Callable[..., World]) -> None:
    world = watched(HEALTH_PROBES=True)
    alive, ready = world.request("GET", "/healthz"), world.request("GET", "/readyz")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "problems": []})
    assert ready.headers["cache-control"] == "no-store"
    world.system.draining.set()
    ready = world.request("GET", "/readyz")
    assert (ready.status_code, ready.json()["problems"]) == (503, [DRAINING])
    assert world.request("GET", "/healthz").status_code == 200


def test_a_database_that_is_ready(database: Database) -> None:
    assert readiness(database).problems() == []


def test_steps_that_are_missing_are_named(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        session.execute(text("DELETE FROM alembic_version_core"))
    (problem,) = readiness(sqlite_database).problems()
    assert "core" in problem
    assert "smarty_manage migrate" in problem


def test_versions_nobody_has_read_are_not_trusted(sqlite_database: Database) -> None:
    (problem,) = readiness(sqlite_database, confirmed=False).problems()
    assert "versions of the cache" in problem


def test_a_database_that_is_away_is_a_problem_and_asked_again_later(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gone' / 'smarty.sqlite'}")
    asked = readiness(database)
    (problem,) = asked.problems()
    assert "does not do its work" in problem
    assert str(tmp_path) not in problem, "strangers may read it"
    (tmp_path / "gone").mkdir()
    deadline = time.monotonic() + 10 * GOOD_SECONDS
    while "does not do its work" in asked.problems()[0]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "not up to date" in asked.problems()[0], "an empty file has no tables"
    database.close()


def test_a_database_that_says_nothing_is_not_waited_for_and_asked_only_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(10)
        database = Database(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing")
        asked = readiness(database, seconds=0.3)
        begun = time.monotonic()
        assert asked.problems() == ["the database has not answered within 0.3 s"]
        assert asked.problems() == ["the database has not answered within 0.3 s"], "the second one waits no more"
        assert time.monotonic() - begun < 4, "not as long as a connection may take"
        silent.accept()[0].close()
        silent.settimeout(0.2)
        with pytest.raises(TimeoutError):
            silent.accept()
        database.close()


def test_requests_are_taken_for_a_while_after_sigterm_and_the_probe_says_no(home: Callable[..., Path]) -> None:
    port = free_port()
    folder = home(HEALTH_PROBES=True, DRAIN_NOTICE_SECONDS=300)
    with running(folder, "serve", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: not answers(f"http://127.0.0.1:{port}/readyz"))
        told = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False)
        assert (told.status_code, told.json()["problems"]) == (503, [DRAINING])
        status = f"http://127.0.0.1:{port}/tvmiddleware/api/account/status/?client_id=1"
        assert httpx.get(status, trust_env=False).json()["error"] == 0
        assert answers(f"http://127.0.0.1:{port}/healthz")
        assert server.end(signal.SIGTERM) == 0, "the second time at once"
    assert "Traceback" not in server.printed


def test_workers_say_so_as_well_and_end_when_the_time_is_over(home: Callable[..., Path]) -> None:
    port = free_port()
    folder = home(HEALTH_PROBES=True, DRAIN_NOTICE_SECONDS=4)
    with running(folder, "serve", "--workers", "2", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: server.printed.count("URLS_INITIALIZED") >= 3)  # who starts them tries it first
        server.until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: not answers(f"http://127.0.0.1:{port}/readyz"))
        assert answers(f"http://127.0.0.1:{port}/healthz")
        assert server.process.wait(timeout=40) == 0
    assert "Traceback" not in server.printed
