from __future__ import annotations

import socket
from pathlib import Path

import pytest

from smarty_core.errors import ProviderProtocolError, ProviderRefused, ProviderUnavailable, StorageError
from smarty_core.http import fetch

from .conftest import RawServer, answer


def test_a_file_arrives_whole_with_its_validators(server: RawServer, tmp_path: Path) -> None:
    headers = {"ETag": '"v1"', "Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT", "Content-Type": "application/gzip"}
    server.scripts = [answer(b"guide" * 100_000, headers=headers)]
    got = fetch.download(server.url("/g.xml.gz"), to=tmp_path / "g", max_bytes=1_000_000, timeout=10)
    assert got.path.read_bytes() == b"guide" * 100_000
    assert (got.etag, got.last_modified) == ('"v1"', "Tue, 14 Nov 2023 22:13:20 GMT")
    assert (got.size, got.content_type, got.not_modified) == (500_000, "application/gzip", False)
    assert list(tmp_path.iterdir()) == [tmp_path / "g"]


def test_an_unchanged_file_is_not_sent_again(server: RawServer, tmp_path: Path) -> None:
    server.scripts = [answer(status="304 Not Modified")]
    got = fetch.download(
        server.url(), to=tmp_path / "g", max_bytes=10, timeout=5, etag='"v1"', last_modified="Tue, 14 Nov 2023"
    )
    assert got.not_modified
    assert got.etag == '"v1"'
    assert b'If-None-Match: "v1"' in server.requests[0]
    assert b"If-Modified-Since: Tue, 14 Nov 2023" in server.requests[0]
    assert list(tmp_path.iterdir()) == []


def test_not_modified_without_a_question_is_refused(server: RawServer, tmp_path: Path) -> None:
    server.scripts = [answer(status="304 Not Modified")]
    with pytest.raises(ProviderRefused):
        fetch.download(server.url(), to=tmp_path / "g", max_bytes=10, timeout=5)


@pytest.mark.parametrize("fault", ["cut", "large", "missing"])
def test_a_failure_keeps_the_old_copy_and_leaves_nothing_else(server: RawServer, tmp_path: Path, fault: str) -> None:
    def cut(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")

    server.scripts = [{"cut": cut, "large": answer(b"x" * 200), "missing": answer(status="404 No")}[fault]]
    target = tmp_path / "g"
    target.write_bytes(b"old")
    error = {"cut": ProviderUnavailable, "large": ProviderProtocolError, "missing": ProviderRefused}[fault]
    with pytest.raises(error):
        fetch.download(server.url(), to=target, max_bytes=100, timeout=5)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_broken_download_is_tried_again(server: RawServer, tmp_path: Path) -> None:
    server.scripts = [answer(status="503 Later"), answer(b"now")]
    got = fetch.download(server.url(), to=tmp_path / "g", max_bytes=100, timeout=5)
    assert got.path.read_bytes() == b"now"


def test_a_disk_that_fails_is_not_the_providers_fault(server: RawServer, tmp_path: Path) -> None:
    server.scripts = [answer(b"x")]
    with pytest.raises(StorageError):
        fetch.download(server.url(), to=tmp_path / "no" / "such" / "folder", max_bytes=100, timeout=5)
