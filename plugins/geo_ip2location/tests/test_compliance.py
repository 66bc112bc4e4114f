"""The driver as the core uses it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from smarty_geo_ip2location.locator import Ip2Location
from smarty_geo_ip2location.settings import Ip2LocationSettings

from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import StorageError
from smarty_core.testing.suite.geo_locator import GeoLocatorSuite

from .conftest import LAST4, SOME4, Range, bin_base, csv_base, ip4


def locator(host: Any, file: Path, *, mapped: bool = False) -> Ip2Location:
    settings = Ip2LocationSettings.model_validate({"file": str(file), "token": "s3cret-token", "mapped": mapped})
    return Ip2Location("main", settings, host)


class TestIp2LocationBin(GeoLocatorSuite):
    @pytest.fixture
    def driver(self, host: Any, tmp_path: Path) -> Ip2Location:
        (tmp_path / "base.bin").write_bytes(bin_base())
        return locator(host, tmp_path / "base.bin")

    @pytest.fixture
    def known(self) -> Mapping[str, Place]:
        return {
            "203.0.113.7": Place("RU", "Russian Federation", "Tver"),
            "203.0.113.200": Place("RU", "Russian Federation", "Moscow"),
            "2001:db8::7": Place("KZ", "Kazakhstan", "Almaty"),
        }


class TestIp2LocationMapped(TestIp2LocationBin):
    @pytest.fixture
    def driver(self, host: Any, tmp_path: Path) -> Ip2Location:
        (tmp_path / "base.bin").write_bytes(bin_base())
        return locator(host, tmp_path / "base.bin", mapped=True)


class TestIp2LocationCsv(TestIp2LocationBin):
    @pytest.fixture
    def driver(self, host: Any, tmp_path: Path) -> Ip2Location:
        return locator(host, csv_base(tmp_path / "base.csv", SOME4, last=LAST4))

    @pytest.fixture
    def known(self) -> Mapping[str, Place]:
        return {"203.0.113.7": Place("RU", "Russian Federation", "Tver")}


IP = IPv4Address("203.0.113.7")
OTHER = (Range(0), Range(ip4("203.0.113.0"), "AM", "Armenia", "Yerevan", "Yerevan"), Range(ip4("203.0.114.0")))


@pytest.fixture
def found(host: Any, tmp_path: Path) -> Ip2Location:
    return locator(host, tmp_path / "base.bin")


def replace(found: Ip2Location, content: bytes) -> None:
    fresh = found.base.path.with_suffix(".new")
    fresh.write_bytes(content)
    os.replace(fresh, found.base.path)


def test_without_a_base_it_says_how_to_get_one_and_takes_it_up_when_it_comes(found: Ip2Location) -> None:
    with pytest.raises(StorageError, match="No such file or directory; smarty_manage update_ip2location"):
        found.locate(IP)
    assert (found.probe().ok, found.probe().reason) == (False, "other")
    replace(found, bin_base())
    assert found.base.look()
    assert found.locate(IP) == Place("RU", "Russian Federation", "Tver")
    assert found.probe().ok


def test_a_new_base_is_taken_up_and_a_damaged_or_missing_one_is_not(found: Ip2Location, host: Any) -> None:
    replace(found, bin_base())
    assert found.locate(IP) == Place("RU", "Russian Federation", "Tver")
    replace(found, bin_base(OTHER, ()))
    assert found.base.look()
    assert found.locate(IP) == Place("AM", "Armenia", "Yerevan")
    replace(found, b"no base at all")
    assert not found.base.look()
    assert not found.base.look()
    found.base.path.unlink()
    assert not found.base.look()
    assert found.locate(IP) == Place("AM", "Armenia", "Yerevan")
    told = [context["error"] for level, event, context in host.log.lines if event == "FILE_UNREADABLE"]
    assert [text.partition(": ")[2].partition(";")[0] for text in told] == [
        "too short for a BIN base", "No such file or directory",
    ]  # fmt: skip


def test_a_base_written_over_in_place_is_no_harm(found: Ip2Location) -> None:
    replace(found, bin_base())
    assert found.locate(IP) == Place("RU", "Russian Federation", "Tver")
    with found.base.path.open("r+b") as file:
        file.truncate(10)
    assert found.locate(IPv4Address("198.51.100.1")) == Place("KZ", "Kazakhstan", "Almaty")
    assert not found.base.look()
    assert found.locate(IPv4Address("203.0.113.200")) == Place("RU", "Russian Federation", "Moscow")


def test_a_base_damaged_in_the_middle_is_told_as_such(found: Ip2Location) -> None:
    whole = bin_base()
    replace(found, whole[: whole.rindex(b"\x02RU") - 1])
    with pytest.raises(StorageError, match="damaged"):
        found.locate(IPv4Address("203.0.113.200"))


@pytest.mark.parametrize("wrong", [{"token": "two words"}, {"database": "../x"}, {"url": "ftp://x"}, {"timeout": 0}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Ip2LocationSettings.model_validate(wrong)
