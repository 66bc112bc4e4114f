"""Reading and writing under load and when the database misbehaves."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from smarty_core.errors import StorageError
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database, DatabaseUrls, after_commit, bump
from smarty_core.storage.models import JobRun, TagVersion
from smarty_core.testing import servers
from smarty_core.values import utc_now


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(JobRun.name).order_by(JobRun.name)))


def run(name: str) -> JobRun:
    return JobRun(name=name, started_at=utc_now())


def test_what_is_read_is_never_kept(database: Database) -> None:
    with database.read() as session:
        session.add(run("a"))
        session.flush()
    assert names(database) == []


def test_an_error_undoes_everything_and_tells_nobody(database: Database) -> None:
    told: list[object] = []
    database.on_bump(told.append)
    with contextlib.suppress(ZeroDivisionError), database.write() as session:
        session.add(run("a"))
        bump(session, "client:1")
        after_commit(session, lambda: told.append("called"))
        session.flush()
        1 / 0  # noqa: B018
    assert names(database) == []
    assert told == []


def test_tags_are_counted_with_the_data_and_told_after_it(database: Database) -> None:
    told: list[object] = []

    def listener(versions: object) -> None:
        told.append((dict(versions), names(database)))  # type: ignore[call-overload]

    database.on_bump(listener)
    for name in ("a", "b"):
        with database.write() as session:
            session.add(run(name))
            bump(session, "client:2", "client:1")
    assert told == [({"client:1": 1, "client:2": 1}, ["a"]), ({"client:1": 2, "client:2": 2}, ["a", "b"])]
    with database.read() as session:
        assert dict(session.execute(select(TagVersion.tag, TagVersion.version)).all()) == {"client:1": 2, "client:2": 2}


def test_thousands_of_tags_in_one_transaction(database: Database) -> None:
    told: list[dict[str, int]] = []
    database.on_bump(lambda versions: told.append(dict(versions)))
    tags = [f"epgchannel:{number}" for number in range(1500)]
    with database.write() as session:
        bump(session, *tags)
    assert told == [dict.fromkeys(tags, 1)]


def test_a_failing_listener_does_not_hide_the_commit(sqlite_database: Database) -> None:
    seen: list[str] = []

    def bad(_versions: object) -> None:
        raise RuntimeError("listener")

    sqlite_database.on_bump(bad)
    with sqlite_database.write() as session:
        session.add(run("a"))
        bump(session, "t")
        after_commit(session, lambda: 1 / 0)  # type: ignore[arg-type]
        after_commit(session, lambda: seen.append("second"))
    assert names(sqlite_database) == ["a"]
    assert seen == ["second"]


def test_a_constraint_violation_comes_as_it_is(database: Database) -> None:
    with database.write() as session:
        session.add(run("a"))
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(JobRun.__table__.insert(), {"name": "a", "started_at": utc_now()})  # type: ignore[attr-defined]


def test_eight_threads_write_without_a_locked_database(database: Database) -> None:
    def work(thread: int) -> None:
        for number in range(25):
            with database.write() as session:
                bump(session, "shared", f"thread:{thread}")
                session.add(run(f"{thread}:{number}"))
            with database.read() as session:
                assert session.get(JobRun, f"{thread}:{number}") is not None

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(names(database)) == 200
    with database.read() as session:
        shared = session.get(TagVersion, "shared")
        assert shared is not None
        assert shared.version == 200


def test_two_objects_on_one_sqlite_file_write_at_once(sqlite_database: Database) -> None:
    """As two processes do: only SQLite's own lock is between them."""
    other = Database(str(sqlite_database.engine.url))

    def work(number: int) -> None:
        with (sqlite_database if number % 2 else other).write() as session:
            known = session.get(TagVersion, "x")
            bump(session, "x")
            session.add(run(f"{number} after {known.version if known else 0}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(200)))
    assert len(names(sqlite_database)) == 200
    assert {name.partition(" after ")[2] for name in names(sqlite_database)} == {str(n) for n in range(200)}
    other.close()


def test_a_new_sqlite_file_is_opened_by_many_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    start = threading.Barrier(8)

    def work(_number: int) -> str:
        database = Database(url)
        start.wait()
        with database.write() as session:
            mode = str(session.execute(text("PRAGMA journal_mode")).scalar())
        database.close()
        return mode

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(8))) == {"wal"}


def test_a_temporary_database_is_shared_by_threads_and_leaves_nothing() -> None:
    database = Database("sqlite://")
    path = Path(str(database.engine.url.database))
    Base.metadata.create_all(database.engine)
    with database.write() as session:
        session.add(run("a"))
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(names, database).result() == ["a"]
    assert path.exists()
    database.close()
    assert not path.exists()


def test_a_full_disk_is_a_storage_error(sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count={pages + 2}"))  # kept by the pooled connection
    with pytest.raises(StorageError, match="full"), sqlite_database.write() as session:
        session.add_all([JobRun(name=str(n), started_at=utc_now(), error="x" * 5000) for n in range(100)])
    assert names(sqlite_database) == []


def test_a_read_only_file_is_a_storage_error(sqlite_database: Database) -> None:
    path = sqlite_database.engine.url.database
    database = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert names(database) == []
    with pytest.raises(StorageError, match="readonly"), database.write() as session:
        session.add(run("a"))
    database.close()


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "letter.sqlite").write_text("Dear operator, " * 100)
    database = Database(f"sqlite:///{tmp_path / 'letter.sqlite'}")
    with pytest.raises(StorageError, match="not a database"):
        names(database)
    database.close()


def test_no_free_connection_is_a_storage_error(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Database(database.engine.url.render_as_string(hide_password=False), pool_size=1)
    monkeypatch.setattr(small.engine.pool, "_timeout", 0.2)
    monkeypatch.setattr(small.engine.pool, "_max_overflow", 0)
    with small.read() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(StorageError, match="no free connection"):
            names(small)
    assert names(small) == []
    small.close()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_after_a_killed_connection_the_next_use_works(kind: str, request: pytest.FixtureRequest) -> None:
    database: Database = request.getfixturevalue(f"{kind}_database")
    kill, me = {
        "postgresql": ("SELECT pg_terminate_backend({})", "SELECT pg_backend_pid()"),
    }.get(database.dialect, ("KILL {}", "SELECT CONNECTION_ID()"))
    other = create_engine(database.engine.url, isolation_level="AUTOCOMMIT")

    def lose() -> None:
        with database.write() as session, other.connect() as connection:
            connection.execute(text(kill.format(session.execute(text(me)).scalar_one())))
            session.add(run("lost"))

    with pytest.raises(StorageError):
        lose()
    with database.write() as session:
        session.add(run("kept"))
        number = session.execute(text(me)).scalar_one()
    with other.connect() as connection:  # now while it rests in the pool
        connection.execute(text(kill.format(number)))
    assert names(database) == ["kept"]
    other.dispose()


def test_a_server_that_is_away_is_a_storage_error_until_it_is_back() -> None:
    database = Database(f"postgresql://nobody@127.0.0.1:{servers.free_port()}/nothing")
    began = time.monotonic()
    with pytest.raises(StorageError):
        names(database)
    with pytest.raises(StorageError), database.write() as session:
        session.add(run("a"))
    assert time.monotonic() - began < 8
    database.close()


def _copy_with(tmp_path: Path, source: Database, name: str) -> str:
    """A replica of `source` that can be told apart: it holds one row more."""
    path = tmp_path / f"{name}.sqlite"
    with sqlite3.connect(str(source.engine.url.database)) as origin, sqlite3.connect(path) as copy:
        origin.backup(copy)
    origin.close()
    copy.close()
    replica = Database(f"sqlite:///{path}")
    with replica.write() as session:
        session.add(run(name))
    replica.close()
    return f"sqlite:///{path}"


def test_replicas_are_read_in_turn_and_left_out_when_they_fail(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replicas = [_copy_with(tmp_path, sqlite_database, name) for name in ("left", "right")]
    dead = f"postgresql://nobody@127.0.0.1:{servers.free_port()}/nothing"
    urls = DatabaseUrls(sqlite_database.engine.url, tuple(make_url(url) for url in (*replicas, dead)), downtime=3600.0)
    database = Database(urls)
    seen = {tuple(names(database)) for _ in range(12)}
    assert seen == {("left",), ("right",)}  # the dead one was never felt
    with database.write() as session:
        session.add(run("master"))
    assert names(database) == ["master"]  # read your own writes
    monkeypatch.setattr(database, "_master_until", 0.0)
    assert "master" not in names(database)
    for replica in database._replicas[:2]:
        database._rest(replica)
    assert names(database) == ["master"]  # all are resting
    database.close()


def test_a_replica_rests_for_its_downtime_only(sqlite_database: Database, tmp_path: Path) -> None:
    replica = _copy_with(tmp_path, sqlite_database, "replica")
    database = Database(DatabaseUrls(sqlite_database.engine.url, (make_url(replica),), downtime=0.3))
    with pytest.raises(StorageError), database.read() as session:
        session.execute(text("SELECT * FROM nowhere"))
    assert names(database) == []
    deadline = time.monotonic() + 10
    while names(database) != ["replica"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    database.close()
