"""What the checks of one stream service say, against real servers on loopback."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from smarty_core.errors import InvalidValue
from smarty_core.services.availability import ping, resolving
from smarty_core.services.availability.aside import Aside
from smarty_core.services.availability.checks import Findings, Limits, look_at_all
from smarty_core.services.availability.target import Target, target_of
from smarty_core.storage.repositories.availability import WatchedService
from smarty_core.storage.repositories.streams import ServiceFacts
from tests.availability.servers import black_hole, serving, shut_port

QUICK = Limits(seconds=0.4, total=10.0, at_once=50)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def facts(number: int = 1, **columns: Any) -> ServiceFacts:
    return ServiceFacts(id=number, client_id=1, name=f"edge-{number}", type="live", router="mask", **columns)


def no_router(service: ServiceFacts) -> Any:
    raise AssertionError("no router is asked here")


def look(*checks: str, path: str = "", limits: Limits = QUICK, **columns: Any) -> Findings:
    service = WatchedService(facts(**columns), checks, path)
    return look_at_all([service], no_router, limits, done=lambda: None)[1]


def test_a_port_that_opens_passes_and_one_that_does_not_says_why() -> None:
    with serving() as server:
        assert look("tcp", host="127.0.0.1", port=server.port).passed is True
        assert look("tcp", host="localhost", port=server.port).passed is True
    refused = look("tcp", host="127.0.0.1", port=shut_port())
    assert (refused.passed, refused.outcomes["tcp"].detail) == (False, "Connection refused")
    assert "ConnectionRefusedError" in refused.outcomes["tcp"].stack


def test_a_server_over_ipv6_with_and_without_brackets() -> None:
    with serving(OK, host="::1") as server:
        assert look("tcp", "http", host="::1", port=server.port).passed is True
        assert look("http", host="[::1]", port=server.port).passed is True
    assert server.requests[-1].split(b"\r\n")[1] == f"Host: [::1]:{server.port}".encode()


def test_a_black_hole_costs_the_time_of_one_service_only() -> None:
    with black_hole() as port, serving(OK) as server:
        services = [WatchedService(facts(n, host="127.0.0.1", port=port), ("tcp", "http")) for n in range(1, 31)]
        services.append(WatchedService(facts(99, host="127.0.0.1", port=server.port), ("tcp", "http")))
        begun = time.monotonic()
        found = look_at_all(services, no_router, QUICK, done=lambda: None)
        assert time.monotonic() - begun < 10 * QUICK.seconds
    assert found[99].passed is True
    assert {found[n].outcomes["tcp"].detail for n in range(1, 31)} == {"no answer within 0.4 s"}


def test_services_the_time_does_not_suffice_for_are_left_out() -> None:
    with black_hole() as port:
        services = [WatchedService(facts(n, host="127.0.0.1", port=port), ("tcp",)) for n in range(1, 7)]
        done: list[None] = []
        found = look_at_all(services, no_router, Limits(0.3, 0.4, 1), done=lambda: done.append(None))
    assert list(found) == [1]
    assert len(done) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (OK, ""),
        (b"HTTP/1.0 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK, ""),
        (b"HTTP/1.1 399 Odd\r\n\r\n", ""),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", ""),
        (b"HTTP/1.1 302 Found\r\nLocation: /admin\r\n\r\n", ""),
        (b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/\r\n\r\n", ""),
        (b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/pay\r\n\r\n",
         "status 302, which leads to another host: portal.example"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "status 400"),
        (b"HTTP/1.1 503 Unavailable\r\n\r\n", "status 503"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "it does not speak HTTP: b'SSH-2.0-OpenSSH_9.6\\r\\n\\r\\n'"),
        (b"", "it closed the connection and said nothing"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "the head of its answer is longer than 32768 bytes"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9, "it does not speak HTTP: b'HTTP/1.1 100 Continue\\r\\n\\r\\n'"),
        (None, "no answer within 0.4 s"),
    ],
)  # fmt: skip
def test_what_an_http_answer_means(answer: bytes | None, said: str) -> None:
    with serving(answer) as server:
        findings = look("http", host="127.0.0.1", port=server.port, path="status?a=1")
    assert findings.outcomes["http"].detail == said
    assert findings.passed is (said == "")
    head = server.requests[0].decode().split("\r\n")
    assert head[:2] == ["GET /status?a=1 HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]


@pytest.mark.parametrize(
    ("code", "said", "passed"),
    [
        (socket.EAI_NONAME, "Name or service not known", False),
        (socket.EAI_AGAIN, "Temporary failure in name resolution", None),
    ],
)
def test_a_host_without_an_address(monkeypatch: pytest.MonkeyPatch, code: int, said: str, passed: bool | None) -> None:
    asked: list[str] = []

    def unknown(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        raise socket.gaierror(code, said)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    services = [WatchedService(facts(n, host="gone.example", port=80), ("ping", "tcp", "http")) for n in (1, 2)]
    found = look_at_all(services, no_router, QUICK, done=lambda: None)
    for findings in found.values():
        assert {one.detail for one in findings.outcomes.values()} == {said}
        assert findings.passed is passed
    assert asked == ["gone.example"]


def test_a_resolver_that_hangs_holds_up_neither_the_run_nor_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(resolving, "_look_up", lambda host, flags=0: release.wait(30))
    begun = time.monotonic()
    try:
        findings = look("tcp", host="slow.example", port=80)
        assert (findings.passed, findings.outcomes["tcp"].detail) == (None, "nobody told its address within 0.4 s")
        assert time.monotonic() - begun < 5
    finally:
        release.set()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "neither its host nor its mask says where it is"),
        ({"host": None}, "neither its host nor its mask says where it is"),
        ({"host": "  "}, "neither its host nor its mask says where it is"),
        ({"mask": "http://$host/$prefix"}, "neither its host nor its mask says where it is"),
        ({"mask": "http://[::1/$prefix"}, "neither its host nor its mask says where it is"),
        ({"host": "10.0.0.1", "port": 70_000}, "70000 is no port"),
        ({"host": "10.0.0.1", "port": -1}, "-1 is no port"),
        ({"host": "two words"}, "'two words' is no host"),
        ({"host": "http://10.0.0.1/"}, "'http://10.0.0.1/' is no host"),
    ],
)
def test_a_service_that_cannot_be_checked_is_not_held_to_be_down(columns: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidValue) as wrong:
        target_of(facts(**columns))
    assert str(wrong.value) == said
    findings = look("ping", "tcp", "http", **columns)
    assert findings.passed is None
    assert {one.detail for one in findings.outcomes.values()} == {said}


@pytest.mark.parametrize(
    ("columns", "target"),
    [
        ({"host": "edge.example"}, Target("edge.example", 80)),
        ({"host": " edge.example ", "port": 8080, "mask": "https://other.example/"}, Target("edge.example", 8080)),
        ({"host": "edge.example", "port": 443}, Target("edge.example", 443, tls=True)),
        ({"mask": "http://video.example:8000/$prefix/index.m3u8"}, Target("video.example", 8000)),
        ({"mask": "https://video.example/$prefix?token=$token"}, Target("video.example", 443, tls=True)),
        ({"mask": "rtsp://[2001:db8::1]/$prefix"}, Target("2001:db8::1", 554)),
        ({"mask": "http://video.example/$prefix", "port": 81}, Target("video.example", 81)),
    ],
)
def test_where_checks_go(columns: dict[str, Any], target: Target) -> None:
    assert target_of(facts(**columns)) == target


def test_a_path_that_would_smuggle_a_header_is_not_sent() -> None:
    with pytest.raises(InvalidValue):
        target_of(facts(host="edge.example"), "/ HTTP/1.1\r\nX: y")


def test_ping_that_the_system_forbids_is_said_once_and_fails_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def forbidden(family: int) -> socket.socket:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ping, "_icmp_socket", forbidden)
    monkeypatch.setattr(ping, "_told", set())
    with serving() as server, caplog.at_level("WARNING", "smarty_stream_services"):
        for _ in range(2):
            both = look("ping", "tcp", host="127.0.0.1", port=server.port)
            assert both.passed is True
            assert both.outcomes["ping"].passed is None
        assert look("ping", host="127.0.0.1", port=server.port).passed is None
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert "net.ipv4.ping_group_range" in said[0]


def test_too_many_open_files_is_trouble_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    async def none_left(*arguments: Any) -> Any:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("smarty_core.services.availability.opening._connect", none_left)
    assert look("tcp", host="127.0.0.1", port=80).passed is None


def test_a_thread_that_hangs_keeps_its_place() -> None:
    release = threading.Event()

    async def run() -> str:
        aside = Aside(1, "test")
        first = asyncio.create_task(aside.call(release.wait))
        await asyncio.sleep(0)
        first.cancel()
        second = asyncio.create_task(aside.call(lambda: "second"))
        done, _ = await asyncio.wait([second], timeout=0.2)
        assert not done
        release.set()
        return await second

    assert asyncio.run(run()) == "second"
