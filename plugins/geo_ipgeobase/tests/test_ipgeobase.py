"""The base, the driver as the core uses it, and the commands against a site that publishes the archive."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smarty_geo_ipgeobase import base as base_module
from smarty_geo_ipgeobase import commands, hooks
from smarty_geo_ipgeobase.base import IpGeoBase
from smarty_geo_ipgeobase.locator import IpGeoBaseLocator
from smarty_geo_ipgeobase.settings import IpGeoBaseSettings

from smarty_core.api.places import NamedPlace
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import Conflict, InvalidValue, ProviderRefused, StorageError
from smarty_core.testing.publisher import Asked, Publisher, published
from smarty_core.testing.suite.geo_locator import GeoLocatorSuite

from .conftest import CITIES, RANGES, archive, base

MOSCOW, TVER = Place("RU", "", "Москва"), Place("RU", "", "Тверь")
LAST = (1 << 32) - 1


def locator(host: Any, file: Path, **options: Any) -> IpGeoBaseLocator:
    return IpGeoBaseLocator("main", IpGeoBaseSettings.model_validate({"file": str(file), **options}), host)


class TestIpGeoBase(GeoLocatorSuite):
    @pytest.fixture
    def driver(self, host: Any, tmp_path: Path) -> IpGeoBaseLocator:
        return locator(host, base(tmp_path / "base.zip"))

    @pytest.fixture
    def known(self) -> Mapping[str, Place]:
        return {
            "203.0.113.0": MOSCOW, "203.0.113.7": MOSCOW, "203.0.113.127": MOSCOW, "203.0.113.128": TVER,
            "203.0.113.255": TVER, "198.51.100.1": Place("KZ"), "255.255.255.254": Place("UA"),
        }  # fmt: skip

    @pytest.fixture
    def unknown(self) -> tuple[str, ...]:
        return ("127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "198.51.101.0", "203.0.112.255", "2002:cb00:7107::")


where = st.tuples(st.sampled_from(["RU", "KZ"]), st.sampled_from(["1", "-", "7"]))
ranges = st.lists(st.tuples(st.integers(0, LAST), st.integers(1, 5000), where), max_size=30)


@settings(max_examples=100, deadline=None)
@given(drawn=ranges, more=st.lists(st.integers(0, LAST), max_size=20))
def test_an_address_is_in_the_range_that_holds_it(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, int, tuple[str, str]]], more: list[int]
) -> None:
    taken: list[tuple[int, int, str, str]] = []
    for first, length, (code, city) in sorted(drawn):
        if not taken or first > taken[-1][1]:
            taken.append((first, min(LAST, first + length - 1), code, city))
    taken = taken or [(5, 5, "RU", "1")]
    lines = "".join(f"{first}\t{last}\tx\t{code}\t{city}\n" for first, last, code, city in taken)
    made = IpGeoBase(base(tmp_path_factory.mktemp("base") / "base.zip", lines))
    for number in {*more, *(edge + step for r in taken for edge in r[:2] for step in (-1, 0, 1))}:
        if 0 <= number <= LAST:
            inside = [r for r in taken if r[0] <= number <= r[1]]
            expected = Place(inside[0][2], "", "Тверь" if inside[0][3] == "1" else "") if inside else None
            assert made.locate(IPv4Address(number)) == expected


def test_only_the_countries_that_are_wanted_are_read(host: Any, tmp_path: Path) -> None:
    found = locator(host, base(tmp_path / "base.zip"), countries=["KZ"])
    assert found.locate(ip_address("198.51.100.1")) == Place("KZ")
    assert found.locate(ip_address("203.0.113.7")) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not the archive"),
        (b"rubbish", "not the archive"),
        (archive()[:-100], "not the archive"),
        (archive().replace(b"cities.txt", b"towns_.txt"), "not the archive.*cities.txt"),
        (archive(""), "cidr_optim.txt holds no range"),
        (archive("1\t2\tx\tRU\n"), "cidr_optim.txt: line 1"),
        (archive(RANGES + "x\t2\tx\tRU\t1\n"), "cidr_optim.txt: line 6: the first two columns are numbers"),
        (archive("1\t99999999999\tx\tRU\t1\n"), "line 1: the first two"),
        (archive("1\t4294967296\tx\tRU\t1\n"), "line 1: not an IPv4 range"),
        (archive("1\t2\tx\tRUS\t1\n"), "line 1: the fourth column"),
        (archive("5\t9\tx\tRU\t1\n6\t7\tx\tRU\t1\n"), "line 2: the range from 6 overlaps"),
        (archive("5\t4\tx\tRU\t1\n"), "line 1: not a range"),
        (archive("1\t2\t" + "x" * 3000), "line 1 is too long"),
        (archive(cities="x\tТверь\n"), "cities.txt: line 1 is no city"),
        (archive(compression=zipfile.ZIP_STORED).replace(b"KZ", b"AM"), "CRC"),
    ],
)
def test_what_is_no_base_is_refused_with_file_and_line(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "base.zip").write_bytes(content)
    with pytest.raises(InvalidValue, match=reason):
        IpGeoBase(tmp_path / "base.zip")


def test_a_file_that_unpacks_to_too_much_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_module, "LARGEST", 100)
    with pytest.raises(InvalidValue, match="larger than 100 bytes"):
        IpGeoBase(base(tmp_path / "base.zip"))


def test_a_base_is_missed_taken_up_and_kept_when_the_next_is_none(host: Any, tmp_path: Path) -> None:
    found = locator(host, tmp_path / "base.zip")
    with pytest.raises(StorageError, match="No such file or directory; smarty_manage geoip_update"):
        found.locate(ip_address("203.0.113.7"))
    assert not found.probe().ok
    base(tmp_path / "base.zip")
    assert found.base.look()
    assert found.locate(ip_address("203.0.113.7")) == MOSCOW
    (tmp_path / "new.zip").write_bytes(b"rubbish")
    os.replace(tmp_path / "new.zip", tmp_path / "base.zip")
    assert not found.base.look()
    assert found.locate(ip_address("203.0.113.7")) == MOSCOW
    assert found.probe().ok


class Site:
    def __init__(self, host: Any, folder: Path) -> None:
        self.host, self.folder = host, folder
        self.file: bytes | tuple[int, str] = archive()
        self.publisher: Publisher

    def answer(self, asked: Asked) -> bytes | tuple[int, str]:
        return self.file if asked.path == "/files/db/Main/geo_files.zip" else (404, "Not Found")

    def configure(self, **options: Any) -> None:
        url = f"{self.publisher.url}/files/db/Main/geo_files.zip"
        self.host.settings.values["VAR_FOLDER"] = str(self.folder)
        self.host.settings.values["GEO_LOCATOR_SETTINGS"] = {"ipgeobase": {"url": url, **options}}

    @property
    def base(self) -> Path:
        return self.folder / "geo" / "ipgeobase.zip"


@pytest.fixture
def site(host: Any, tmp_path: Path) -> Iterator[Site]:
    made = Site(host, tmp_path)
    with published(made.answer) as publisher:
        made.publisher = publisher
        made.configure()
        yield made


def test_the_archive_comes_goes_on_after_a_break_and_comes_only_once(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.publisher.cut_after = [50, 50, 50]
    with pytest.raises(ProviderRefused, match="there is no base yet"):
        commands.update(site.host)
    commands.update(site.host)
    commands.update(site.host)
    assert [asked.range for asked in site.publisher.asked][:4] == ["", "bytes=50-", "bytes=100-", "bytes=150-"]
    assert IpGeoBase(site.base).locate(IPv4Address("203.0.113.7")) == MOSCOW
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == ["renewed", "nothing newer"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, "gone"), "status 404; the old base stays in use"),
        ((200, "<html>for sale</html>"), "no archive but the text: <html>for sale</html>; the old base"),
        (archive("rubbish"), "cidr_optim.txt: line 1"),
        (archive()[:-50], "not the archive"),
    ],
)
def test_after_any_failure_the_old_base_is_as_it_was(site: Site, answer: bytes | tuple[int, str], told: str) -> None:
    commands.update(site.host)
    before = site.base.read_bytes()
    site.file = answer
    with pytest.raises((ProviderRefused, InvalidValue), match=told):
        commands.update(site.host)
    assert site.base.read_bytes() == before


def test_the_directory_is_laid_down_once(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StorageError, match="geoip_update fetches it"):
        commands.sync(site.host)
    site.file = archive(RANGES, CITIES)
    commands.update(site.host)
    commands.sync(site.host)
    assert site.host.places.known == [
        NamedPlace("KZ"),
        NamedPlace("RU", {}, {"ru": "Москва"}),
        NamedPlace("RU", {}, {"ru": "Тверь"}),
        NamedPlace("UA"),
    ]
    assert "added 3 countries and 2 cities" in capsys.readouterr().out
    with pytest.raises(Conflict):
        commands.sync(site.host)


def test_the_commands_have_the_documented_names(host: Any) -> None:
    assert [spec.name for spec in hooks.register_commands(host)] == ["geoip_update", "sync_geo_geoip"]
