"""The dispatcher and the answerer of a server that measures: they tell `Listener`s of every answer.

Without metrics and statsd these classes are not used at all, so that not measuring costs nothing.
"""

from __future__ import annotations

import re
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from smarty_core.services.monitoring.requests import PAGE, Listener, RequestFigures, Teller
from smarty_core.services.monitoring.sql import SqlWatch
from smarty_core.web.answer import Answerer
from smarty_core.web.dispatch import WORKER_THREADS, App, Dispatcher
from smarty_core.web.method import Messages
from smarty_core.web.request import Receive, Request, Scope
from smarty_core.web.response import Cors, Response, Send
from smarty_core.web.surface import Endpoint, Routes

if TYPE_CHECKING:
    from smarty_core.app import System

HEAD_BYTES: Final = 200
"""An answer says its code within so many bytes, in both formats."""

_CODE: Final = re.compile(rb'^(?:\{"error":|<\?xml[^>]*><rss><error>)(-?\d{1,9})[,}<]')


class MeasuredAnswerer(Answerer):
    """Tells how many SQL queries each answer took."""

    def __init__(
        self, system: System, *, sql: SqlWatch, figures: RequestFigures, listeners: Sequence[Listener]
    ) -> None:
        super().__init__(system)
        self.figures: Final = figures
        self.listeners: Final = tuple(listeners)
        self._sql = sql
        self._lock = threading.Lock()

    def answer(self, endpoint: Endpoint, request: Request) -> Response:
        with self._lock:
            self.figures.threads_busy += 1
        try:
            with self._sql.noting() as spent:
                return super().answer(endpoint, request)
        finally:
            with self._lock:
                self.figures.threads_busy -= 1
            for listener in self.listeners:
                listener.queried(endpoint.method.name, endpoint.method.path, spent.queries, spent.seconds)


class MeasuredDispatcher(Dispatcher):
    """Tells how long each answer took and with which code it ended."""

    def __init__(
        self, routes: Routes, answerer: MeasuredAnswerer, fallback: App, *, max_bytes: int, cors: Cors
    ) -> None:
        super().__init__(routes, answerer, fallback, max_bytes=max_bytes, cors=cors)
        self._find = routes.find
        self._listeners = answerer.listeners
        self._figures = answerer.figures
        self._tellers: dict[str, tuple[Teller, ...]] = {}
        self._threads = _CountedThreads(WORKER_THREADS, answerer.figures)
        self._writers = _CountedThreads(WORKER_THREADS, answerer.figures)

    def ready(self, scope: Scope) -> Messages | None:
        begun = time.perf_counter()
        messages = super().ready(scope)
        if messages is not None:
            seconds = time.perf_counter() - begun
            for tell in self._tellers.get(scope["path"]) or self._make_tellers(scope["path"]):
                tell(seconds)
        return messages

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        sent = Sent(send)
        self._figures.in_flight += 1
        try:
            await super()._answer(scope, receive, sent)
        finally:
            self._figures.in_flight -= 1
            self._tell(scope, sent, (sent.ended or time.perf_counter()) - begun)

    def _tell(self, scope: Scope, sent: Sent, seconds: float) -> None:
        endpoint = self._find(scope["path"])
        if endpoint is None:
            for listener in self._listeners:
                listener.answered(PAGE, "", str(sent.status), seconds, missed=False)
            return
        code, missed = sent.code(), scope["method"] == "GET"
        for listener in self._listeners:
            listener.answered(endpoint.method.name, endpoint.method.path, code, seconds, missed=missed)

    def _make_tellers(self, path: str) -> tuple[Teller, ...]:
        """Whom to tell of an answer that lay ready. Only paths of methods come here, so there are few."""
        endpoint = self._find(path)
        assert endpoint is not None
        method = endpoint.method
        made = self._tellers[path] = tuple(listener.teller(method.name, method.path) for listener in self._listeners)
        return made


class _CountedThreads(ThreadPoolExecutor):
    """Knows how many calls wait for a thread or are in one."""

    def __init__(self, threads: int, figures: RequestFigures) -> None:
        super().__init__(threads, thread_name_prefix="api")
        self._figures = figures
        self._lock = threading.Lock()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(fn, *args, **kwargs)
        self._count(1)
        future.add_done_callback(lambda _future: self._count(-1))
        return future

    def _count(self, step: int) -> None:
        with self._lock:
            self._figures.threads_asked += step


class Sent:
    """Passes on what is sent, and remembers its status and how it begins."""

    __slots__ = ("_begin", "_packed", "_send", "ended", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begin = b""
        self._packed = False
        self.status = 0
        self.ended = 0.0
        """When the last part of the answer was sent; work that comes after it keeps nobody waiting."""

    def __call__(self, message: MutableMapping[str, Any]) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._packed = (b"content-encoding", b"gzip") in message["headers"]
        else:
            self.ended = time.perf_counter()
            if not self._begin:
                self._begin = message.get("body", b"")[: HEAD_BYTES * 10 if self._packed else HEAD_BYTES]
        return self._send(message)

    def code(self) -> str:
        """The `error` of an API answer; the HTTP status of one that has no body to say it, 0 of a good one."""
        begin = self._begin
        if self._packed:
            begin = zlib.decompressobj(wbits=31).decompress(begin, HEAD_BYTES)
        if (found := _CODE.match(begin)) is not None:
            return found[1].decode()
        return str(self.status) if self.status >= 400 or self.status == 0 else "0"
