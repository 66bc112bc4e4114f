"""The core's own drivers pass the suites of their capabilities."""

from __future__ import annotations

import io
import itertools
import json
import re
import urllib.parse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from typing import Any

import pytest

from smarty_core.builtin.console_sms import ConsoleSms
from smarty_core.builtin.dummy_source import DummySource
from smarty_core.builtin.mask_router import MaskRouter
from smarty_core.builtin.multicast_router import MulticastRouter
from smarty_core.builtin.null_drivers import NoCas, NullFiscal, NullGateway, NullHbbtv, NullMetadata
from smarty_core.builtin.simple_captcha import SimpleCaptcha
from smarty_core.builtin.static_locator import StaticLocator
from smarty_core.contracts import CONTRACTS
from smarty_core.contracts.captcha import Challenge
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.epg_parser import EpgDocument, EpgRequest
from smarty_core.contracts.geo_locator import Place
from smarty_core.testing.suite.captcha import CaptchaSuite
from smarty_core.testing.suite.cas import CasSuite
from smarty_core.testing.suite.epg_parser import EpgParserSuite
from smarty_core.testing.suite.fiscal import FiscalSuite
from smarty_core.testing.suite.geo_locator import GeoLocatorSuite
from smarty_core.testing.suite.hbbtv_provider import HbbtvProviderSuite
from smarty_core.testing.suite.metadata_source import MetadataSourceSuite
from smarty_core.testing.suite.payment_gateway import PaymentGatewaySuite
from smarty_core.testing.suite.sms_backend import SmsBackendSuite
from smarty_core.testing.suite.stream_router import StreamRouterSuite


class TestDummySource(EpgParserSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return DummySource("dummy", DummySource.Settings(), host)

    @pytest.fixture
    def document_bytes(self) -> Callable[[EpgDocument], bytes]:
        return lambda document: urllib.parse.unquote_to_bytes(document.location.partition(",")[2])

    @pytest.fixture
    def bad_mask(self) -> str:
        return "http://example.org/"


NETWORKS = [
    {"network": "203.0.113.0/24", "country": "AM", "city": "Yerevan"},
    {"network": "203.0.113.128/25", "country": "GE"},
    {"network": "2001:db8::/32", "country": "KZ", "country_name": "Kazakhstan"},
]


class TestStaticLocator(GeoLocatorSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return StaticLocator("static", StaticLocator.Settings.model_validate({"networks": NETWORKS}), host)

    @pytest.fixture
    def known(self) -> dict[str, Place]:
        return {
            "203.0.113.7": Place("AM", city_name="Yerevan"),
            "203.0.113.200": Place("GE"),
            "2001:db8::1": Place("KZ", "Kazakhstan"),
        }


class TestConsoleSms(SmsBackendSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return ConsoleSms("console", ConsoleSms.Settings(), host)


class TestMaskRouter(StreamRouterSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        settings = MaskRouter.Settings(
            live_mask="http://v.example/$prefix/index.m3u8?token=$token&u=$abonement&d=$device",
            archive_mask="http://v.example/$prefix/archive-$flpbt-$flpdur.m3u8?token=$token",
        )
        return MaskRouter("mask", settings, host)


class TestMulticastRouter(StreamRouterSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return MulticastRouter("multicast", MulticastRouter.Settings(), host)


class TestMulticastThroughProxy(StreamRouterSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return MulticastRouter("multicast", MulticastRouter.Settings(proxy="http://10.0.0.1:4022"), host)


class TestNoCas(CasSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return NoCas("none", DriverSettings(), host)


class TestNullGateway(PaymentGatewaySuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return NullGateway("null", DriverSettings(), host)


class TestNullFiscal(FiscalSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return NullFiscal("null", DriverSettings(), host)


class TestNullHbbtv(HbbtvProviderSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return NullHbbtv("null", DriverSettings(), host)


class TestNullMetadata(MetadataSourceSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return NullMetadata("null", DriverSettings(), host)


class TestSimpleCaptcha(CaptchaSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return SimpleCaptcha("simple", SimpleCaptcha.Settings(), host)

    @pytest.fixture
    def solve(self) -> Callable[[Challenge], str]:
        return lambda challenge: challenge.key


def test_every_built_in_driver_enters_through_an_entry_point() -> None:
    found = {}
    for contract in CONTRACTS.values():
        for point in entry_points(group=contract.namespace):
            if point.value.startswith("smarty_core."):
                assert issubclass(point.load(), contract.base)
                found.setdefault(contract.capability, set()).add(point.name)
    assert found == {
        "epg_parser": {"dummy_source"},
        "geo_locator": {"static"},
        "sms_backend": {"console"},
        "stream_router": {"mask", "multicast"},
        "cas": {"none"},
        "payment_gateway": {"null"},
        "fiscal": {"null"},
        "hbbtv_provider": {"null"},
        "metadata_source": {"null"},
        "captcha": {"simple"},
    }


def test_dummy_guide_covers_the_days_without_holes(host: Any) -> None:
    begin = datetime(2023, 11, 14, tzinfo=UTC)
    driver = DummySource("dummy", DummySource.Settings(), host)
    documents = list(driver.documents(EpgRequest("dummy://?channels=3", begin, begin + timedelta(days=2))))
    assert len(documents) == 3
    for document in documents:
        body = urllib.parse.unquote_to_bytes(document.location.partition(",")[2])
        _, *programmes = driver.parse(io.BytesIO(body), document, lambda kind, detail: None)
        assert programmes[0].start == begin
        assert programmes[-1].stop >= begin + timedelta(days=2)
        for earlier, later in itertools.pairwise(programmes):
            assert earlier.stop == later.start


@pytest.mark.parametrize("plan", [{}, {"channel": "a"}, {"channel": "a", "begin": "x", "days": 1}, [], 7, "x"])
def test_a_wrong_dummy_plan_is_a_protocol_error(host: Any, plan: Any) -> None:
    from smarty_core.errors import ProviderProtocolError

    driver = DummySource("dummy", DummySource.Settings(), host)
    with pytest.raises(ProviderProtocolError):
        list(driver.parse(io.BytesIO(json.dumps(plan).encode()), EpgDocument("data:,"), lambda kind, detail: None))


def test_console_sms_is_readable_in_the_log(host: Any) -> None:
    from smarty_core.contracts.sms_backend import Sms

    ConsoleSms("console", ConsoleSms.Settings(), host).send(Sms("79990000000", "Код 1234"))
    level, event, context = host.log.lines[-1]
    assert (level, event) == ("info", "SMS_PRINTED")
    assert context["text"] == "Код 1234"


def test_captcha_picture_is_well_formed_and_solvable_by_its_strokes(host: Any) -> None:
    from lxml import etree

    driver = SimpleCaptcha("simple", SimpleCaptcha.Settings(largest=9), host)
    picture = etree.fromstring(driver.create().picture)
    path = picture[-1].get("d")
    strokes = path.count("M")
    assert strokes >= 2 + 2 + 2 + 6, "two digits of two strokes or more, a plus, six strokes of noise"
    assert not re.search(r"<text", etree.tostring(picture).decode())
