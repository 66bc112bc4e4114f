"""The server on a real port, and an authorisation back end that notes what it is asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import uvicorn
from smarty_sample_video.gate import Gate
from smarty_sample_video.server import SampleVideo

NOON = 1_700_049_600.0 + 3.0
"""Unix time of the server at first: three seconds past a full minute."""


@dataclass
class Watch:
    """A clock that stands still until it is moved."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Backend:
    """What it is asked, and what it answers."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def backend() -> Iterator[Backend]:
    """An authorisation back end; it allows until told otherwise."""
    made = Backend()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            made.paths.append(parts.path)
            made.asked.append(dict(parse_qsl(parts.query, strict_parsing=True, keep_blank_values=True)))
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/check/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> Watch:
    """The server's Unix time."""
    return Watch()


@pytest.fixture
def session_clock() -> Watch:
    """The monotonic time by which decisions run out."""
    return Watch(1000.0)


Serve = Callable[[Any], httpx.Client]
Start = Callable[[str], httpx.Client]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Run an ASGI application on a real port; gives a client of it."""
    running: list[tuple[uvicorn.Server, threading.Thread, httpx.Client]] = []

    def begin(app: Any) -> httpx.Client:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        client = httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=20, trust_env=False)
        running.append((server, thread, client))
        return client

    yield begin
    for server, thread, client in running:
        client.close()
        server.should_exit = True
        thread.join()


@pytest.fixture
def start(serve: Serve, clock: Watch, session_clock: Watch) -> Start:
    """Start a video server with the given authorisation address; empty = everybody may watch."""
    return lambda auth_url: serve(SampleVideo(Gate(auth_url, clock=session_clock), clock=clock))


@pytest.fixture
def video(start: Start) -> httpx.Client:
    """A server without a back end."""
    return start("")
