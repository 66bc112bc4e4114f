"""A Redis that is gone, hangs or refuses to write: answers go on, the log is not flooded, everything comes back."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import redis

from smarty_core.storage.cache import RedisCache, RedisStore
from smarty_core.storage.cache import layered as layered_module
from smarty_core.storage.cache import local as local_module
from smarty_core.storage.cache import trouble as trouble_module
from smarty_core.storage.cache.codec import pack
from smarty_core.storage.cache.trouble import BREAK_SECONDS, BUILDS_AT_ONCE, TELL_SECONDS, Breaker
from smarty_core.testing import servers

Until = Callable[[Callable[[], object]], None]


class OwnRedis:
    """A Redis of this test alone, so that it may be mistreated."""

    def __init__(self) -> None:
        self.port = servers.free_port()
        self._stack = ExitStack()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._stack.enter_context(servers.redis_server(port=self.port))

    def stop(self) -> None:
        self._stack.close()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """The server takes connections and says nothing."""
        with redis.Redis(port=self.port) as client:
            pid = int(client.info("server")["process_id"])
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def refusing_writes(self) -> Iterator[None]:
        with redis.Redis(port=self.port) as client:
            client.config_set("maxmemory", "1")
            yield
            client.config_set("maxmemory", "0")


@pytest.fixture
def server() -> Iterator[OwnRedis]:
    own = OwnRedis()
    own.start()
    yield own
    own.stop()


@pytest.fixture
def stopped_time(clock: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Breaker and local layer live by a clock moved by hand."""
    for module in (trouble_module, local_module, layered_module):
        monkeypatch.setattr(module, "time", clock)
    return clock


@contextmanager
def opened(server: OwnRedis) -> Iterator[RedisCache]:
    cache = RedisCache(RedisStore(prefix="t", url=server.url))
    try:
        yield cache
    finally:
        cache.close()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def store_until_it_works(cache: RedisCache, clock: Any, until: Until, **options: Any) -> None:
    """A busy machine may need more than the 50 ms that Redis is given."""

    def stored() -> bool:
        clock.move(BREAK_SECONDS + 0.1)
        cache.set("a", "kept", timeout=600, **options)
        return not cache.store.breaker.in_trouble

    until(stored)


def test_answers_go_on_without_redis_and_with_it_again(
    server: OwnRedis, stopped_time: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(server) as cache:
        store_until_it_works(cache, stopped_time, until, deps=("t",))
        caplog.clear()
        caplog.set_level(logging.INFO, "smarty_main")
        server.stop()
        assert cache.get("unknown") is None
        assert cache.get("a") == "kept"
        assert cache.get_or_build("b", lambda: "from SQL", timeout=60, deps=("t",)) == "from SQL"
        assert cache.get_or_build("b", lambda: "again", timeout=60, deps=("t",)) == "from SQL"
        cache.set("c", 3, timeout=60)
        assert cache.get("c") == 3
        cache.delete("c")
        assert cache.get("c") is None
        assert [cache.incr("n", 60) for _ in range(3)] == [1, 2, 3]
        assert len(warnings(caplog)) == 1
        assert "Redis does not do its work" in warnings(caplog)[0]

        server.start()
        stopped_time.move(BREAK_SECONDS + 0.1)
        until(lambda: (stopped_time.move(BREAK_SECONDS + 0.1), cache.get("x"), not cache.store.breaker.in_trouble)[2])
        assert any("works again" in record.getMessage() for record in caplog.records)
        store_until_it_works(cache, stopped_time, until)
        with opened(server) as neighbour:
            assert neighbour.get("a") == "kept"


def test_a_change_is_felt_while_redis_is_away(server: OwnRedis, stopped_time: Any, until: Until) -> None:
    with opened(server) as cache:
        store_until_it_works(cache, stopped_time, until, deps=("client:1",))
        server.stop()
        cache.tag_versions.learn({"client:1": 1})
        assert cache.get("a") is None
        cache.flush(protected=True)
        cache.store.wait_swept()
        assert cache.get_or_build("a", lambda: "new", timeout=60, deps=("client:1",)) == "new"


def test_what_was_stored_before_a_change_is_not_found_after_redis_came_back(
    server: OwnRedis, stopped_time: Any, until: Until
) -> None:
    with opened(server) as cache, server.hanging():
        cache.tag_versions.learn({"t": 1})
        cache.set("a", "new", timeout=60, deps=("t",))
        cache.tag_versions.learn({"t": 2})
    with opened(server) as neighbour:
        neighbour.tag_versions.learn({"t": 2})
        assert neighbour.get("a") is None


def test_a_redis_that_hangs_is_left_alone_after_one_try(
    server: OwnRedis, stopped_time: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(server) as cache:
        store_until_it_works(cache, stopped_time, until)
        caplog.clear()
        with server.hanging():
            for number in range(500):
                assert cache.get(f"unknown {number}") is None
                assert cache.get("a") == "kept"
            assert cache.store.breaker.failures == 1
            stopped_time.move(BREAK_SECONDS + 0.1)
            assert cache.get_or_build("b", lambda: 1, timeout=60) == 1
            assert cache.store.breaker.failures == 2
        assert len(warnings(caplog)) == 1
        until(lambda: (stopped_time.move(BREAK_SECONDS + 0.1), cache.get("x"), not cache.store.breaker.in_trouble)[2])


def test_one_line_a_minute_is_written(server: OwnRedis, stopped_time: Any, caplog: pytest.LogCaptureFixture) -> None:
    server.stop()
    with opened(server) as cache:
        for _ in range(int(TELL_SECONDS) - 1):
            cache.get("a")
            stopped_time.move(1.0)
        assert len(warnings(caplog)) == 1
        stopped_time.move(2.0)
        for _ in range(10):
            cache.set("a", 1, timeout=1)
        assert len(warnings(caplog)) == 2


def test_a_redis_that_reads_but_does_not_write_does_not_flood_the_log(
    server: OwnRedis, stopped_time: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smarty_main")
    with opened(server) as cache:
        store_until_it_works(cache, stopped_time, until)
        caplog.clear()
        with server.refusing_writes():
            for number in range(20):
                cache.set(f"b{number}", number, timeout=60)
                assert cache.get(f"b{number}") == number  # from the local layer
                stopped_time.move(BREAK_SECONDS + 0.1)
                cache.get("elsewhere")
                assert cache.incr("n", 600) == number + 1
        assert len(warnings(caplog)) == 1
        assert len(caplog.records) <= 2
        store_until_it_works(cache, stopped_time, until)
        assert cache.incr("n", 600) >= 1


def test_local_values_are_kept_at_most_ten_minutes_without_redis(
    server: OwnRedis, stopped_time: Any, until: Until
) -> None:
    with opened(server) as cache:
        store_until_it_works(cache, stopped_time, until)
        cache.set("long", 1, timeout=86400)
        server.stop()
        stopped_time.move(590)
        assert cache.get("long") == 1
        stopped_time.move(15)
        assert cache.get("long") is None


def test_a_value_without_tags_is_asked_for_again_after_a_second(
    server: OwnRedis, stopped_time: Any, until: Until
) -> None:
    with opened(server) as cache, opened(server) as neighbour:
        store_until_it_works(cache, stopped_time, until)
        store_until_it_works(neighbour, stopped_time, until)
        neighbour.set("a", "changed", timeout=600)
        stopped_time.move(1.1)
        until(lambda: cache.get("a") == "changed" or stopped_time.move(BREAK_SECONDS + 0.1))


def test_at_most_four_values_are_built_at_once_without_redis(server: OwnRedis) -> None:
    server.stop()
    running, most = 0, 0
    lock, full = threading.Lock(), threading.Event()

    def build() -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running >= BUILDS_AT_ONCE:
                full.set()
        assert full.wait(20)
        with lock:
            running -= 1
        return 1

    with opened(server) as cache:
        cache.get("now it is known to be away")
        with ThreadPoolExecutor(12) as pool:
            answers = [pool.submit(cache.get_or_build, f"k{number}", build, timeout=60) for number in range(12)]
            assert [answer.result(60) for answer in answers] == [1] * 12
    assert most == BUILDS_AT_ONCE


def test_builds_inside_builds_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four outer builds hold all places; their inner builds must not need one more."""
    monkeypatch.setattr(trouble_module, "BUILD_WAIT_SECONDS", 3600.0)
    breaker = Breaker("Redis")
    breaker.failed(ConnectionError("away"))
    all_in = threading.Barrier(BUILDS_AT_ONCE)

    def outer(_number: int) -> int:
        with breaker.spared():
            all_in.wait(20)
            with breaker.spared():
                return 1

    with ThreadPoolExecutor(BUILDS_AT_ONCE) as pool:
        assert sum(pool.map(outer, range(BUILDS_AT_ONCE), timeout=60)) == BUILDS_AT_ONCE


def test_a_cluster_that_is_away_is_an_empty_cache(caplog: pytest.LogCaptureFixture) -> None:
    cache = RedisCache(RedisStore(prefix="t", nodes=[("127.0.0.1", servers.free_port())]))
    assert cache.get("a") is None
    cache.set("a", 1, timeout=60, deps=("t",))
    assert cache.get("a") == 1
    assert cache.get_or_build("b", lambda: 2, timeout=60) == 2
    assert cache.incr("n", 60) == 1
    cache.delete("a")
    cache.flush()
    cache.store.wait_swept()
    assert cache.get("a") is None
    assert len(warnings(caplog)) == 1
    cache.close()


def test_a_cluster_goes_on_when_a_node_dies(stopped_time: Any) -> None:
    with servers.redis_cluster() as ports:
        cache = RedisCache(RedisStore(prefix="t", nodes=[("127.0.0.1", port) for port in ports]))
        with redis.Redis(port=ports[0]) as node:
            pid = int(node.info("server")["process_id"])
        os.kill(pid, signal.SIGSTOP)
        try:
            for number in range(30):
                cache.set(f"k{number}", number, timeout=600, deps=("t",))
                assert cache.get(f"k{number}") == number
                assert cache.get_or_build(f"b{number}", lambda: "built", timeout=600) == "built"
                stopped_time.move(BREAK_SECONDS + 0.1)
        finally:
            os.kill(pid, signal.SIGCONT)
        cache.close()


def test_rubbish_in_redis_is_as_good_as_nothing(server: OwnRedis, stopped_time: Any, until: Until) -> None:
    rubbish = [
        b"", b"\xc1", b"\x93\x01\x02", b"\x93\xc0\xc0\xc0", pack(7), pack([1]), pack([1.0, {}, b"x", 4]),
        pack([None, {"cache:ordinary": 0}, b"x"]), pack([1.0, {"cache:ordinary": "x"}, b"x"]), pack({"a": 1, "b": 2}),
    ]  # fmt: skip
    with opened(server) as cache, redis.Redis(port=server.port) as client:
        store_until_it_works(cache, stopped_time, until)
        for number, data in enumerate(rubbish):
            client.set(cache.store._name(cache._key(f"r{number}", False)), data)
            assert cache.get_or_build(f"r{number}", lambda: "built", timeout=60) == "built"
        client.rpush(cache.store._name(cache._key("list", False)), "x")
        assert cache.get("list") is None
        client.set(cache.store._name(cache._key("#n", False)), "not a number")
        stopped_time.move(BREAK_SECONDS + 0.1)
        assert cache.incr("n", 60) == 1


def test_flushing_removes_only_what_is_of_this_installation(server: OwnRedis, stopped_time: Any, until: Until) -> None:
    with opened(server) as cache, redis.Redis(port=server.port) as client:
        other = RedisCache(RedisStore(prefix="t2", url=server.url))
        store_until_it_works(cache, stopped_time, until)
        store_until_it_works(other, stopped_time, until)
        store_until_it_works(cache, stopped_time, until, protected=True)
        client.mset({"t": 1, "t:1:x": 1, "foreign": 1})
        cache.flush()
        cache.store.wait_swept()
        left = sorted(name.decode() for name in client.scan_iter())
        assert left == ["foreign", "t", "t2:1:o0:a", "t:1:p0:a", "t:1:x"]
        cache.flush(protected=True)
        cache.store.wait_swept()
        assert sorted(name.decode() for name in client.scan_iter()) == ["foreign", "t", "t2:1:o0:a", "t:1:x"]
        other.close()
