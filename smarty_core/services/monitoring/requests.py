"""How many answers were given, of which method with which code, and how long they took; of one process.

Noted in the event loop only, where nothing else runs at the same time; read from any thread.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final, Protocol

from smarty_core.services.monitoring.families import Value, value

BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the classes of the histogram, in seconds."""

PAGE: Final = "page"
"""Stands for the method of whatever is no API method."""


Teller = Callable[[float], None]
"""Takes the seconds of an answer."""


class Listener(Protocol):
    """Is told of every answer. It must be quick and never raise."""

    def answered(self, method: str, path: str, code: str, seconds: float, *, missed: bool) -> None:
        """A request was answered. `path` is the method's own (`/channel/list/`), empty for a page; `missed`: the answer
        might have lain ready and did not."""

    def teller(self, method: str, path: str) -> Teller:
        """What to call for each answer of a method that lay ready. That must be very quick."""

    def queried(self, method: str, path: str, queries: int, seconds: float) -> None:
        """The answer took so many SQL queries; called in the thread that made it."""


class _Series:
    __slots__ = ("classes", "hits", "misses", "seconds")

    def __init__(self) -> None:
        self.classes = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0
        self.hits = 0
        self.misses = 0


class RequestFigures:
    """A `Listener` that counts."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.threads_asked = 0
        self.threads_busy = 0
        self._series: dict[tuple[str, str], _Series] = {}
        self._queries: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def answered(self, method: str, path: str, code: str, seconds: float, *, missed: bool) -> None:
        series = self._of(method, code)
        series.classes[bisect_left(BUCKETS, seconds)] += 1
        series.seconds += seconds
        series.misses += missed

    def teller(self, method: str, path: str) -> Teller:
        series = self._of(method, "0")
        classes = series.classes

        def tell(seconds: float) -> None:
            classes[bisect_left(BUCKETS, seconds)] += 1
            series.seconds += seconds
            series.hits += 1

        return tell

    def _of(self, method: str, code: str) -> _Series:
        series = self._series.get((method, code))
        if series is None:
            series = self._series[method, code] = _Series()
        return series

    def queried(self, method: str, path: str, queries: int, seconds: float) -> None:
        with self._lock:
            number, took = self._queries.get(method, (0, 0.0))
            self._queries[method] = (number + queries, took + seconds)

    def values(self) -> Iterator[Value]:
        """All counters as they are now."""
        for (method, code), series in sorted(self._series.items(), key=lambda item: item[0]):
            labels = (("method", method), ("code", code))
            counts = list(accumulate(series.classes))
            yield Value("smarty_api_requests_total", labels, counts[-1])
            for end, count in zip((*map(_end, BUCKETS), "+Inf"), counts, strict=True):
                yield Value("smarty_api_request_seconds", (*labels, ("le", end)), count, "_bucket")
            yield Value("smarty_api_request_seconds", labels, series.seconds, "_sum")
            yield Value("smarty_api_request_seconds", labels, counts[-1], "_count")
        found: defaultdict[tuple[str, str], int] = defaultdict(int)
        for (method, _), series in sorted(self._series.items(), key=lambda item: item[0]):
            if method != PAGE:
                found[method, "hit"] += series.hits
                found[method, "miss"] += series.misses
        for (method, result), count in found.items():
            yield value("smarty_prepared_answers_total", count, method=method, result=result)
        with self._lock:
            queries = sorted(self._queries.items())
        for method, (number, took) in queries:
            yield value("smarty_api_sql_queries_total", number, method=method)
            yield value("smarty_api_sql_seconds_total", took, method=method)


def _end(seconds: float) -> str:
    return f"{seconds:g}"
