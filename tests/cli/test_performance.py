"""`smarty_manage performance_test`: what it prints, that its options are those of the manual, that nothing stays."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from smarty_core.storage.database import Database
from smarty_core.testing.servers import free_port
from tests.cli.processes import environment, manage

LINE = re.compile(r"(?P<what>\w+(?: Cluster)?)  +(?P<job>\S.*?)  +(?P<size>small|mid|big)  +(?P<rest>[\d. ]+)")


@pytest.fixture
def home(tmp_path: Path, _sqlite_template: Path) -> Path:
    """A migrated installation on SQLite without Redis."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "smarty.sqlite").write_bytes(_sqlite_template.read_bytes())
    return tmp_path


def timings(printed: str) -> list[tuple[str, str, str]]:
    """What, operation and size of every line below the head; its numbers make sense."""
    head, *lines = printed.splitlines()
    assert head.split()[:3] == ["what", "operation", "size"]
    found = []
    for line in lines:
        match = LINE.fullmatch(line)
        assert match, line
        operations, seconds, rate, median, p99 = map(float, match["rest"].split())
        assert operations >= 1
        assert rate == pytest.approx(operations / seconds, rel=0.1) or seconds < 0.01
        assert 0 <= median <= p99
        found.append((match["what"], match["job"], match["size"]))
    return found


def tables(url: str) -> set[str]:
    database = Database(url)
    catalogue = "sqlite_master" if database.dialect == "sqlite" else "information_schema.tables"
    column = "name" if database.dialect == "sqlite" else "table_name"
    with database.read() as session:
        found = set(session.scalars(text(f"SELECT {column} FROM {catalogue}")))
    database.close()
    return found


def test_everything_small_on_sqlite_without_a_redis(home: Path) -> None:
    before = (home / "var" / "smarty.sqlite").read_bytes()
    code, printed, said = manage(home, "performance_test")
    assert (code, said) == (0, "no Redis is configured; the cache of the process is timed instead\n")
    found = timings(printed)
    assert {what for what, _, _ in found} == {"cache", "sqlite", "processor"}
    assert {size for _, _, size in found} == {"small"}
    assert ("cache", "get", "small") in found
    assert ("sqlite", "read a row by its key", "small") in found
    assert ("processor", "compress 300 channels", "small") in found
    assert (home / "var" / "smarty.sqlite").read_bytes() == before


def test_the_options_of_the_manual_choose_exactly_what_they_say(home: Path) -> None:
    code, printed, said = manage(home, "performance_test", "-s", "-m", "-p")
    assert (code, said) == (0, "")
    found = timings(printed)
    assert {(what, size) for what, _, size in found} == {("processor", "small"), ("processor", "mid")}
    assert manage(home, "performance_test", "-d")[0] == 2, "-db is one option, not two"


def test_on_a_terminal_it_is_a_table(home: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "smarty_core", "performance_test", "--small", "-p"]
    with subprocess.Popen(command, cwd=home, env=environment(COLUMNS="120", TERM="xterm"), stdin=slave, stdout=slave,
                          stderr=slave) as process:  # fmt: skip
        os.close(slave)
        printed = b""
        while True:
            try:
                part = os.read(master, 65_536)
            except OSError:
                break
            if not part:
                break
            printed += part
        assert process.wait(timeout=60) == 0
    os.close(master)
    assert "│ processor │ hash a key" in printed.decode()


@pytest.mark.external_service
def test_everything_on_postgresql_and_redis(home: Path, postgresql_database: Database, redis_url: str) -> None:
    url = postgresql_database.engine.url.render_as_string(hide_password=False)
    before = tables(url)
    code, printed, said = manage(home, "performance_test", "--all", SMARTY_DATABASE_URL=url, SMARTY_CACHE_URL=redis_url)
    assert (code, said) == (0, "")
    found = timings(printed)
    assert {what for what, _, _ in found} == {"Redis", "postgresql", "processor"}
    assert ("postgresql", "insert 100 rows", "small") in found
    assert tables(url) == before
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys("*performance_test*") == []
        assert client.info("commandstats")["cmdstat_get"]["calls"] >= 1000, "it is Redis that was asked"


@pytest.mark.external_service
def test_the_database_of_mariadb(home: Path, mariadb_database: Database) -> None:
    url = mariadb_database.engine.url.render_as_string(hide_password=False)
    before = tables(url)
    code, printed, said = manage(home, "performance_test", "-db", SMARTY_DATABASE_URL=url)
    assert (code, said) == (0, "")
    assert ("mariadb", "change a row", "small") in timings(printed)
    assert tables(url) == before


def test_a_redis_that_is_away_is_said_and_the_rest_is_timed(home: Path) -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    code, printed, said = manage(home, "performance_test", "-r", "-p", SMARTY_CACHE_URL=away)
    assert code == 1
    assert said.splitlines()[-1] == "Redis: Redis does not do its work"
    assert {what for what, _, _ in timings(printed)} == {"processor"}
