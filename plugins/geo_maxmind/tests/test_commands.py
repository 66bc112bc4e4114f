"""The commands against a download service that checks account, key and edition, and tells checksums."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from smarty_geo_maxmind import commands, hooks
from smarty_geo_maxmind.base import MmdbBase

from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import ConfigError, Conflict, InvalidValue, ProviderRefused, StorageError
from smarty_core.testing.publisher import Asked, Publisher, published

from .conftest import mmdb, place

ACCOUNT, KEY = "123456", "kEy_of-the-Account"
OLD, NEW = "/app/geoip_download", "/geoip/databases/GeoLite2-City/download"


def packed(content: bytes, *, name: str = "GeoLite2-City_20261124/GeoLite2-City.mmdb", more: int = 0) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tape:
        link = tarfile.TarInfo("GeoLite2-City_20261124/link.mmdb")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tape.addfile(link)
        for title, body in (("GeoLite2-City_20261124/COPYRIGHT.txt", bytes(more) or b"(c)"), (name, content)):
            member = tarfile.TarInfo(title)
            member.size = len(body)
            tape.addfile(member, io.BytesIO(body))
    return out.getvalue()


class Service:
    """The download service, and an account on it."""

    def __init__(self, host: Any, folder: Path) -> None:
        self.host, self.folder = host, folder
        self.file: bytes | tuple[int, str] = packed(mmdb(folder / "made.mmdb").read_bytes())
        self.sum: bytes | tuple[int, str] | None = None
        self.publisher: Publisher

    def answer(self, asked: Asked) -> bytes | tuple[int, str]:
        if asked.path == NEW:
            basic = "Basic " + base64.b64encode(f"{ACCOUNT}:{KEY}".encode()).decode()
            if asked.headers.get("Authorization") != basic:
                return 401, "Invalid license key"
            assert set(asked.query) == {"suffix"}
        elif asked.path == OLD:
            assert set(asked.query) == {"edition_id", "license_key", "suffix"}
            assert "Authorization" not in asked.headers
            if asked.query["license_key"] != KEY:
                return 401, "Invalid license key"
            if asked.query["edition_id"] != "GeoLite2-City":
                return 404, "Database edition not found"
        else:
            return 404, "Not found"
        if asked.query["suffix"] == "tar.gz":
            return self.file
        assert asked.query["suffix"] == "tar.gz.sha256"
        assert isinstance(self.file, bytes)
        return self.sum or f"{hashlib.sha256(self.file).hexdigest()}  GeoLite2-City_20261124.tar.gz\n".encode()

    def configure(self, **settings: Any) -> None:
        self.host.settings.values["VAR_FOLDER"] = str(self.folder / "var")
        self.host.settings.values["GEO_LOCATOR_SETTINGS"] = {
            "maxmind": {"license_key": KEY, "account_id": ACCOUNT, "url": self.publisher.url, **settings}
        }

    @property
    def base(self) -> Path:
        return self.folder / "var" / "geo" / "maxmind.mmdb"

    def update(self) -> None:
        commands.update(self.host)

    def left(self) -> list[str]:
        """What lies beside the base that is no lock and no note."""
        return sorted(path.name for path in self.base.parent.iterdir() if path.suffix not in (".lock", ".origin"))


@pytest.fixture
def service(host: Any, tmp_path: Path) -> Iterator[Service]:
    made = Service(host, tmp_path)
    with published(made.answer) as publisher:
        made.publisher = publisher
        made.configure()
        yield made


@pytest.mark.parametrize("account", [ACCOUNT, ""])
def test_the_base_comes_by_both_forms_of_the_service_and_only_once(
    service: Service, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    service.configure(account_id=account)
    service.update()
    assert MmdbBase(service.base, ("ru",)).locate(IPv4Address("203.0.113.7")) == Place("RU", "Россия", "Тверь")
    service.update()
    said = capsys.readouterr().out
    assert [line.split(",")[0] for line in said.splitlines()] == [
        "GeoLite2-City: renewed", "GeoLite2-City: nothing newer",
    ]  # fmt: skip
    assert {asked.path for asked in service.publisher.asked} == {NEW if account else OLD}
    assert service.left() == ["maxmind.mmdb"]
    assert KEY not in said


def test_a_download_that_breaks_off_goes_on_where_it_was(service: Service) -> None:
    service.publisher.cut_after = [100, 100, 100]
    with pytest.raises(ProviderRefused, match="there is no base yet"):
        service.update()
    service.update()
    ranges = [asked.range for asked in service.publisher.asked if asked.query["suffix"] == "tar.gz"]
    assert ranges == ["", "bytes=100-", "bytes=200-", "bytes=300-"]
    assert service.base.read_bytes() == (service.folder / "made.mmdb").read_bytes()


REFUSALS: list[tuple[bytes | tuple[int, str], str]] = [
    ((401, "Invalid license key"), "the account or the licence key is refused"),
    ((403, "no"), "no right to this edition"),
    ((404, "no"), "there is no such edition"),
    ((429, "Daily limit"), "the limit of downloads for today is reached; try again tomorrow"),
    ((500, "oops"), "status 500"),
    ((200, "Invalid license key"), "no archive but the text: Invalid license key"),
    (b"\x1f\x8brubbish", "archive"),
    (packed(b"rubbish"), "not an mmdb base"),
    (packed(b"text", name="x/README.txt"), "holds no such file, but 'link.mmdb', 'COPYRIGHT.txt', 'README.txt'"),
]


@pytest.mark.parametrize(("answer", "told"), REFUSALS)
def test_after_any_refusal_or_damage_the_old_base_is_as_it_was(
    service: Service, answer: bytes | tuple[int, str], told: str
) -> None:
    service.update()
    before = service.base.read_bytes()
    service.file = answer
    with pytest.raises((ProviderRefused, InvalidValue), match=told) as failure:
        service.update()
    assert service.base.read_bytes() == before
    assert service.left() == ["maxmind.mmdb"]
    assert KEY not in str(failure.value)


@pytest.mark.parametrize(
    ("sums", "told"),
    [(b"0" * 64 + b"  x.tar.gz", "the checksum differs"), (b"none", "is none"), ((404, "no"), "no such edition")],
)
def test_a_base_without_the_announced_checksum_is_not_taken(
    service: Service, sums: bytes | tuple[int, str], told: str
) -> None:
    service.sum = sums
    with pytest.raises(ProviderRefused, match=f"{told}.*; there is no base yet"):
        service.update()
    assert service.left() == []


def test_names_and_links_in_the_archive_lead_nowhere(service: Service) -> None:
    content = mmdb(service.folder / "other.mmdb", {"203.0.113.0/24": place("AM", "Армения")}).read_bytes()
    service.file = packed(content, name="../../../../outside.mmdb")
    service.update()
    assert service.base.read_bytes() == content
    assert not list(service.folder.rglob("outside*"))


def test_what_unpacks_to_too_much_is_stopped(service: Service) -> None:
    service.configure(max_megabytes=1)
    service.file = packed(bytes(3_000_000))
    with pytest.raises(ProviderRefused, match="larger than the limit of 1000000 bytes"):
        service.update()
    service.file = packed(b"small", more=80_000_000)
    with pytest.raises(ProviderRefused, match="unpacks to more than"):
        service.update()
    assert service.left() == []


def test_a_wrong_key_is_refused_in_clear_words_and_not_shown(service: Service) -> None:
    for account in (ACCOUNT, ""):
        service.configure(license_key="another-key", account_id=account)
        with pytest.raises(ProviderRefused, match="the account or the licence key is refused") as failure:
            service.update()
        assert "another-key" not in str(failure.value)
    service.configure(license_key="")
    with pytest.raises(ConfigError, match=r"GEO_LOCATOR_SETTINGS\.maxmind\.license_key"):
        service.update()


def test_the_directory_is_laid_down_once(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StorageError, match="update_maxmind fetches it"):
        commands.sync(service.host)
    service.update()
    commands.sync(service.host)
    assert "added 4 countries and 3 cities" in capsys.readouterr().out
    with pytest.raises(Conflict):
        commands.sync(service.host)


def test_the_commands(host: Any) -> None:
    names = [spec.name for spec in hooks.register_commands(host)]
    assert names == ["update_maxmind", "sync_geo_maxmind"]
