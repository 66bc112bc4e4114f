"""Objects in memory: built once, gone with their tags, bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from smarty_core.services import remembered as module
from smarty_core.services.remembered import Remembered
from smarty_core.storage.cache import TagVersions


@pytest.fixture
def versions() -> TagVersions:
    return TagVersions()


def counting(values: list[str]) -> Callable[[], str]:
    def build() -> str:
        values.append(f"value {len(values) + 1}")
        return values[-1]

    return build


def test_an_object_is_built_once_until_a_tag_moves(versions: TagVersions) -> None:
    kept: Remembered[str] = Remembered(versions.vector, limit=10)
    built: list[str] = []
    for _ in range(3):
        assert kept.get("k", tags=("a", "b"), build=counting(built)) == "value 1"
    versions.learn({"other": 1})
    assert kept.get("k", tags=("a", "b"), build=counting(built)) == "value 1"
    versions.learn({"b": 1})
    assert kept.get("k", tags=("a", "b"), build=counting(built)) == "value 2"
    kept.forget("k")
    assert kept.get("k", tags=("a", "b"), build=counting(built)) == "value 3"


def test_a_flush_of_the_cache_is_felt(versions: TagVersions) -> None:
    kept: Remembered[str] = Remembered(versions.vector, limit=10)
    built: list[str] = []
    kept.get("k", tags=(), build=counting(built))
    versions.learn({"cache:ordinary": 1})
    assert kept.get("k", tags=(), build=counting(built)) == "value 2"


def test_a_change_during_the_build_is_not_lost(versions: TagVersions) -> None:
    kept: Remembered[str] = Remembered(versions.vector, limit=10)

    def build() -> str:
        versions.learn({"a": 1})
        return "read before the change"

    assert kept.get("k", tags=("a",), build=build) == "read before the change"
    assert kept.get("k", tags=("a",), build=lambda: "new") == "new"


def test_the_least_recently_used_goes_first(versions: TagVersions) -> None:
    kept: Remembered[str] = Remembered(versions.vector, limit=2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, tags=(), build=lambda key=key: key)  # type: ignore[misc]
    rebuilt: list[str] = []
    for key in ("a", "c", "b"):
        kept.get(key, tags=(), build=lambda key=key: rebuilt.append(key) or key)  # type: ignore[misc,func-returns-value]
    assert rebuilt == ["b"]


def test_an_object_dies_of_age(versions: TagVersions, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(module, "time", Clock)
    kept: Remembered[str] = Remembered(versions.vector, limit=2, seconds=5)
    built: list[str] = []
    kept.get("k", tags=(), build=counting(built))
    now[0] += 4.9
    assert kept.get("k", tags=(), build=counting(built)) == "value 1"
    now[0] += 0.2
    assert kept.get("k", tags=(), build=counting(built)) == "value 2"


def test_many_threads_that_miss_build_once(versions: TagVersions) -> None:
    kept: Remembered[str] = Remembered(versions.vector, limit=2)
    built: list[str] = []
    start, may_end = threading.Barrier(7), threading.Event()

    def build() -> str:
        built.append("x")
        assert may_end.wait(20)
        return "value"

    def ask(_number: int) -> str:
        start.wait(20)
        return kept.get("k", tags=(), build=build)

    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(ask, range(6))
        start.wait(20)
        may_end.set()
        assert list(answers) == ["value"] * 6
    assert built == ["x"]


def test_an_error_is_not_kept(versions: TagVersions) -> None:
    kept: Remembered[str] = Remembered(versions.vector, limit=2)
    with pytest.raises(ZeroDivisionError):
        kept.get("k", tags=(), build=lambda: str(1 // 0))
    assert kept.get("k", tags=(), build=lambda: "fine") == "fine"
