"""Every fake passes the suite of its capability."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from smarty_core.contracts import CONTRACTS
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.epg_parser import EpgDocument, EpgRequest
from smarty_core.contracts.geo_locator import Place
from smarty_core.contracts.payment_gateway import Callback, Charge, Redirect
from smarty_core.errors import ProviderUnavailable
from smarty_core.testing import fakes
from smarty_core.testing.suite.captcha import CaptchaSuite
from smarty_core.testing.suite.cas import CasSuite
from smarty_core.testing.suite.epg_parser import EpgParserSuite
from smarty_core.testing.suite.external_api import ExternalApiSuite
from smarty_core.testing.suite.fiscal import FiscalSuite
from smarty_core.testing.suite.geo_locator import GeoLocatorSuite
from smarty_core.testing.suite.hbbtv_provider import HbbtvProviderSuite
from smarty_core.testing.suite.metadata_source import MetadataSourceSuite
from smarty_core.testing.suite.online_cinema import OnlineCinemaSuite
from smarty_core.testing.suite.payment_gateway import PaymentGatewaySuite
from smarty_core.testing.suite.sms_backend import SmsBackendSuite
from smarty_core.testing.suite.stream_router import StreamRouterSuite


class TestFakeEpgParser(EpgParserSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeEpgParser("main", DriverSettings(), host)

    @pytest.fixture
    def request_(self) -> EpgRequest:
        begin = datetime(2023, 11, 14, tzinfo=UTC)
        return EpgRequest("http://guide.example/g", begin, begin.replace(day=15))

    @pytest.fixture
    def bad_mask(self) -> str:
        return "nonsense"

    @pytest.fixture
    def document_bytes(self) -> Callable[[EpgDocument], bytes]:
        lines = [
            {"channel": "a", "name": "A"},
            {"channel": "a", "start": "2023-11-14T10:00:00+00:00", "stop": "2023-11-14T11:00:00+00:00", "title": "T"},
        ]
        whole = "\n".join([*map(json.dumps, lines), "end"]).encode()
        return lambda document: whole


class TestFakeGeoLocator(GeoLocatorSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        made = fakes.FakeGeoLocator("main", DriverSettings(), host)
        made.places["203.0.113.7"] = Place("AM", "Armenia", "Yerevan")
        return made

    @pytest.fixture
    def known(self) -> dict[str, Place]:
        return {"203.0.113.7": Place("AM", "Armenia", "Yerevan")}


class TestFakeSmsBackend(SmsBackendSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeSmsBackend("main", DriverSettings(), host)


class TestFakeStreamRouter(StreamRouterSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeStreamRouter("main", DriverSettings(), host)


class TestFakeOnlineCinema(OnlineCinemaSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeOnlineCinema("main", DriverSettings(), host)

    @pytest.fixture
    def playable(self) -> str:
        return "101"


class TestFakeCas(CasSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeCas("main", DriverSettings(), host)

    @pytest.fixture
    def rights_of(self, driver: Any) -> Any:
        return lambda card: driver.cards[card]


class TestFakePaymentGateway(PaymentGatewaySuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakePaymentGateway("main", DriverSettings(), host)

    @pytest.fixture
    def pay(self, driver: Any) -> Callable[[Redirect], None]:
        return lambda redirect: driver.pay(redirect.gateway_id.removeprefix("fake-"))

    @pytest.fixture
    def callback(self, driver: Any, charge: Charge) -> Callback:
        driver.start(replace(charge, save_card=True))
        driver.pay(charge.order_id)
        return driver.callback(charge.order_id)


class TestFakeExternalApi(ExternalApiSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeExternalApi("main", DriverSettings(), host)


class TestFakeFiscal(FiscalSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeFiscal("main", DriverSettings(), host)


class TestFakeHbbtvProvider(HbbtvProviderSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeHbbtvProvider("main", DriverSettings(), host)


class TestFakeMetadataSource(MetadataSourceSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeMetadataSource("main", DriverSettings(), host)


class TestFakeCaptcha(CaptchaSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return fakes.FakeCaptcha("main", DriverSettings(), host)

    @pytest.fixture
    def solve(self) -> Any:
        return lambda challenge: challenge.key


def test_there_is_a_fake_for_every_capability() -> None:
    assert {getattr(fakes, name).capability for name in fakes.__all__} == set(CONTRACTS)


def test_a_fake_can_be_put_into_trouble(host: Any) -> None:
    backend = fakes.FakeSmsBackend("main", DriverSettings(), host)
    backend.failure = ProviderUnavailable("down")
    with pytest.raises(ProviderUnavailable):
        backend.balance()
