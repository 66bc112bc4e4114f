"""Calls into foreign code that cannot hurt the caller: `call(driver, "issue", request)`.

What comes out of a driver call is its result or a `SmartyError`:

- errors of our own tree pass as they are (`ProviderError` and its kinds, `NotSupported`, `InvalidValue` ...);
- a missed deadline, and a call refused because the driver kept failing, is `ProviderUnavailable`;
- anything else is a bug of the plugin: logged with traceback under the plugin's name, raised as `DriverBroken`.
"""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from smarty_core.contracts.driver import Driver
from smarty_core.errors import DriverBroken, ProviderUnavailable, SmartyError
from smarty_core.plugins.discovery import describe
from smarty_core.plugins.threads import STUCK_LIMIT, THREADS, Breaker, Overdue, PluginThreads, Stuck

STREAM_DEADLINE: Final = 60.0
"""Least number of seconds a streaming call may go without yielding anything."""

BACKGROUND_THREADS: Final = 64
"""Threads per plugin for its background methods: hundreds of servers are asked whether they are alive, many are not."""

_pools: dict[str, PluginThreads] = {}
_pools_lock = threading.Lock()


def threads_of(plugin: str, size: int = THREADS) -> PluginThreads:
    """The threads of `plugin`: one pool per process, shared by its drivers' instances."""
    with _pools_lock:
        if plugin not in _pools:
            _pools[plugin] = PluginThreads(plugin, size=size, stuck_limit=max(size, STUCK_LIMIT))
        return _pools[plugin]


def plugin_log(plugin: str) -> logging.Logger:
    """Where the plugin's own messages and its failures are written."""
    return logging.getLogger(f"smarty_plugins.{plugin}")


class GuardedDriver:
    """A driver object with its guards. One per configured instance; calls go through `call` or `stream`."""

    def __init__(
        self, driver: Driver[Any], *, plugin: str, threads: PluginThreads | None = None, breaker: Breaker | None = None
    ) -> None:
        self.driver = driver
        self.plugin = plugin
        self.inline = "inline" in type(driver).supports
        self.supports = type(driver).supports
        self.breaker = breaker or Breaker()
        self._background_breaker = Breaker()
        self._pool = f"{plugin}.{type(driver).__name__}"
        self._threads = threads or threads_of(self._pool)
        self._lock = threading.Lock()
        self._calls = 0
        self._retired = False

    @property
    def name(self) -> str:
        """Name of the configured instance."""
        return self.driver.name

    def __repr__(self) -> str:
        return f"<{type(self.driver).__name__} {self.driver.name!r} of plugin {self.plugin}>"

    def call(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Run one method under guard; see the module's docstring for what it raises.

        A method that yields gives an iterator under the same guard (see `stream`).
        """
        function = getattr(self.driver, method)
        if _yields(type(self.driver), method):
            return self.stream(method, *args, **kwargs)
        background = method in type(self.driver).background
        self._enter()
        try:
            with _Guard(self, method, self._background_breaker if background else self.breaker):
                if self.inline and not background:
                    return function(*args, **kwargs)
                threads = threads_of(f"{self._pool} background", BACKGROUND_THREADS) if background else self._threads
                return threads.call(lambda: function(*args, **kwargs), type(self.driver).deadline)
        finally:
            self._leave()

    def stream(self, method: str, /, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Yield what a generator method yields, run in one thread of its own, a few batches ahead of the reader."""
        function = getattr(self.driver, method)
        deadline = max(type(self.driver).deadline, STREAM_DEADLINE)
        self._enter()
        try:
            with _Guard(self, method, self.breaker):
                if self.inline:
                    yield from function(*args, **kwargs)
                else:
                    yield from self._threads.stream(lambda: iter(function(*args, **kwargs)), deadline)
        finally:
            self._leave()

    def retire(self) -> threading.Thread | None:
        """Close the driver as soon as no call is using it any more; the thread that closes it now, if any."""
        with self._lock:
            self._retired = True
            idle = self._calls == 0
        return self._close() if idle else None

    def _enter(self) -> None:
        with self._lock:
            self._calls += 1

    def _leave(self) -> None:
        with self._lock:
            self._calls -= 1
            last = self._retired and self._calls == 0
        if last:
            self._close()

    def _close(self) -> threading.Thread | None:
        def close() -> None:
            try:
                self.driver.close()
            except BaseException as failure:  # noqa: BLE001  a plugin must not disturb a shutdown
                plugin_log(self.plugin).error("%r failed to close", self, exc_info=failure)

        if self.inline:
            close()
            return None
        thread = threading.Thread(target=close, name=f"plugin-{self.plugin}-close", daemon=True)
        thread.start()
        return thread


class _Guard:
    """What comes out of one call of a driver, counted by its breaker, as the module's docstring says. A class and no
    generator: addresses of streams are made in here, thousands in a second."""

    __slots__ = ("_breaker", "_guarded", "_method")

    def __init__(self, guarded: GuardedDriver, method: str, breaker: Breaker) -> None:
        self._guarded = guarded
        self._method = method
        self._breaker = breaker

    def __enter__(self) -> None:
        if not self._breaker.allow():
            raise ProviderUnavailable(f"{self._what()} is not tried for a while: it failed several times in a row")

    def __exit__(self, kind: type[BaseException] | None, failure: BaseException | None, trace: object) -> None:
        if failure is None or isinstance(failure, (KeyboardInterrupt, GeneratorExit)):
            self._breaker.succeeded()
            return
        if isinstance(failure, SmartyError) and not isinstance(failure, ProviderUnavailable):
            self._breaker.succeeded()
            return
        self._failed()
        if isinstance(failure, ProviderUnavailable):
            return
        what, log = self._what(), plugin_log(self._guarded.plugin)
        if isinstance(failure, Overdue):
            log.error("%s did not answer within its deadline", what)
            raise ProviderUnavailable(f"{what} did not answer within its deadline") from None
        if isinstance(failure, Stuck):
            raise ProviderUnavailable(f"{what} is refused: too many calls of this plugin are stuck") from None
        log.error("%s failed", what, exc_info=failure)
        raise DriverBroken(f"{what} failed: {describe(failure)}") from failure

    def _failed(self) -> None:
        if self._breaker.failed():
            log = plugin_log(self._guarded.plugin)
            log.warning("%s: failing again and again; not tried for a while", self._what())

    def _what(self) -> str:
        driver = self._guarded.driver
        return f"{type(driver).__name__} {driver.name!r} of plugin {self._guarded.plugin}: {self._method}"


@lru_cache(maxsize=1000)
def _yields(driver: type[Driver[Any]], method: str) -> bool:
    return inspect.isgeneratorfunction(getattr(driver, method))


def call(driver: GuardedDriver, method: str, /, *args: Any, **kwargs: Any) -> Any:
    """Run one method of a driver under guard (see the module's docstring)."""
    return driver.call(method, *args, **kwargs)


def stream(driver: GuardedDriver, method: str, /, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """Iterate a generator method of a driver under guard."""
    return driver.stream(method, *args, **kwargs)
