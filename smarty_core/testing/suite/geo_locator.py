"""Compliance suite of `smarty.geo_locator`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

import pytest

from smarty_core.contracts.geo_locator import GeoLocator, Place
from smarty_core.testing.suite.driver import DriverSuite


class GeoLocatorSuite(DriverSuite):
    """Override `driver` and `known`."""

    @pytest.fixture
    def known(self) -> Mapping[str, Place]:
        """Addresses with the places the driver, as configured by your fixture, must answer."""
        raise NotImplementedError("override the `known` fixture")

    @pytest.fixture
    def unknown(self) -> tuple[str, ...]:
        """Addresses that are nowhere."""
        return ("127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1")

    def test_known_addresses_are_found(self, driver: GeoLocator[Any], known: Mapping[str, Place]) -> None:
        assert known
        for address, place in known.items():
            assert driver.locate(ip_address(address)) == place

    def test_country_codes_are_iso_alpha_2(self, driver: GeoLocator[Any], known: Mapping[str, Place]) -> None:
        for address in known:
            found = driver.locate(ip_address(address))
            assert found is not None
            assert re.fullmatch(r"[A-Z]{2}", found.country_code)

    def test_reserved_addresses_are_nowhere(self, driver: GeoLocator[Any], unknown: tuple[str, ...]) -> None:
        for address in unknown:
            assert driver.locate(ip_address(address)) is None

    def test_asking_again_changes_nothing(self, driver: GeoLocator[Any], known: Mapping[str, Place]) -> None:
        for _ in range(3):
            for address, place in known.items():
                assert driver.locate(ip_address(address)) == place

    def test_a_mapped_address_is_the_plain_one(self, driver: GeoLocator[Any], known: Mapping[str, Place]) -> None:
        for address, place in known.items():
            if ip_address(address).version == 4:
                assert driver.locate(ip_address(f"::ffff:{address}")) == place
