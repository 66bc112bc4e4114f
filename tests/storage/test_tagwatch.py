"""Two processes of one installation, each with its cache, on one database: each hears what the other changes."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, text

from smarty_core.errors import ConfigError, StorageError
from smarty_core.storage.cache import Cache, TagVersions, TagWatcher, make_cache, tagwatch
from smarty_core.storage.cache.tagversions import TRUSTED_SECONDS
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import TagVersion
from smarty_core.testing import servers

Until = Callable[[Callable[[], object]], None]


@dataclass
class Config:
    kind: str
    url: str = ""
    nodes: Sequence[tuple[str, int]] = ()
    prefix: str = "t"


class Process:
    """What one server process has: its own connections, its own cache."""

    def __init__(self, url: str, config: Config, *, watch: bool = True, instance: str = "main") -> None:
        self.database = Database(url)
        self.cache = make_cache(config, instance=instance, database=self.database, watch=watch)

    def change(self, *tags: str) -> None:
        with self.database.write() as session:
            bump(session, *tags)

    def close(self) -> None:
        self.cache.close()
        self.database.close()


@pytest.fixture
def address(sqlite_database: Database) -> str:
    return str(sqlite_database.engine.url)


@pytest.fixture
def processes(address: str) -> Iterator[Callable[..., Process]]:
    with ExitStack() as stack:

        def start(config: Config, **options: Any) -> Process:
            process = Process(address, config, **options)
            stack.callback(process.close)
            return process

        yield start


@pytest.fixture(params=["memory", "redis", "cluster"])
def config(request: pytest.FixtureRequest) -> Config:
    if request.param == "memory":
        return Config("memory")
    if request.param == "redis":
        return Config("redis", url=request.getfixturevalue("redis_url"))
    return Config("cluster", nodes=request.getfixturevalue("redis_cluster_nodes"))


def test_a_change_of_one_process_is_heard_by_the_other(
    config: Config, processes: Callable[..., Process], until: Until
) -> None:
    one, two = processes(config), processes(config)
    for process in (one, two):
        process.cache.set("a", "old", timeout=600, deps=("client:1",))
    one.change("client:1")
    assert one.cache.get("a") is None  # at once in the process itself
    until(lambda: two.cache.get("a") is None)
    two.cache.set("a", "new", timeout=600, deps=("client:1",))
    two.change("client:2")
    until(lambda: one.cache.tag_versions.version("client:2") == 1)
    assert two.cache.get("a") == "new"


def test_a_flush_of_a_command_is_heard_by_a_server(
    config: Config, processes: Callable[..., Process], until: Until
) -> None:
    server = processes(config)
    for protected in (False, True):
        server.cache.set("a", 1, timeout=600, protected=protected)
        server.cache.incr("n", 600, protected=protected)
    command = processes(config, watch=False)
    command.cache.flush()
    until(lambda: server.cache.get("a") is None)
    assert server.cache.get("a", protected=True) == 1
    assert server.cache.incr("n", 600) == 1
    assert server.cache.incr("n", 600, protected=True) == 2
    command.cache.flush(protected=True)
    until(lambda: server.cache.get("a", protected=True) is None)
    assert server.cache.incr("n", 600, protected=True) == 1


def test_installations_on_one_redis_do_not_see_each_other(
    request: pytest.FixtureRequest, tmp_path: Any, sqlite_database: Database, redis_url: str
) -> None:
    import shutil

    other_file = tmp_path / "other.sqlite"
    shutil.copy(str(sqlite_database.engine.url.database), other_file)
    config = Config("redis", url=redis_url)
    one = Process(str(sqlite_database.engine.url), config, instance="one")
    two = Process(f"sqlite:///{other_file}", config, instance="two")
    one.cache.set("a", 1, timeout=600)
    two.cache.set("a", 2, timeout=600)
    two.cache.incr("n", 600)
    one.cache.flush(protected=True)
    one.cache.store.wait_swept()  # type: ignore[union-attr]
    two.cache._local.clear("")  # type: ignore[union-attr]
    assert (one.cache.get("a"), two.cache.get("a")) == (None, 2)
    assert (one.cache.incr("n", 600), two.cache.incr("n", 600)) == (1, 2)
    one.close()
    two.close()


def test_over_redis_a_change_is_told_without_looking_at_the_table(
    processes: Callable[..., Process], redis_url: str, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config("redis", url=redis_url)
    one, two = processes(config), processes(config)
    watcher = watcher_of(two)
    until(lambda: watcher.listening)
    until(lambda: watcher_of(one).listening)
    monkeypatch.setattr(watcher, "look", lambda: True)

    def heard() -> bool:  # a busy machine may take the channel for lost for a moment; then nothing is told
        one.change("client:1")
        return two.cache.tag_versions.version("client:1") > 0

    until(heard)


def watcher_of(process: Process) -> TagWatcher:
    found = [bound.__self__ for bound in process.cache._closing]  # type: ignore[attr-defined]
    (watcher,) = [one for one in found if isinstance(one, TagWatcher)]
    return watcher


@pytest.fixture
def watcher(sqlite_database: Database) -> TagWatcher:
    """One that looks only when told to."""
    return TagWatcher(sqlite_database, TagVersions())


def other_process(address: str, *tags: str) -> None:
    database = Database(address)
    with database.write() as session:
        bump(session, *tags)
    database.close()


def test_looking_finds_what_others_have_changed(watcher: TagWatcher, address: str) -> None:
    other_process(address, "a", "b")
    assert watcher.look()
    versions = watcher._versions
    assert (versions.version("a"), versions.version("b")) == (1, 1)
    other_process(address, "b")
    assert watcher.look()
    assert (versions.version("a"), versions.version("b")) == (1, 2)


def test_a_late_commit_is_found_by_the_next_look(watcher: TagWatcher, address: str) -> None:
    """A transaction takes its time stamp before it commits; a look in between must not jump over it."""
    assert watcher.look()
    database = Database(address)
    with database.write() as session:
        session.execute(text("SELECT 1"))
        from smarty_core.storage.tags import bump_in_transaction

        bump_in_transaction(session, ["late"])
        assert watcher.look()
        assert watcher._versions.version("late") == 0
    database.close()
    assert watcher.look()
    assert watcher._versions.version("late") == 1


def test_clocks_that_differ_are_made_good_by_reading_the_whole_table(
    watcher: TagWatcher, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watcher.look()
    other_process(address, "a")
    database = Database(address)
    with database.write() as session:
        session.execute(text("UPDATE tag_version SET changed_at = '2001-01-01 00:00:00.000000'"))
    assert watcher.look()
    assert watcher._versions.version("a") == 0
    monkeypatch.setattr(watcher, "_full_at", float("-inf"))
    assert watcher.look()
    assert watcher._versions.version("a") == 1
    database.close()


def test_versions_never_go_back(watcher: TagWatcher, sqlite_database: Database, address: str) -> None:
    other_process(address, "a")
    other_process(address, "a")
    watcher.look()
    with sqlite_database.write() as session:
        session.execute(delete(TagVersion))
    other_process(address, "a")
    watcher._full_at = float("-inf")
    watcher.look()
    assert watcher._versions.version("a") == 2


def test_values_are_not_used_before_the_versions_are_known(caplog: pytest.LogCaptureFixture, until: Until) -> None:
    database = Database(f"postgresql://nobody@127.0.0.1:{servers.free_port()}/nothing")
    cache: Cache = make_cache(Config("memory"), instance="t", database=database, watch=False)
    cache.set("a", 1, timeout=60)
    assert cache.get("a") is None
    assert cache.get_or_build("a", lambda: "from the source", timeout=60) == "from the source"
    assert len([record for record in caplog.records if "tag versions cannot be read" in record.getMessage()]) == 1
    with pytest.raises(StorageError):
        cache.flush()
    cache.close()
    database.close()


def test_without_the_database_values_are_used_for_ten_minutes_and_one_line_is_written(
    watcher: TagWatcher, sqlite_database: Database, clock: Any, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    from smarty_core.storage.cache import tagversions

    monkeypatch.setattr(tagwatch, "time", clock)
    monkeypatch.setattr(tagversions, "time", clock)
    assert watcher.look()
    assert watcher._versions.trusted

    def away() -> Any:
        raise StorageError("away")

    monkeypatch.setattr(sqlite_database, "read_master", away)
    caplog.set_level(logging.WARNING)
    for _ in range(50):
        clock.move(1.0)
        assert not watcher.look()
    assert len(caplog.records) == 1
    assert watcher._versions.trusted
    clock.move(TRUSTED_SECONDS)
    assert not watcher._versions.trusted
    monkeypatch.undo()
    assert watcher.look()


@pytest.mark.parametrize("how", ["killed", "hanging"])
def test_a_lost_channel_is_noticed_and_the_table_is_looked_at(
    how: str, processes: Callable[..., Process], until: Until
) -> None:
    import os
    import signal

    import redis

    port = servers.free_port()
    with ExitStack() as stack:
        server = stack.enter_context(ExitStack())
        server.enter_context(servers.redis_server(port=port))
        config = Config("redis", url=f"redis://127.0.0.1:{port}/0")
        one, two = processes(config), processes(config)
        watchers = [watcher_of(one), watcher_of(two)]
        until(lambda: all(watcher.listening for watcher in watchers))
        if how == "killed":
            server.close()
        else:
            with redis.Redis(port=port) as client:
                pid = int(client.info("server")["process_id"])
            os.kill(pid, signal.SIGSTOP)
            stack.callback(os.kill, pid, signal.SIGCONT)
        until(lambda: not any(watcher.listening for watcher in watchers))
        two.cache.set("a", "old", timeout=600, deps=("client:1",))
        one.change("client:1")
        until(lambda: two.cache.get("a") is None)
        if how == "killed":
            stack.enter_context(servers.redis_server(port=port))
        else:
            os.kill(pid, signal.SIGCONT)
        until(lambda: all(watcher.listening for watcher in watchers))
        one.change("client:1")
        until(lambda: two.cache.tag_versions.version("client:1") == 2)
        one.close()
        two.close()


def test_rubbish_on_the_channel_is_passed_over(processes: Callable[..., Process], redis_url: str, until: Until) -> None:
    import redis

    process = processes(Config("redis", url=redis_url))
    watcher = watcher_of(process)
    until(lambda: watcher.listening)
    from smarty_core.storage.cache.codec import pack

    with redis.Redis.from_url(redis_url) as client:

        def heard() -> bool:
            for data in (b"", b"\xc1", pack(7), pack([1]), pack({"a": "x"}), pack({7: 7}), pack({"fine": 3})):
                client.publish(watcher._channel, data)
            return process.cache.tag_versions.version("fine") == 3

        until(heard)
    until(lambda: watcher.listening)
    assert len(process.cache.tag_versions) == 1


def test_object_invalidated_is_written_once_per_tag_with_its_exact_context(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    cache = make_cache(Config("memory"), instance="t", database=sqlite_database, watch=False)
    caplog.set_level(logging.DEBUG, "smarty_cache")
    with sqlite_database.write() as session:
        bump(session, "client:7:channels", "epgchannel:1", "client:7:channels")
    told = sorted((record.msg.name, *sorted(record.msg.context.items())) for record in caplog.records)  # type: ignore[attr-defined]
    assert told == [
        ("OBJECT_INVALIDATED", ("deps_key", "tag:client:7:channels"), ("object", "client:7:channels")),
        ("OBJECT_INVALIDATED", ("deps_key", "tag:epgchannel:1"), ("object", "epgchannel:1")),
    ]
    caplog.clear()
    with contextlib.suppress(ZeroDivisionError), sqlite_database.write() as session:
        bump(session, "client:8")
        1 / 0  # noqa: B018
    assert not caplog.records
    cache.close()


def test_a_kind_of_cache_nobody_knows_is_a_configuration_error(sqlite_database: Database) -> None:
    with pytest.raises(ConfigError, match=r"memcached.*memory, redis, cluster"):
        make_cache(Config("memcached"), instance="t", database=sqlite_database)
    with pytest.raises(ConfigError, match="not the address of a Redis"):
        make_cache(Config("redis", url="gopher://x"), instance="t", database=sqlite_database)


def test_a_database_on_a_server_works_as_well(database: Database, until: Until) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    one, two = Process(url, Config("memory")), Process(url, Config("memory"))
    two.cache.set("a", 1, timeout=600, deps=("Client:1",))
    two.cache.set("b", 2, timeout=600, deps=("client:1",))
    one.change("client:1")
    until(lambda: two.cache.get("b") is None)
    assert two.cache.get("a") == 1  # tags are compared byte by byte on every database
    one.close()
    two.close()
