"""HealthCheck's figures: load and memory against their limits, and databases that answer or do not."""

from __future__ import annotations

import logging
import os
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from smarty_core.config import Settings
from smarty_core.errors import ConfigError
from smarty_core.events import Event
from smarty_core.services.health import HealthService, used_memory_percent
from smarty_core.storage.database import Database, DatabaseUrls

HALF = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    500 kB\nBuffers:          50 kB\n"


@pytest.fixture
def meminfo(tmp_path: Path) -> Path:
    path = tmp_path / "meminfo"
    path.write_text(HALF)
    return path


def service(database: Database, meminfo: Path, **settings: Any) -> HealthService:
    chosen = Settings.for_tests(**{"MAX_LA": 4, "MAX_USED_MEM": 80, **settings})
    return HealthService(settings=chosen, database=database, meminfo=meminfo)


@pytest.mark.parametrize(
    ("load", "usage", "alive"), [(0.0, 0.0, True), (1.0, 0.25, True), (2.5, 0.625, True), (40.0, 0.625, True)]
)
def test_usage_is_the_smaller_share(
    sqlite_database: Database, meminfo: Path, monkeypatch: pytest.MonkeyPatch, load: float, usage: float, alive: bool
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 9.0, 9.0))
    health = service(sqlite_database, meminfo, RESERVED_SERVER_ADDRESSES=["http://two.example", "http://three"]).check(
        databases=True
    )
    assert (health.usage, health.alive, health.connection_errors) == (usage, alive, ())
    assert health.reserved_servers == ("http://two.example", "http://three")


@pytest.mark.parametrize(("max_load", "usage", "alive"), [(2, 1.25, False), (2.5, 1.0, False), (5, 0.5, True)])
def test_a_host_above_both_limits_is_not_to_be_used(
    sqlite_database: Database,
    meminfo: Path,
    monkeypatch: pytest.MonkeyPatch,
    max_load: float,
    usage: float,
    alive: bool,
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (2.5, 0.0, 0.0))
    health = service(sqlite_database, meminfo, MAX_LA=max_load, MAX_USED_MEM=40).check(databases=False)
    assert (health.usage, health.alive) == (usage, alive)


@pytest.mark.parametrize("value", [None, 0, -1, 0.0, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["MAX_LA", "MAX_USED_MEM"])
def test_a_limit_that_is_missing_or_makes_no_sense_is_named(
    sqlite_database: Database, meminfo: Path, name: str, value: Any
) -> None:
    with pytest.raises(ConfigError, match=f"{name}: set it to a positive number"):
        service(sqlite_database, meminfo, **{name: value}).check(databases=False)


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        (HALF, 50.0),
        ("MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 240 kB\nSReclaimable: 10 kB\n", 60.0),
        ("MemTotal: 0 kB\nMemAvailable: 0 kB\n", None),
        ("MemFree: 5 kB\n", None),
        ("MemTotal: many\n", None),
        ("", None),
        ("rubbish\n", None),
    ],
)
def test_used_memory_is_what_no_new_process_can_have(tmp_path: Path, text: str, percent: float | None) -> None:
    (tmp_path / "meminfo").write_text(text)
    assert used_memory_percent(tmp_path / "meminfo") == percent


def test_a_host_that_does_not_tell_one_figure_is_judged_by_the_other(
    sqlite_database: Database, tmp_path: Path, meminfo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (1.0, 0.0, 0.0))
    assert service(sqlite_database, tmp_path / "none").check(databases=False).usage == 0.25

    def refuse() -> tuple[float, float, float]:
        raise OSError

    monkeypatch.setattr(os, "getloadavg", refuse)
    assert service(sqlite_database, meminfo).check(databases=False).usage == 0.625
    with pytest.raises(ConfigError, match="neither"):
        service(sqlite_database, tmp_path / "none").check(databases=False)


def test_databases_that_are_away_are_named_without_telling_where_they_are(
    sqlite_database: Database, meminfo: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    away = make_url(f"postgresql+psycopg://user:geheim@127.0.0.1:{port}/name")
    database = Database(DatabaseUrls(sqlite_database.urls.master, (away,), 30))
    try:
        health = service(database, meminfo, MAX_LA=1000).check(databases=True)
        unasked = service(database, meminfo, MAX_LA=1000).check(databases=False)
    finally:
        database.close()
    assert (health.alive, health.connection_errors) == (False, ("replica1: the database does not answer",))
    assert (unasked.alive, unasked.connection_errors) == (True, ())
    (event,) = [record.msg for record in caplog.records if isinstance(record.msg, Event)]
    assert (event.name, event.context["database"]) == ("DATABASE_AWAY", "replica1")
    assert str(port) in str(event.context["error"])
    assert "geheim" not in str(event.context["error"])
    assert caplog.records[0].levelno == logging.WARNING
