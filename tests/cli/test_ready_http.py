"""Answers that lie ready, over a real connection: in order, whole, and only where a plain GET asked."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import uvicorn

from smarty_core.cli.ready_http import ReadyHttp
from smarty_core.web.method import Messages

LARGE = b"x" * 400_000


class App:
    """Has `/ready` and `/large` ready; says of everything else, and of these too when asked otherwise, that it was
    answered the ordinary way."""

    def __init__(self) -> None:
        self.release = threading.Event()

    def ready(self, scope: MutableMapping[str, Any]) -> Messages | None:
        path = scope["path"]
        if path == "/broken":
            raise RuntimeError("broken")
        if path not in ("/ready", "/large", "/unchanged"):
            return None
        body = {"/ready": b"ready?" + scope["query_string"], "/large": LARGE, "/unchanged": b""}[path]
        status = 304 if path == "/unchanged" else 200
        headers = [] if status == 304 else [(b"content-length", str(len(body)).encode())]
        return {"status": status, "headers": headers}, {"body": body}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        taken = b""
        while True:
            message = await receive()
            taken += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["path"] == "/slow":
            await asyncio.to_thread(self.release.wait, 10)
        text = f"ordinary {scope['method']} {scope['path']} ".encode() + taken
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", str(len(text)).encode())]})  # fmt: skip
        await send({"type": "http.response.body", "body": text})


@pytest.fixture(scope="module")
def app() -> App:
    return App()


@pytest.fixture(scope="module")
def port(app: App) -> Iterator[int]:
    opened = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=ReadyHttp, ws="none", interface="asgi3", lifespan="off",
                                           log_config=None, access_log=False, server_header=False,
                                           proxy_headers=False))  # fmt: skip
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
    thread.start()
    yield opened.getsockname()[1]
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


class Line:
    """One connection, read answer by answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self._socket.makefile("rb")

    def send(self, *requests: bytes) -> None:
        self._socket.sendall(b"".join(requests))

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().strip().decode():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        return status, headers, self._file.read(int(headers.get("content-length", 0)))

    def ended(self) -> bool:
        return self._file.read(1) == b""


@pytest.fixture
def line(port: int) -> Iterator[Line]:
    opened = Line(port)
    yield opened
    opened._file.close()
    opened._socket.close()


def get(path: str, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: tv", *headers, "", ""]).encode()


def test_a_connection_is_used_again_for_answers_of_both_kinds(line: Line) -> None:
    for number in range(3):
        line.send(get(f"/ready?{number}"))
        status, headers, body = line.answer()
        assert (status, body) == (200, b"ready?%d" % number)
        assert "date" in headers
        line.send(get("/other"))
        assert line.answer()[2] == b"ordinary GET /other "


def test_answers_keep_the_order_of_the_requests(line: Line, app: App) -> None:
    app.release.clear()
    line.send(get("/ready?1"), get("/ready?2"), get("/slow"), get("/ready?3"), get("/other"), get("/ready?4"))
    assert [line.answer()[2] for _ in range(2)] == [b"ready?1", b"ready?2"]
    app.release.set()
    bodies = [line.answer()[2] for _ in range(4)]
    assert bodies == [b"ordinary GET /slow ", b"ordinary GET /ready ", b"ordinary GET /other ", b"ordinary GET /ready "]


def test_a_large_answer_arrives_whole_and_a_reader_that_lags_behind_gets_all(line: Line) -> None:
    line.send(get("/large") * 30)
    for _ in range(30):
        status, _, body = line.answer()
        assert status == 200
        assert body == LARGE or body == b"ordinary GET /large "  # once the connection is full, one after the other
    line.send(get("/ready?after"))
    assert line.answer()[2] == b"ready?after"


def test_not_modified_has_no_body(line: Line) -> None:
    line.send(get("/unchanged"), get("/ready?x"))
    assert line.answer()[::2] == (304, b"")
    assert line.answer()[2] == b"ready?x"


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (get("/ready", method="POST"), b"ordinary POST /ready "),
        (get("/ready", "Content-Length: 3") + b"abc", b"ordinary GET /ready abc"),
        (get("/ready", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n", b"ordinary GET /ready abc"),
        (get("/rea%64y"), b"ordinary GET /ready "),
        (get("/broken"), b"ordinary GET /broken "),
    ],
)
def test_whatever_is_no_plain_get_goes_the_ordinary_way(line: Line, request_: bytes, answer: bytes) -> None:
    line.send(request_, get("/other"))
    assert line.answer()[2] == answer
    assert line.answer()[2] == b"ordinary GET /other "


@pytest.mark.parametrize(
    "request_", [get("/ready", version="1.0"), get("/ready", "Connection: close")], ids=["http 1.0", "close"]
)
def test_a_connection_that_is_to_end_ends(line: Line, request_: bytes) -> None:
    line.send(request_)
    status, headers, body = line.answer()
    assert (status, headers["connection"], body) == (200, "close", b"ordinary GET /ready ")
    assert line.ended()


def test_a_head_split_into_pieces_is_answered_once(line: Line) -> None:
    for piece in (b"GET /rea", b"dy?split HTTP/1.1\r\nHo", b"st: tv\r\n", b"\r\n"):
        line.send(piece)
    assert line.answer()[2] == b"ready?split"
    line.send(get("/ready?next"))
    assert line.answer()[2] == b"ready?next"


def test_too_large_a_head_is_refused_before_it_is_looked_at(line: Line) -> None:
    line.send(get("/ready", f"X-Long: {'x' * 40_000}"))
    assert line.answer()[0] == 431
    assert line.ended()


def test_an_application_that_has_nothing_ready_is_served_as_ever() -> None:
    async def plain(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    opened = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(plain, http=ReadyHttp, ws="none", lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
    thread.start()
    try:
        line = Line(opened.getsockname()[1])
        line.send(get("/ready"))
        assert line.answer()[0] == 204
        line._file.close()
        line._socket.close()
    finally:
        server.should_exit = True
        thread.join(10)
