"""Video servers on loopback, as well or as badly as a test wants."""

from __future__ import annotations

import atexit
import contextlib
import socket
import threading
from collections.abc import Iterator


class Server:
    """Accepts TCP connections and answers each request with fixed bytes; None: it never says anything."""

    def __init__(
        self, answer: bytes | None = b"HTTP/1.1 200 OK\r\n\r\n", *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, port), family=family, backlog=64, reuse_port=port != 0)
        self.host, self.port = host, int(self._listening.getsockname()[1])
        self.answer = answer
        self.requests: list[bytes] = []
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(30)
            request = connection.recv(65536)
            if not request:
                return
            self.requests.append(request)
            if self.answer is None:
                self._closing.wait(30)
            else:
                connection.sendall(self.answer)

    def close(self) -> None:
        self._closing.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:  # the first one makes the others
            thread.join()
        self._listening.close()


@contextlib.contextmanager
def serving(
    answer: bytes | None = b"HTTP/1.1 200 OK\r\n\r\n", *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Server]:
    server = Server(answer, host=host, port=port)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """A port whose queue is full: like a firewall that drops packets, it neither takes a connection nor refuses it."""
    with socket.socket() as listening, contextlib.ExitStack() as filling:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = int(listening.getsockname()[1])
        for _ in range(3):
            one = filling.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        yield port


_reserved: list[socket.socket] = []


@atexit.register
def _release() -> None:
    for one in _reserved:
        one.close()


def shut_port() -> int:
    """A port nobody listens at, and nobody else can take as long as the tests run; `serving` may open it."""
    bound = socket.socket()
    _reserved.append(bound)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", 0))
    return int(bound.getsockname()[1])
