"""Compliance suite of `smarty.hbbtv_provider`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from smarty_core.contracts.hbbtv_provider import HbbtvApplication, HbbtvProvider, HbbtvRequest
from smarty_core.testing.suite.driver import DriverSuite


class HbbtvProviderSuite(DriverSuite):
    """Override `driver`, and `request_` with a channel that has an application."""

    @pytest.fixture
    def request_(self) -> HbbtvRequest:
        return HbbtvRequest(
            channel_id=7,
            now=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            channel_key="ch7",
            device="mag_250",
            device_uid="00:1A:79:00:00:01",
        )

    def test_an_application_has_an_address(self, driver: HbbtvProvider[Any], request_: HbbtvRequest) -> None:
        found = driver.application(request_)
        if found is None:
            return
        assert isinstance(found, HbbtvApplication)
        assert found.provider
        assert urlsplit(found.url).scheme in ("http", "https")
        assert urlsplit(found.url).netloc

    def test_asking_again_changes_nothing(self, driver: HbbtvProvider[Any], request_: HbbtvRequest) -> None:
        assert driver.application(request_) == driver.application(request_)

    def test_values_cannot_break_out_of_the_address(self, driver: HbbtvProvider[Any], request_: HbbtvRequest) -> None:
        hostile = driver.application(replace(request_, device_uid='a b&c=d#e"\r\nX: y', device="<>"))
        plain = driver.application(request_)
        if hostile is None or plain is None:
            return
        assert hostile.url.count("&") == plain.url.count("&")
        assert hostile.url.count("#") == plain.url.count("#")
        assert not set(hostile.url) & set(' "<>\r\n')
