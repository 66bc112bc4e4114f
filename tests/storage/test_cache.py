"""One contract for every cache: in process, over Redis, over a Redis Cluster."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smarty_core.errors import InvalidValue
from smarty_core.events import Event
from smarty_core.storage.cache import Cache, MemoryCache, RedisCache, RedisStore
from smarty_core.storage.cache.codec import MAX_BYTES

KINDS = ("memory", "redis", "cluster")
PREFIX = "t*[x]?"
"""With everything that is special in a MATCH pattern."""

Until = Callable[[Callable[[], object]], None]


def make(kind: str, request: pytest.FixtureRequest) -> MemoryCache | RedisCache:
    """A cache whose Redis may take its time: what happens when it does not answer in time is tested elsewhere."""
    if kind == "memory":
        return MemoryCache()
    if kind == "redis":
        store = RedisStore(prefix=PREFIX, url=request.getfixturevalue("redis_url"))
    else:
        store = RedisStore(prefix=PREFIX, nodes=request.getfixturevalue("redis_cluster_nodes"))
    store._client = store.patient_client()
    return RedisCache(store)


@pytest.fixture(params=KINDS)
def cache(request: pytest.FixtureRequest) -> Iterator[MemoryCache | RedisCache]:
    made = make(request.param, request)
    yield made
    assert not in_trouble(made), "the server failed meanwhile, so the test has shown nothing"
    made.close()


@pytest.fixture(params=KINDS)
def without_local_layer(request: pytest.FixtureRequest) -> Iterator[Cache]:
    """As a neighbour process sees what this one stores; in process there is no neighbour."""
    made = make(request.param, request)
    if isinstance(made, RedisCache):
        made._local.max_bytes = 0
    yield made
    assert not in_trouble(made)
    made.close()


def in_trouble(cache: Cache) -> bool:
    return isinstance(cache, RedisCache) and cache.store.breaker.in_trouble


def bump(cache: Cache, *tags: str) -> None:
    cache.tag_versions.learn({tag: cache.tag_versions.version(tag) + 1 for tag in tags})


def never() -> Any:
    raise AssertionError("this must not be built")


def test_what_is_stored_is_found(cache: Cache) -> None:
    assert cache.get("a") is None
    cache.set("a", {"name": "Первый", "ids": [1, 2]}, timeout=60)
    assert cache.get("a") == {"name": "Первый", "ids": [1, 2]}
    cache.set("a", "later", timeout=60)
    assert cache.get("a") == "later"


def test_a_value_that_changes_after_storing_does_not_change_the_cache(cache: Cache) -> None:
    value = {"ids": [1]}
    cache.set("a", value, timeout=60)
    value["ids"].append(2)
    cache.get("a")["ids"].append(3)
    assert cache.get("a") == {"ids": [1]}


def test_a_deleted_value_is_gone(without_local_layer: Cache) -> None:
    cache = without_local_layer
    cache.set("a", 1, timeout=60)
    cache.set("b", 2, timeout=60)
    cache.delete("a")
    cache.delete("never stored")
    assert (cache.get("a"), cache.get("b")) == (None, 2)


def test_a_value_goes_when_its_time_is_over(without_local_layer: Cache, until: Until) -> None:
    cache = without_local_layer
    cache.set("short", 1, timeout=0.05)
    cache.set("long", 2, timeout=600)
    until(lambda: cache.get("short") is None)
    assert cache.get("long") == 2


@pytest.mark.parametrize("timeout", [0, -1, 0.0])
def test_a_value_without_a_life_is_not_stored(cache: Cache, timeout: float) -> None:
    cache.set("a", 1, timeout=timeout)
    assert cache.get("a") is None
    assert cache.get_or_build("b", lambda: 2, timeout=timeout) == 2
    assert cache.get_or_build("b", lambda: 3, timeout=timeout) == 3


def test_a_value_goes_with_any_of_its_tags(without_local_layer: Cache) -> None:
    cache = without_local_layer
    for number, deps in enumerate([("client:1",), ("client:1", "client:2"), ("client:2",), ()]):
        cache.set(f"v{number}", number, timeout=60, deps=deps)
    bump(cache, "client:1")
    assert [cache.get(f"v{number}") for number in range(4)] == [None, None, 2, 3]
    cache.set("v0", "new", timeout=60, deps=("client:1",))
    assert cache.get("v0") == "new"
    bump(cache, "something else")
    assert cache.get("v0") == "new"


def test_a_change_during_the_build_is_never_lost(without_local_layer: Cache) -> None:
    cache = without_local_layer

    def build() -> str:
        bump(cache, "client:1")
        return "read before the change"

    cache.get_or_build("a", build, timeout=60, deps=("client:1",))
    assert cache.get("a") is None
    assert cache.get_or_build("a", lambda: "new", timeout=60, deps=("client:1",)) == "new"


def test_what_is_there_is_not_built(without_local_layer: Cache) -> None:
    cache = without_local_layer
    assert cache.get_or_build("a", lambda: [1], timeout=60, deps=("t",)) == [1]
    assert cache.get_or_build("a", never, timeout=60, deps=("t",)) == [1]
    cache.set("b", 2, timeout=60)
    assert cache.get_or_build("b", never, timeout=60) == 2


def test_none_is_a_value_when_it_was_built(without_local_layer: Cache) -> None:
    assert without_local_layer.get_or_build("a", lambda: None, timeout=60) is None
    assert without_local_layer.get_or_build("a", never, timeout=60) is None


def test_an_error_of_the_build_comes_out_and_is_not_kept(cache: Cache) -> None:
    with pytest.raises(LookupError, match="no such channel"):
        cache.get_or_build("a", lambda: (_ for _ in ()).throw(LookupError("no such channel")), timeout=60)
    assert cache.get_or_build("a", lambda: 1, timeout=60) == 1


def test_a_value_is_built_once_however_many_threads_ask(cache: Cache) -> None:
    threads = 8
    built: list[int] = []
    asked = threading.Barrier(threads + 1)
    may_end = threading.Event()

    def build() -> str:
        built.append(1)
        assert may_end.wait(20)
        return "value"

    def ask(_number: int) -> Any:
        asked.wait(20)
        return cache.get_or_build("a", build, timeout=60)

    with ThreadPoolExecutor(threads) as pool:
        answers = pool.map(ask, range(threads))
        asked.wait(20)
        may_end.set()
        assert list(answers) == ["value"] * threads
    assert built == [1]


def test_who_waits_for_a_build_gets_its_error(cache: Cache, until: Until) -> None:
    flights = cache._flights  # type: ignore[attr-defined]
    may_fail, started = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def build() -> None:
        started.set()
        assert may_fail.wait(20)
        raise LookupError("gone")

    def ask() -> None:
        try:
            cache.get_or_build("a", build, timeout=60)
        except LookupError as exc:
            errors.append(exc)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    threads[0].start()
    assert started.wait(20)
    for thread in threads[1:]:
        thread.start()
    until(lambda: len(flights._flights) == 1)
    may_fail.set()
    for thread in threads:
        thread.join(20)
    assert [str(error) for error in errors] == ["gone"] * 3


def test_who_asks_after_a_change_does_not_join_a_build_from_before_it(cache: Cache) -> None:
    started, may_end = threading.Event(), threading.Event()

    def old() -> str:
        started.set()
        assert may_end.wait(20)
        return "old"

    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(cache.get_or_build, "a", old, timeout=60, deps=("session:1",))
        assert started.wait(20)
        bump(cache, "session:1")
        assert cache.get_or_build("a", lambda: "new", timeout=60, deps=("session:1",)) == "new"
        may_end.set()
        assert early.result(20) == "old"
    assert cache.get("a") in ("new", None)


def test_a_build_may_need_another_value_or_itself(cache: Cache) -> None:
    def outer() -> list[Any]:
        inner = cache.get_or_build("inner", lambda: 1, timeout=60)
        itself = cache.get_or_build("outer", lambda: 2, timeout=60)
        return [inner, itself]

    assert cache.get_or_build("outer", outer, timeout=60) == [1, 2]


def test_parts_do_not_see_each_other(without_local_layer: Cache) -> None:
    cache = without_local_layer
    cache.set("a", "ordinary", timeout=60)
    assert cache.get("a", protected=True) is None
    cache.set("a", "protected", timeout=60, protected=True)
    assert (cache.get("a"), cache.get("a", protected=True)) == ("ordinary", "protected")
    cache.delete("a")
    assert (cache.get("a"), cache.get("a", protected=True)) == (None, "protected")
    assert cache.get_or_build("a", never, timeout=60, protected=True) == "protected"


def test_an_ordinary_flush_spares_the_protected_part(without_local_layer: Cache) -> None:
    cache = without_local_layer
    for protected in (False, True):
        cache.set("a", 1, timeout=60, protected=protected)
        cache.incr("n", 60, protected=protected)
    cache.flush()
    swept(cache)
    assert (cache.get("a"), cache.get("a", protected=True)) == (None, 1)
    assert (cache.incr("n", 60), cache.incr("n", 60, protected=True)) == (1, 2)


def test_a_full_flush_empties_both_parts_and_the_cache_goes_on(without_local_layer: Cache) -> None:
    cache = without_local_layer
    for protected in (False, True):
        cache.set("a", 1, timeout=60, protected=protected, deps=("t",))
        cache.incr("n", 60, protected=protected)
    cache.flush(protected=True)
    swept(cache)
    for protected in (False, True):
        assert cache.get("a", protected=protected) is None
        assert cache.incr("n", 60, protected=protected) == 1
        cache.set("a", 2, timeout=60, protected=protected, deps=("t",))
        assert cache.get("a", protected=protected) == 2


def swept(cache: Cache) -> None:
    if isinstance(cache, RedisCache):
        cache.store.wait_swept()


def test_counts_begin_at_one_and_are_kept_apart(cache: Cache) -> None:
    assert [cache.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert cache.incr("b", 60) == 1
    assert cache.incr("a", 60, protected=True) == 1
    cache.set("a", "a value", timeout=60)
    cache.delete("a")
    assert cache.incr("a", 60) == 4


def test_a_count_ends_its_life_with_its_first_step(cache: Cache, until: Until) -> None:
    cache.incr("a", 0.05)
    until(lambda: cache.incr("a", 0.05) == 1)
    assert [cache.incr("b", 600) for _ in range(3)] == [1, 2, 3]


def test_no_step_of_a_count_is_lost(cache: Cache) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _number: cache.incr("a", 600), range(200)))
    assert sorted(counts) == list(range(1, 201))


@pytest.mark.parametrize("kind", ["redis", "cluster"])
def test_a_count_that_ends_between_two_commands_still_ends(kind: str, request: pytest.FixtureRequest) -> None:
    """SET NX finds the old count, which is gone when INCR comes: the new one must not live for ever."""
    cache = make(kind, request)
    assert isinstance(cache, RedisCache)
    cache.incr("a", 600)
    store = cache.store
    client = store._connected()
    name = store._name(cache._key("#a", False))

    class Late:
        def __getattr__(self, command: str) -> Any:
            if command == "incr":
                client.delete(name)
            return getattr(client, command)

    store._client = Late()
    assert store.count(cache._key("#a", False), 600) == 1
    assert 0 < client.pttl(name) <= 600_000
    store._client = client
    cache.close()


HOSTILE_KEYS = [
    "", " ", "a b", "a\nb", "a\r\nDEL x", "\0", "*", "[a]", "{a}", "a{b}c", "o0:a", "p0:a", "#a", "ключ", "🛰", "\ud800",
    "a" * 5000, "b" * 5000, "'; DROP TABLE x; --", "a:b:c", "%s%n", "$0",
]  # fmt: skip


def test_hostile_keys_are_only_keys(without_local_layer: Cache) -> None:
    cache = without_local_layer
    for number, key in enumerate(HOSTILE_KEYS):
        cache.set(key, number, timeout=60)
        assert cache.incr(key, 60) == 1
    assert [cache.get(key) for key in HOSTILE_KEYS] == list(range(len(HOSTILE_KEYS)))
    for key in HOSTILE_KEYS[::2]:
        cache.delete(key)
    expected = [None if number % 2 == 0 else number for number in range(len(HOSTILE_KEYS))]
    assert [cache.get(key) for key in HOSTILE_KEYS] == expected


VALUES: list[Any] = [
    0, -1, 2**63 - 1, 2**64 - 1, -(2**63), 1.5, math.inf, True, False, "", "текст\0", b"", b"\x00\xff", [], {}, [None],
    {"a": {"b": [1, {"c": None}]}}, {1: "numbers may be keys", -2: 3}, Decimal("0.10"), Decimal("-1E+20"),
    datetime(2026, 3, 29, 1, 0, 0, 123456, tzinfo=UTC), date(2026, 2, 28), [Decimal("1"), date(1970, 1, 1)],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_were(without_local_layer: Cache, value: Any) -> None:
    without_local_layer.set("a", value, timeout=60)
    found = without_local_layer.get("a")
    assert found == value
    assert type(found) is type(value)


def test_a_tuple_comes_back_as_a_list_and_a_time_in_utc(without_local_layer: Cache) -> None:
    moment = datetime(2026, 3, 10, 15, 0, tzinfo=timezone(timedelta(hours=3)))
    without_local_layer.set("a", (1, moment), timeout=60)
    found = without_local_layer.get("a")
    assert found == [1, moment]
    assert found[1].utcoffset() == timedelta(0)
    assert without_local_layer.get_or_build("b", lambda: (1, 2), timeout=60) == [1, 2]


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, datetime(2026, 1, 1), 2**64, "\ud800", lambda: 1, {"deep": [object()]}],  # noqa: DTZ001
    ids=["object", "set", "naive time", "large number", "half a pair", "function", "inside"],
)
def test_what_cannot_be_kept_is_refused(cache: Cache, value: Any) -> None:
    cache.set("a", "before", timeout=60)
    with pytest.raises(InvalidValue):
        cache.set("a", value, timeout=60)
    with pytest.raises(InvalidValue):
        cache.get_or_build("b", lambda: value, timeout=60)
    assert (cache.get("a"), cache.get("b")) == ("before", None)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary() | st.dates()
    | st.floats(allow_nan=False) | st.decimals(allow_nan=False)
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(-9, 9), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(alphabet=st.characters()), value=json_like)
def test_any_value_under_any_key_comes_back(without_local_layer: Cache, key: str, value: Any) -> None:
    without_local_layer.set(key, value, timeout=60)
    assert without_local_layer.get(key) == value


def test_a_big_value_is_kept_and_a_huge_one_only_given(without_local_layer: Cache) -> None:
    cache = without_local_layer
    big = b"\x5a" * (4 * 1024 * 1024)
    cache.set("big", big, timeout=60)
    assert cache.get("big") == big
    huge = b"\x5a" * (MAX_BYTES + 1)
    cache.set("huge", huge, timeout=60)
    assert cache.get("huge") is None
    assert cache.get_or_build("huge", lambda: huge, timeout=60) == huge
    assert cache.get_or_build("huge", lambda: b"again", timeout=60) == b"again"


def test_closing_twice_is_allowed_and_tells_once(cache: Cache) -> None:
    closed: list[int] = []
    cache.on_close(lambda: closed.append(1))  # type: ignore[attr-defined]
    cache.close()
    cache.close()
    assert closed == [1]


class Events(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.events: list[tuple[str, dict[str, Any]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        assert isinstance(record.msg, Event)
        self.events.append((record.msg.name, dict(record.msg.context)))


@pytest.fixture
def events() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    log, handler = logging.getLogger("smarty_cache"), Events()
    level, propagate = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield handler.events
    log.removeHandler(handler)
    log.setLevel(level)
    log.propagate = propagate


def test_object_cached_is_written_with_its_exact_context(
    cache: Cache, events: list[tuple[str, dict[str, Any]]]
) -> None:
    cache.set("channels:7:ru", [1], timeout=30, deps=("client:7:channels", "guide"))
    cache.get_or_build("plain", lambda: 1, timeout=5.5)
    cache.get_or_build("plain", never, timeout=5.5)
    assert events == [
        (
            "OBJECT_CACHED",
            {"object": "channels", "timeout": 30, "key": "channels:7:ru", "deps": ["client:7:channels", "guide"]},
        ),
        ("OBJECT_CACHED", {"object": "plain", "timeout": 5.5, "key": "plain", "deps": []}),
    ]


def test_events_cost_nothing_when_switched_off(cache: Cache, events: list[Any]) -> None:
    logging.getLogger("smarty_cache").setLevel(logging.INFO)
    cache.set("a", 1, timeout=30)
    assert events == []
