"""A server whose answers are written byte by byte, so that it can misbehave in every way a real one does."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

Script = Callable[[socket.socket, bytes], None]


class RawServer:
    """Answers the n-th connection with the n-th script (the last one again and again)."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.scripts: list[Script] = []
        self.stopped = threading.Event()
        self._workers: list[threading.Thread] = []
        self._main = threading.Thread(target=self._accept)
        self._main.start()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.stopped.is_set():
                connection.close()
                return
            worker = threading.Thread(target=self._serve, args=(connection,))
            worker.start()
            self._workers.append(worker)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(20)
            received = b""
            while b"\r\n\r\n" not in received:
                piece = connection.recv(65536)
                if not piece:
                    return
                received += piece
            head, _, body = received.partition(b"\r\n\r\n")
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    while len(body) < int(line.split(b":")[1]):
                        body += connection.recv(65536)
            request = head + b"\r\n\r\n" + body
            self.requests.append(request)
            script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
            try:
                script(connection, request)
            except OSError:
                return  # the client went away, which is what most of these tests want

    def close(self) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._main.join(20)
        self._listener.close()
        for worker in self._workers:
            worker.join(20)


@pytest.fixture
def server() -> Iterator[RawServer]:
    raw = RawServer()
    yield raw
    raw.close()


def answer(body: bytes = b"", *, status: str = "200 OK", headers: dict[str, str] | None = None) -> Script:
    """A well-behaved answer with a Content-Length, then the end of the connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]

    def send(connection: socket.socket, request: bytes) -> None:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return send
