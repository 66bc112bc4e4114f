from __future__ import annotations

import base64
import gzip
import socket
import time
import traceback
import zlib
from typing import Any

import pytest

from smarty_core.errors import InvalidValue, ProviderProtocolError, ProviderRefused, ProviderUnavailable
from smarty_core.http import Client

from .conftest import RawServer, answer


def client(**options: Any) -> Client:
    return Client("sms_demo", pause=lambda seconds: None, **options)


def test_a_form_goes_out_in_the_given_order_under_the_plugins_name(server: RawServer) -> None:
    server.scripts = [answer('{"id": "проба"}'.encode(), headers={"X-Kind": "a"})]
    got = client().request("POST", server.url("/send"), form=[("b", "2"), ("a", "ж")], auth=("me", "pw"))
    assert got.status == 200
    assert got.json() == {"id": "проба"}
    assert got.headers["x-kind"] == "a"
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b"b=2&a=%D0%B6"
    assert b"(sms_demo)" in head
    assert b"Basic " + base64.b64encode(b"me:pw") in head


def test_json_body_is_utf8(server: RawServer) -> None:
    server.scripts = [answer(b"{}")]
    client().request("POST", server.url(), json={"text": "ж"})
    assert '{"text": "ж"}'.encode() in server.requests[0]
    assert b"application/json" in server.requests[0]


def test_two_bodies_at_once_are_refused() -> None:
    with pytest.raises(InvalidValue):
        client().request("POST", "http://127.0.0.1/", form={"a": "1"}, json={})


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "127.0.0.1/x", "http://", ""])
def test_only_http_addresses_are_accepted(url: str) -> None:
    with pytest.raises(InvalidValue):
        client().get(url)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", ProviderRefused),
        ("401 Unauthorized", ProviderRefused),
        ("304 Not Modified", ProviderRefused),
        ("429 Too Many Requests", ProviderUnavailable),
        ("503 Service Unavailable", ProviderUnavailable),
    ],
)
def test_status_decides_the_error(server: RawServer, status: str, error: type[Exception]) -> None:
    server.scripts = [answer(b"x", status=status)]
    with pytest.raises(error, match=status[:3]):
        client().request("POST", server.url())


def test_an_accepted_status_is_returned(server: RawServer) -> None:
    server.scripts = [answer(b'{"error": 7}', status="422 No")]
    assert client().request("POST", server.url(), accept={422}).json() == {"error": 7}


def test_an_idempotent_call_is_repeated_and_no_other(server: RawServer) -> None:
    server.scripts = [answer(status="500 Oops"), answer(status="502 Oops"), answer(b"fine")]
    assert client().get(server.url()).text == "fine"
    assert len(server.requests) == 3
    server.requests.clear()
    with pytest.raises(ProviderUnavailable):
        client().request("POST", server.url())
    assert len(server.requests) == 1


def test_repetition_has_a_cap(server: RawServer) -> None:
    server.scripts = [answer(status="500 Oops")]
    with pytest.raises(ProviderUnavailable):
        client().get(server.url())
    assert len(server.requests) == 3


def test_a_refusal_is_not_repeated(server: RawServer) -> None:
    server.scripts = [answer(status="403 No")]
    with pytest.raises(ProviderRefused):
        client().get(server.url())
    assert len(server.requests) == 1


def _drip(connection: socket.socket, piece: bytes, server: RawServer) -> None:
    """A byte ten times a second: no single read ever takes long."""
    while not server.stopped.wait(0.1):
        connection.sendall(piece)


@pytest.mark.parametrize("part", ["nothing", "headers", "body", "unlengthed_body"])
def test_total_time_is_bounded_however_the_server_dawdles(server: RawServer, part: str) -> None:
    def dawdle(connection: socket.socket, request: bytes) -> None:
        if part == "nothing":
            server.stopped.wait(20)
        elif part == "headers":
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            _drip(connection, b"a", server)
        elif part == "body":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            _drip(connection, b"a", server)
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            _drip(connection, b"a", server)

    server.scripts = [dawdle]
    begun = time.monotonic()
    with pytest.raises(ProviderUnavailable, match=r"within 0\.6 s"):
        client().request("POST", server.url(), timeout=0.6)
    assert time.monotonic() - begun < 5


def test_a_truncated_answer_is_not_taken_for_a_whole_one(server: RawServer) -> None:
    def cut(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")

    server.scripts = [cut]
    with pytest.raises(ProviderUnavailable):
        client().request("POST", server.url())


@pytest.mark.parametrize("announced", [True, False])
def test_a_huge_answer_is_stopped_at_the_limit(server: RawServer, announced: bool) -> None:
    sent = 0

    def flood(connection: socket.socket, request: bytes) -> None:
        nonlocal sent
        length = b"Content-Length: 1000000000\r\n" if announced else b""
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
        for _ in range(1000):
            connection.sendall(b"x" * 1_000_000)
            sent += 1

    server.scripts = [flood]
    with pytest.raises(ProviderProtocolError, match="larger than the limit of 5000 bytes"):
        client().request("POST", server.url(), max_bytes=5000)
    server.close()
    assert sent < 100


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compressed_answers_are_read(server: RawServer, encoding: str) -> None:
    packed = gzip.compress(b"hello" * 50_000) if encoding == "gzip" else zlib.compress(b"hello" * 50_000)
    server.scripts = [answer(packed, headers={"Content-Encoding": encoding})]
    assert client().get(server.url()).body == b"hello" * 50_000


def test_raw_deflate_and_several_gzip_members_are_read(server: RawServer) -> None:
    packer = zlib.compressobj(wbits=-15)
    raw = packer.compress(b"bare") + packer.flush()
    members = gzip.compress(b"one ") + gzip.compress(b"two")
    server.scripts = [
        answer(raw, headers={"Content-Encoding": "deflate"}),
        answer(members, headers={"Content-Encoding": "gzip"}),
    ]
    assert client().get(server.url()).body == b"bare"
    assert client().get(server.url()).body == b"one two"


def test_a_compression_bomb_is_stopped_at_the_limit(server: RawServer) -> None:
    bomb = gzip.compress(b"\0" * 300_000_000, 1)
    server.scripts = [answer(bomb, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(ProviderProtocolError, match="larger than the limit"):
        client().get(server.url(), timeout=20)


@pytest.mark.parametrize("damage", ["flipped", "cut", "unknown"])
def test_damaged_compression_is_a_protocol_error(server: RawServer, damage: str) -> None:
    packed = gzip.compress(bytes(range(256)) * 100)
    body = {"flipped": packed[:30] + b"\xff\xff\xff" + packed[33:], "cut": packed[:-20], "unknown": packed}[damage]
    encoding = "br" if damage == "unknown" else "gzip"
    server.scripts = [answer(body, headers={"Content-Encoding": encoding})]
    with pytest.raises(ProviderProtocolError):
        client().get(server.url())


def test_redirects_are_followed_without_credentials_for_strangers(server: RawServer) -> None:
    other = RawServer()
    try:
        other.scripts = [answer(b"there")]
        server.scripts = [answer(status="302 Found", headers={"Location": other.url("/x?y=1")})]
        got = client().request("GET", server.url(), auth=("me", "pw"))
        assert got.text == "there"
        assert got.url == other.url("/x?y=1")
        assert b"Authorization" in server.requests[0]
        assert b"Authorization" not in other.requests[0]
    finally:
        other.close()


def test_endless_redirects_end(server: RawServer) -> None:
    server.scripts = [answer(status="302 Found", headers={"Location": "/again"})]
    with pytest.raises(ProviderProtocolError, match="more than 5 redirects"):
        client().get(server.url())
    assert len(server.requests) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.1/"])
def test_redirects_leave_http_never(server: RawServer, target: str) -> None:
    server.scripts = [answer(status="302 Found", headers={"Location": target})]
    with pytest.raises(ProviderProtocolError):
        client().get(server.url())


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ProviderUnavailable, match="cannot connect"):
        client().get(f"http://127.0.0.1:{port}/")


def test_not_http_at_all(server: RawServer) -> None:
    server.scripts = [lambda connection, request: connection.sendall(b"SSH-2.0-OpenSSH_9\r\n")]
    with pytest.raises(ProviderUnavailable):
        client().request("POST", server.url())


# Put together here, because a traceback also prints source lines.
IN_PATH, IN_QUERY, IN_USER = "path" + "secret", "query" + "secret", "user" + "secret"


def test_no_secret_is_in_the_whole_traceback(server: RawServer) -> None:
    server.scripts = [lambda connection, request: connection.close()]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for host in (f"127.0.0.1:{server.port}", f"127.0.0.1:{port}"):
        url = f"http://me:{IN_USER}@{host}/bot-{IN_PATH}/send"
        with pytest.raises(ProviderUnavailable) as caught:
            client(secrets=[IN_PATH]).request("POST", url, params={"psw": IN_QUERY})
        assert host in str(caught.value)
        text = "".join(traceback.format_exception(caught.value))
        for secret in (IN_PATH, IN_QUERY, IN_USER):
            assert secret not in text


def test_text_uses_the_stated_charset(server: RawServer) -> None:
    server.scripts = [answer("Вести".encode("cp1251"), headers={"Content-Type": 'text/plain; charset="windows-1251"'})]
    assert client().get(server.url()).text == "Вести"


def test_not_json_is_a_protocol_error(server: RawServer) -> None:
    server.scripts = [answer(b"<html>")]
    with pytest.raises(ProviderProtocolError, match="not JSON"):
        client().get(server.url()).json()
