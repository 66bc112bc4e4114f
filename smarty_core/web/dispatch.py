"""The front door: API paths are looked up in a dictionary, everything else goes on to Starlette.

A request's way: `Dispatcher` (a prepared answer, else path and size) -> `Answerer` in a worker thread (proof,
parameters, method, rendering) -> `Response` (304, gzip, cross-origin headers).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, cast

from smarty_core.web.answer import Answerer
from smarty_core.web.method import Messages
from smarty_core.web.render import CONTENT_TYPES, render
from smarty_core.web.request import Receive, Scope, TooLarge, read_request
from smarty_core.web.response import Cors, Response, Send
from smarty_core.web.surface import Endpoint, Routes

App = Callable[[Scope, Receive, Send], Awaitable[None]]

VERBS: Final = ("GET", "HEAD", "POST", "OPTIONS")
WORKER_THREADS: Final = 16
"""So many for methods that read, and so many for those that write: who waits for a lock of the database holds up no
reader."""


class Dispatcher:
    """ASGI application in front of all others. `fallback` gets whatever is no API path."""

    def __init__(self, routes: Routes, answerer: Answerer, fallback: App, *, max_bytes: int, cors: Cors) -> None:
        self._routes = routes
        self.answerer = answerer
        self._prepared = answerer.prepared
        self._quick = routes.quick()
        self._fallback = fallback
        self._max_bytes = max_bytes
        self._cors = cors
        self._threads = ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="api")
        self._writers = ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="api-write")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._fallback(scope, receive, send)
            return
        if scope["method"] == "GET" and (messages := self.ready(scope)) is not None:
            start, body = messages
            await send(cast("MutableMapping[str, Any]", start))
            await send(cast("MutableMapping[str, Any]", body))
            return
        await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole way."""
        endpoint = self._routes.find(scope["path"])
        if endpoint is None:
            await self._fallback(scope, receive, send)
            return
        response = await self._respond(endpoint, scope, receive)
        await response.send(send, with_body=scope["method"] != "HEAD")
        if response.sent is not None:
            await asyncio.get_running_loop().run_in_executor(self._writers, response.sent)

    def ready(self, scope: Scope) -> Messages | None:
        """The answer to a GET request without a body, when it can be given in the event loop."""
        quick = self._quick.get(scope["path"])
        return self._prepared.find(scope) if quick is None else quick(self.answerer.system, scope)

    async def _respond(self, endpoint: Endpoint, scope: Scope, receive: Receive) -> Response:
        origin = _header(scope, b"origin")
        if scope["method"] not in VERBS:
            return _plain(405, "method not allowed", {"Allow": ", ".join(VERBS)})
        if scope["method"] == "OPTIONS":
            headers = self._cors.preflight(origin, _header(scope, b"access-control-request-headers"))
            return Response(b"", "text/plain", 200, {"Allow": ", ".join(VERBS), **headers})
        try:
            request = await read_request(scope, receive, max_bytes=self._max_bytes)
        except TooLarge:
            return _plain(413, "the request is too large", {"Connection": "close"})
        loop = asyncio.get_running_loop()
        threads = self._writers if endpoint.method.writes else self._threads
        response = await loop.run_in_executor(threads, self.answerer.answer, endpoint, request)
        if origin:
            _join_headers(response.headers, self._cors.headers(origin))
        return response

    def close(self) -> None:
        for threads in (self._threads, self._writers):
            threads.shutdown(wait=False, cancel_futures=True)


def _header(scope: Scope, name: bytes) -> str:
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found.decode("latin-1")


def _join_headers(headers: dict[str, str], more: dict[str, str]) -> None:
    for name, value in more.items():
        headers[name] = f"{headers[name]}, {value}" if name == "Vary" and name in headers else value


def _plain(status: int, message: str, headers: dict[str, Any]) -> Response:
    body = render({"error": status, "error_message": message}, "json")
    return Response(body, CONTENT_TYPES["json"], status, headers)
