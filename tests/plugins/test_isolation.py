"""Calls into drivers: deadlines, breaker, stuck threads, errors, and what may pass."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from smarty_core.errors import DriverBroken, NotSupported, ProviderRefused, ProviderUnavailable
from smarty_core.plugins import isolation
from smarty_core.plugins.isolation import GuardedDriver
from smarty_core.plugins.threads import Breaker, PluginThreads

from .samples import FolderSettings, InlineLocator, Locator


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def release() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


class Quick(Locator):
    deadline = 0.3

    def numbers(self, upto: int, failure: BaseException | None = None) -> Iterator[int]:
        yield from range(upto)
        if failure is not None:
            raise failure


def guarded(kind: type[Locator] = Quick, *, watch: Watch | None = None, **limits: Any) -> GuardedDriver:
    driver = kind("main", FolderSettings(folder="/x"), None)
    threads = PluginThreads("tests", **limits)
    return GuardedDriver(driver, plugin="tests", threads=threads, breaker=Breaker(monotonic=watch or Watch()))


def behave(driver: GuardedDriver, behaviour: Any) -> None:
    driver.driver.behaviour = behaviour  # type: ignore[attr-defined]


def test_an_ordinary_driver_runs_in_a_daemon_thread_and_an_inline_one_in_the_callers() -> None:
    for kind, same in ((Quick, False), (InlineLocator, True)):
        driver = guarded(kind)
        behave(driver, lambda _address: threading.current_thread())
        thread = isolation.call(driver, "locate", "address")
        assert (thread is threading.current_thread()) is same
        assert thread.daemon is not same


def test_background_calls_have_threads_and_a_breaker_of_their_own(release: threading.Event) -> None:
    class Asked(InlineLocator):
        deadline = 0.1
        background = frozenset({"probe"})

        def probe(self) -> Any:
            release.wait()

    driver = guarded(Asked)
    behave(driver, lambda _address: threading.current_thread())
    for _ in range(6):
        with pytest.raises(ProviderUnavailable):
            isolation.call(driver, "probe")
    with pytest.raises(ProviderUnavailable, match="not tried for a while"):
        isolation.call(driver, "probe")
    assert isolation.call(driver, "locate", "address") is threading.current_thread()


def test_errors_of_our_tree_pass_as_they_are() -> None:
    driver = guarded()
    for error in (ProviderRefused("no"), NotSupported("never"), ProviderUnavailable("later")):

        def fail(_address: object, error: Exception = error) -> None:
            raise error

        behave(driver, fail)
        with pytest.raises(type(error)) as caught:
            isolation.call(driver, "locate", "address")
        assert caught.value is error


@pytest.mark.parametrize("kind", [Quick, InlineLocator])
@pytest.mark.parametrize("error", [ValueError("oops"), SystemExit(1), RecursionError("deep")])
def test_a_bug_is_logged_with_traceback_under_the_plugins_name(
    kind: type[Locator], error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    driver = guarded(kind)

    def fail(_address: object) -> None:
        raise error

    behave(driver, fail)
    with pytest.raises(DriverBroken, match=type(error).__name__):
        isolation.call(driver, "locate", "address")
    (record,) = [r for r in caplog.records if r.name == "smarty_plugins.tests"]
    assert record.exc_info is not None
    assert record.exc_info[1] is error


def test_a_hanging_call_is_given_up_at_its_deadline(release: threading.Event) -> None:
    driver = guarded()
    behave(driver, lambda _address: release.wait())
    begun = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="deadline"):
        isolation.call(driver, "locate", "address")
    assert 0.2 < time.monotonic() - begun < 3


def test_stuck_threads_are_replaced_and_then_the_plugin_is_refused_at_once(release: threading.Event) -> None:
    threads = PluginThreads("tests", size=2, stuck_limit=3)
    driver = GuardedDriver(
        Quick("main", FolderSettings(folder="/x"), None), plugin="tests", threads=threads, breaker=Breaker(failures=99)
    )
    behave(driver, lambda _address: release.wait())
    for _ in range(3):
        with pytest.raises(ProviderUnavailable, match="deadline"):
            isolation.call(driver, "locate", "address")
    assert threads.stuck == 3
    begun = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="stuck"):
        isolation.call(driver, "locate", "address")
    assert time.monotonic() - begun < 0.2
    release.set()
    until = time.monotonic() + 10
    while threads.stuck and time.monotonic() < until:
        threading.Event().wait(0.01)
    behave(driver, lambda address: address)
    assert isolation.call(driver, "locate", "here again") == "here again"


def test_a_stuck_plugin_does_not_slow_another_one(release: threading.Event) -> None:
    stuck, healthy = guarded(size=1), guarded()
    behave(stuck, lambda _address: release.wait())
    behave(healthy, lambda address: address)

    def give_up() -> None:
        with contextlib.suppress(ProviderUnavailable):
            stuck.call("locate", "x")

    caller = threading.Thread(target=give_up)
    caller.start()
    for number in range(20):
        assert healthy.call("locate", number) == number
    caller.join()


def test_calls_wait_for_a_free_thread_instead_of_failing() -> None:
    driver = guarded(Locator, size=2)
    seen = []
    behave(driver, lambda address: (threading.Event().wait(0.02), seen.append(address)))
    callers = [threading.Thread(target=driver.call, args=("locate", number)) for number in range(12)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(seen) == list(range(12))


def test_the_breaker_opens_after_failures_in_a_row_and_lets_one_call_through_later() -> None:
    watch = Watch()
    driver = guarded(watch=watch)
    calls = []

    def fail(_address: object) -> None:
        calls.append(1)
        raise ProviderUnavailable("down")

    behave(driver, fail)
    for _ in range(8):
        with pytest.raises(ProviderUnavailable):
            driver.call("locate", "x")
    assert len(calls) == 5
    assert driver.breaker.state == "open"
    watch.now += 31
    assert driver.breaker.state == "half-open"
    with pytest.raises(ProviderUnavailable, match="down"):
        driver.call("locate", "x")
    assert (len(calls), driver.breaker.state) == (6, "open")
    watch.now += 31
    behave(driver, lambda address: address)
    assert driver.call("locate", "up") == "up"
    assert driver.breaker.state == "closed"


def test_a_refusal_is_an_answer_and_does_not_open_the_breaker() -> None:
    driver = guarded()

    def refuse(_address: object) -> None:
        raise ProviderRefused("wrong number")

    behave(driver, refuse)
    for _ in range(20):
        with pytest.raises(ProviderRefused):
            driver.call("locate", "x")
    assert driver.breaker.state == "closed"


@pytest.mark.parametrize("count", [0, 1, 256, 1000])
def test_a_stream_yields_everything_in_order(count: int) -> None:
    assert list(isolation.call(guarded(), "numbers", count)) == list(range(count))


def test_a_stream_yields_what_came_before_the_failure() -> None:
    got = []
    items = guarded().stream("numbers", 300, ProviderRefused("torn"))
    with pytest.raises(ProviderRefused):
        got.extend(number for number in items if got.append(number) is not None)
    assert got == list(range(300))


def test_a_reader_that_stops_early_lets_the_producer_go() -> None:
    before = threading.active_count()
    items = guarded().stream("numbers", 10_000_000)
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert threading.active_count() <= before


def test_a_silent_stream_is_given_up(release: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "STREAM_DEADLINE", 0.1)

    class Silent(Quick):
        def numbers(self, upto: int, failure: BaseException | None = None) -> Iterator[int]:
            release.wait()
            yield upto

    with pytest.raises(ProviderUnavailable, match="deadline"):
        list(guarded(Silent).stream("numbers", 1))


def test_a_retired_driver_is_closed_after_its_last_call(release: threading.Event) -> None:
    driver = guarded(Locator)
    entered = threading.Event()
    behave(driver, lambda _address: (entered.set(), release.wait()))
    caller = threading.Thread(target=driver.call, args=("locate", "x"))
    caller.start()
    assert entered.wait(10)
    driver.retire()
    assert driver.driver.closed == 0  # type: ignore[attr-defined]
    release.set()
    caller.join()
    until = time.monotonic() + 10
    while not driver.driver.closed and time.monotonic() < until:  # type: ignore[attr-defined]
        threading.Event().wait(0.01)
    assert driver.driver.closed == 1  # type: ignore[attr-defined]


def test_a_failing_close_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Rude(InlineLocator):
        def close(self) -> None:
            raise RuntimeError("no")

    guarded(Rude).retire()
    assert any("failed to close" in record.getMessage() for record in caplog.records)


def test_the_process_ends_although_a_plugin_hangs() -> None:
    code = (
        "import threading\n"
        "from smarty_core.plugins.threads import Overdue, PluginThreads\n"
        "try:\n"
        "    PluginThreads('x').call(threading.Event().wait, 0.1)\n"
        "except Overdue:\n"
        "    print('given up')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.returncode) == ("given up\n", 0), done.stderr


def test_logging_is_untouched_by_good_calls(caplog: pytest.LogCaptureFixture) -> None:
    driver = guarded()
    behave(driver, lambda address: address)
    with caplog.at_level(logging.DEBUG):
        assert driver.call("locate", 1) == 1
    assert not caplog.records
