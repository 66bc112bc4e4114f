"""What one process of the server is like at this moment: memory, pools, cache, events on their way."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import smarty_core
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.monitoring.families import Value, value
from smarty_core.services.monitoring.requests import RequestFigures
from smarty_core.services.monitoring.sql import SqlWatch
from smarty_core.storage.cache import Cache
from smarty_core.storage.cache.layered import RedisCache
from smarty_core.storage.cache.memory import MemoryCache

STATM: Final = Path("/proc/self/statm")


class ProcessFigures:
    """Reads the parts of a system; asks neither the database nor Redis."""

    def __init__(
        self, *, requests: RequestFigures, sql: SqlWatch, cache: Cache, hooks: Hooks, api_threads: int
    ) -> None:
        self._requests = requests
        self._sql = sql
        self._cache = cache
        self._hooks = hooks
        self._api_threads = api_threads

    def counters(self) -> Iterator[Value]:
        """What may be added up over all processes."""
        yield value("smarty_process_cpu_seconds_total", time.process_time())
        yield from self._requests.values()
        yield from self._sql.counters()
        if isinstance(self._cache, (MemoryCache, RedisCache)):
            yield value("smarty_cache_hits_total", self._cache.use.hits)
            yield value("smarty_cache_misses_total", self._cache.use.misses)
        for plugin, (_, dropped) in sorted(self._hooks.queues().items()):
            yield value("smarty_events_dropped_total", dropped, plugin=plugin)

    def gauges(self) -> Iterator[Value]:
        """What holds for this process alone."""
        yield value("smarty_build_info", 1, version=smarty_core.__version__)
        if STATM.exists():
            pages = int(STATM.read_text("ascii").split()[1])
            yield value("smarty_process_resident_bytes", pages * os.sysconf("SC_PAGE_SIZE"))
        busy, asked = self._requests.threads_busy, self._requests.threads_asked
        yield value("smarty_requests_in_flight", self._requests.in_flight)
        yield value("smarty_pool_size", self._api_threads, pool="api")
        yield value("smarty_pool_in_use", busy, pool="api")
        yield value("smarty_pool_waiting", max(0, asked - busy), pool="api")
        yield from self._sql.gauges()
        yield value("smarty_cache_tags_trusted", self._cache.tag_versions.trusted)
        if isinstance(self._cache, (MemoryCache, RedisCache)):
            yield value("smarty_cache_entries", len(self._cache.local))
            yield value("smarty_cache_bytes", self._cache.local.used_bytes)
            yield value("smarty_cache_limit_bytes", self._cache.local.max_bytes)
        if isinstance(self._cache, RedisCache):
            breaker = self._cache.store.breaker
            yield value("smarty_redis_trouble", breaker.in_trouble)
            yield value("smarty_redis_failures", breaker.failures)
        for plugin, (waiting, _) in sorted(self._hooks.queues().items()):
            yield value("smarty_events_waiting", waiting, plugin=plugin)
