"""The driver as the core uses it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from smarty_geo_maxmind.locator import MaxMind
from smarty_geo_maxmind.settings import MaxMindSettings

from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import StorageError
from smarty_core.testing.suite.geo_locator import GeoLocatorSuite

from .conftest import mmdb, place

IP = IPv4Address("203.0.113.7")


def locator(host: Any, file: Path, **more: Any) -> MaxMind:
    chosen = {"file": str(file), "license_key": "s3cret-key", "account_id": "12", **more}
    return MaxMind("main", MaxMindSettings.model_validate(chosen), host)


class TestMaxMind(GeoLocatorSuite):
    @pytest.fixture
    def driver(self, host: Any, tmp_path: Path) -> MaxMind:
        return locator(host, mmdb(tmp_path / "base.mmdb"))

    @pytest.fixture
    def known(self) -> Mapping[str, Place]:
        return {
            "203.0.113.7": Place("RU", "Россия", "Тверь"),
            "203.0.113.200": Place("RU", "Россия"),
            "2001:db8::7": Place("AM", "Армения", "Ереван"),
        }


class TestMaxMindMapped(TestMaxMind):
    @pytest.fixture
    def driver(self, host: Any, tmp_path: Path) -> MaxMind:
        return locator(host, mmdb(tmp_path / "base.mmdb"), mapped=True)


def test_a_base_written_over_in_place_is_no_harm(host: Any, tmp_path: Path) -> None:
    found = locator(host, mmdb(tmp_path / "base.mmdb"))
    assert found.locate(IP) == Place("RU", "Россия", "Тверь")
    with (tmp_path / "base.mmdb").open("r+b") as file:
        file.truncate(10)
    assert found.locate(IPv4Address("198.51.100.1")) == Place("KZ", "Казахстан", "Алматы")
    assert not found.base.look()
    assert found.locate(IPv4Address("203.0.113.200")) == Place("RU", "Россия")


def test_a_base_is_missed_taken_up_replaced_and_kept_when_the_next_is_none(host: Any, tmp_path: Path) -> None:
    found = locator(host, tmp_path / "base.mmdb")
    with pytest.raises(StorageError, match="No such file or directory; smarty_manage update_maxmind"):
        found.locate(IP)
    assert not found.probe().ok
    mmdb(tmp_path / "base.mmdb")
    assert found.base.look()
    assert found.locate(IP) == Place("RU", "Россия", "Тверь")
    os.replace(mmdb(tmp_path / "new.mmdb", {"203.0.113.0/24": place("AM", "Армения")}), tmp_path / "base.mmdb")
    assert found.base.look()
    assert found.locate(IP) == Place("AM", "Армения")
    (tmp_path / "new.mmdb").write_bytes(b"rubbish")
    os.replace(tmp_path / "new.mmdb", tmp_path / "base.mmdb")
    assert not found.base.look()
    assert found.locate(IP) == Place("AM", "Армения")
    assert found.probe().ok
    assert host.log.events() == ["FILE_UNREADABLE", "FILE_UNREADABLE"]


@pytest.mark.parametrize(
    "wrong", [{"license_key": "a b"}, {"edition": "../x"}, {"account_id": "me"}, {"languages": ["русский"]}]
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MaxMindSettings.model_validate(wrong)
