"""The load generator: it notices what is wrong, and a server that stalls cannot hide it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.devices.generator import Generator, Plan, Seen
from benchmarks.devices.load import percentile
from benchmarks.devices.world import World
from benchmarks.installation import authkey_of

WORLD = World("", 1, 10, (5,), ((5, 50),), (0, 86_400))

Answer = Callable[[str], bytes]
"""From an address to a JSON body, perhaps after a while."""


@contextmanager
def server(answer: Answer) -> Iterator[int]:
    """A server that gives these answers; its port. An empty one closes the connection."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = answer(self.path)
            self.close_connection = not body
            if body:
                self.send_response_only(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.flush()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield listening.server_port
        finally:
            listening.shutdown()
            thread.join()


def seen(answer: Answer, *, rate: float = 200, seconds: float = 0.5, patience: float = 20.0) -> Seen:
    with server(answer) as port:
        plan = Plan(WORLD, port, "polls", rate, seconds, 1, 10, connections=4, patience=patience)
        return asyncio.run(Generator(plan).run())


def good(_address: str) -> bytes:
    return b'{"error":0,"error_message":"","status":0}'


def test_every_request_of_the_plan_is_sent_and_answered() -> None:
    asked: list[str] = []

    def answer(address: str) -> bytes:
        asked.append(address)
        return good(address)

    found = seen(answer)
    assert found.failures == {}
    assert len(asked) == len(found.latency) == 100
    assert all(0 <= latency < 20 for latency in found.latency)
    keys = {address.partition("authkey=")[2][:128] for address in asked}
    assert keys <= {authkey_of(number) for number in range(10)}


def test_an_error_is_a_failure_and_so_is_a_session_that_has_ended() -> None:
    found = seen(lambda _: b'{"error":500,"error_message":"internal error"}')
    assert sum(found.failures.values()) == 100
    found = seen(lambda _: b'{"error":0,"error_message":"","status":1}')
    assert sum(found.failures.values()) == 100


def test_the_key_of_somebody_else_is_noticed() -> None:
    foreign = authkey_of(77).encode()
    found = seen(lambda _: b'{"error":0,"status":0,"url":"%s"}' % foreign)
    assert found.failures["account_status: a foreign key"] > 0


def test_an_answer_that_never_comes_is_a_failure() -> None:
    count = 0

    def answer(address: str) -> bytes:
        nonlocal count
        count += 1
        return good(address) if count <= 50 else b""

    found = seen(answer, patience=0.5)
    assert sum(found.failures.values()) >= 50


def test_requests_that_were_due_while_the_server_stood_still_count_with_their_whole_wait() -> None:
    gate = threading.Event()
    threading.Timer(1.0, gate.set).start()

    def answer(address: str) -> bytes:
        gate.wait(20)
        return good(address)

    found = seen(answer, rate=400, seconds=0.5)
    assert found.failures == {}
    assert percentile(found.latency, 0.5) > 0.4, "most of them were due long before anything was answered"
