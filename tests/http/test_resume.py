"""Downloads that go on where they broke off, and published files that are swapped in whole."""

from __future__ import annotations

import fcntl
import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from smarty_core.errors import (
    InvalidValue,
    LockTaken,
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
    StorageError,
)
from smarty_core.http import Client
from smarty_core.http.published import Published, renew
from smarty_core.http.unpacking import MOST_MEMBERS, unpack
from smarty_core.testing.publisher import Asked, Publisher, published

from .conftest import RawServer

BODY = bytes(range(256)) * 400


@pytest.fixture
def content() -> dict[str, bytes | tuple[int, str]]:
    return {"/file": BODY}


@pytest.fixture
def site(content: dict[str, bytes | tuple[int, str]]) -> Iterator[Publisher]:
    def answer(asked: Asked) -> bytes | tuple[int, str]:
        return content.get(asked.path, (404, "no"))

    with published(answer) as publisher:
        yield publisher


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client("test", pause=lambda seconds: None)
    yield made
    made.close()


def fetch(client: Client, site: Publisher, to: Path, **options: object) -> int:
    options = {"max_bytes": 1_000_000, "timeout": 20.0, "resume": True, **options}
    return client.download(f"{site.url}/file", to=to, **options).size  # type: ignore[arg-type]


def test_repetitions_of_one_call_go_on_too(client: Client, site: Publisher, tmp_path: Path) -> None:
    site.cut_after = [1000, 2000]
    assert fetch(client, site, tmp_path / "f") == len(BODY)
    assert (tmp_path / "f").read_bytes() == BODY
    assert [asked.range for asked in site.asked] == ["", "bytes=1000-", "bytes=3000-"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f"]


def test_without_the_wish_to_go_on_nothing_is_left(client: Client, site: Publisher, tmp_path: Path) -> None:
    site.cut_after = [1000, 1000, 1000]
    with pytest.raises(ProviderUnavailable):
        fetch(client, site, tmp_path / "f", resume=False)
    assert [asked.range for asked in site.asked] == ["", "", ""]
    assert list(tmp_path.iterdir()) == []


def test_a_server_without_validators_is_asked_from_the_beginning(
    client: Client, site: Publisher, tmp_path: Path
) -> None:
    site.validators = False
    site.cut_after = [1000, 1000, 1000]
    with pytest.raises(ProviderUnavailable):
        fetch(client, site, tmp_path / "f")
    assert list(tmp_path.iterdir()) == []
    assert fetch(client, site, tmp_path / "f") == len(BODY)
    assert {asked.range for asked in site.asked} == {""}


def test_a_beginning_that_is_whole_already_or_too_long_is_fetched_anew(
    client: Client, site: Publisher, tmp_path: Path
) -> None:
    site.cut_after = [1000, 1000, 1000]
    with pytest.raises(ProviderUnavailable):
        fetch(client, site, tmp_path / "f")
    with (tmp_path / "f.part").open("ab") as part:
        part.write(BODY)
    assert fetch(client, site, tmp_path / "f") == len(BODY)
    assert (tmp_path / "f").read_bytes() == BODY


def test_the_limit_is_of_the_whole_file(client: Client, site: Publisher, tmp_path: Path) -> None:
    site.cut_after = [60_000, 10, 10]
    with pytest.raises(ProviderUnavailable):
        fetch(client, site, tmp_path / "f")
    with pytest.raises(ProviderProtocolError, match="larger than the limit"):
        fetch(client, site, tmp_path / "f", max_bytes=70_000)
    assert list(tmp_path.iterdir()) == []


def test_a_beginning_beyond_the_limit_is_dropped(client: Client, site: Publisher, tmp_path: Path) -> None:
    site.cut_after = [60_000, 10, 10]
    with pytest.raises(ProviderUnavailable):
        fetch(client, site, tmp_path / "f")
    with pytest.raises(ProviderProtocolError, match="larger than the limit of 50000 bytes"):
        fetch(client, site, tmp_path / "f", max_bytes=50_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "answered", ["bytes 0-999/102400", "bytes 1000-1500/102400", "bytes 999-102399/102400", "x", ""]
)
def test_another_part_than_the_one_asked_for_is_not_joined_on(
    client: Client, tmp_path: Path, answered: str, server: RawServer
) -> None:
    head = f"HTTP/1.1 206 Partial Content\r\nContent-Range: {answered}\r\nContent-Length: 3\r\n\r\nxyz"
    server.scripts.append(lambda connection, request: connection.sendall(head.encode()))
    (tmp_path / "f.part").write_bytes(BODY[:1000])
    (tmp_path / "f.part.of").write_text('"etag"')
    with pytest.raises(ProviderProtocolError, match="another part of the file"):
        client.download(server.url("/file"), to=tmp_path / "f", max_bytes=10**6, timeout=10, resume=True)
    assert list(tmp_path.iterdir()) == []


def test_too_many_requests_is_not_asked_again(
    client: Client, site: Publisher, tmp_path: Path, content: dict[str, bytes | tuple[int, str]]
) -> None:
    content["/file"] = (429, "later")
    with pytest.raises(ProviderUnavailable) as failure:
        fetch(client, site, tmp_path / "f")
    assert failure.value.status == 429
    assert len(site.asked) == 1


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, text in files.items():
            bundle.writestr(name, text)
    return out.getvalue()


def source(site: Publisher, **options: object) -> Published:
    return Published(url=f"{site.url}/file", wanted=lambda name: name == "base", **options)  # type: ignore[arg-type]


def test_two_processes_do_not_renew_one_file_at_once(client: Client, site: Publisher, tmp_path: Path) -> None:
    with (tmp_path / "kept.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LockTaken, match="another process is renewing"):
            renew(client, source(site), tmp_path / "kept", check=lambda path: None)
    assert site.asked == []


def test_a_file_that_was_removed_is_fetched_though_nothing_is_newer(
    client: Client, site: Publisher, tmp_path: Path, content: dict[str, bytes | tuple[int, str]]
) -> None:
    content["/file"] = packed(base=b"content")
    kept = tmp_path / "geo" / "kept"
    assert renew(client, source(site), kept, check=lambda path: None)
    assert not renew(client, source(site), kept, check=lambda path: None)
    kept.unlink()
    assert renew(client, source(site), kept, check=lambda path: None)
    assert kept.read_bytes() == b"content"


def test_a_new_file_that_is_no_good_replaces_nothing_and_is_fetched_again_next_time(
    client: Client, site: Publisher, tmp_path: Path, content: dict[str, bytes | tuple[int, str]]
) -> None:
    def refuse(path: Path) -> None:
        assert path.read_bytes() == b"content"
        raise InvalidValue("no base")

    content["/file"] = packed(base=b"content")
    (tmp_path / "kept").write_bytes(b"old")
    for _ in range(2):
        with pytest.raises(InvalidValue, match="no base"):
            renew(client, source(site), tmp_path / "kept", check=refuse)
        assert (tmp_path / "kept").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "kept.lock"]


def test_who_has_the_old_file_open_keeps_it(
    client: Client, site: Publisher, tmp_path: Path, content: dict[str, bytes | tuple[int, str]]
) -> None:
    content["/file"] = packed(base=b"new")
    (tmp_path / "kept").write_bytes(b"old")
    with (tmp_path / "kept").open("rb") as open_file:
        renew(client, source(site), tmp_path / "kept", check=lambda path: None)
        assert open_file.read() == b"old"
    assert (tmp_path / "kept").read_bytes() == b"new"


def test_a_folder_that_cannot_be_written_is_our_trouble(client: Client, site: Publisher, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot renew"):
        renew(client, source(site), tmp_path / "file" / "kept", check=lambda path: None)


def test_a_text_instead_of_an_archive_is_told_without_secrets(
    client: Client, site: Publisher, tmp_path: Path, content: dict[str, bytes | tuple[int, str]]
) -> None:
    content["/file"] = (200, "your key s3cret\nis not known \x1b[31m" + "x" * 1000)
    with pytest.raises(ProviderRefused) as failure:
        renew(client, source(site, query={"key": "s3cret"}, secrets=("s3cret",)), tmp_path / "kept", check=print)
    assert "no archive but the text: your key *** is not known [31mxxx" in str(failure.value)
    assert len(str(failure.value)) < 400


def test_archives_of_too_many_files_and_encrypted_ones_are_refused(tmp_path: Path) -> None:
    many = tmp_path / "many.zip"
    many.write_bytes(packed(**{f"f{number}": b"" for number in range(MOST_MEMBERS + 1)}))
    with pytest.raises(ProviderProtocolError, match="more than 1000 files"):
        unpack(many, wanted=lambda name: True, to=tmp_path / "out", max_bytes=10)
    tape = tmp_path / "many.tar.gz"
    with tarfile.open(tape, "w:gz") as out:
        for number in range(MOST_MEMBERS + 1):
            out.addfile(tarfile.TarInfo(f"f{number}"), io.BytesIO())
    with pytest.raises(ProviderProtocolError, match="more than 1000 files"):
        unpack(tape, wanted=lambda name: name == "last", to=tmp_path / "out", max_bytes=10)
    locked = bytearray(packed(base=b"content"))
    locked[6] |= 1  # the flag of the first file
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1  # and in the directory
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(ProviderProtocolError, match="encrypted"):
        unpack(tmp_path / "locked.zip", wanted=lambda name: True, to=tmp_path / "out", max_bytes=100)
    assert not (tmp_path / "out").exists()
