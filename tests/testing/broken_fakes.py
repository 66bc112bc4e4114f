"""Deliberately broken drivers. Run by test_broken_fakes.py in a process of its own: each class must fail its suite.

Not collected by itself, since its name does not begin with `test_`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ConfigDict

from smarty_core.contracts.captcha import Challenge
from smarty_core.contracts.driver import DriverSettings, Probe
from smarty_core.contracts.epg_parser import EpgRequest
from smarty_core.contracts.geo_locator import Place
from smarty_core.contracts.hbbtv_provider import HbbtvApplication
from smarty_core.contracts.sms_backend import Receipt
from smarty_core.contracts.stream_router import ServiceHealth, StreamUrl
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


class Gathers(fakes.FakeEpgParser):
    def parse(self, stream, document, complain):
        try:
            return list(super().parse(stream, document, complain))
        except Exception:
            return []  # swallows a broken document


class TestEpgParser(EpgParserSuite):
    """test_parsing_is_a_stream test_what_is_no_document_is_a_protocol_error"""

    @pytest.fixture
    def driver(self, host):
        return Gathers("main", DriverSettings(), host)

    @pytest.fixture
    def request_(self):
        begin = datetime(2023, 11, 14, tzinfo=UTC)
        return EpgRequest("http://guide.example/g", begin, begin.replace(day=15))

    @pytest.fixture
    def document_bytes(self):
        times = '"start": "2023-11-14T10:00:00+00:00", "stop": "2023-11-14T11:00:00+00:00"'
        return lambda document: b'{"channel": "a", ' + times.encode() + b', "title": "T"}\nend'


class LowerCase(fakes.FakeGeoLocator):
    def locate(self, address):
        return Place("am")


class TestGeoLocator(GeoLocatorSuite):
    """test_country_codes_are_iso_alpha_2 test_reserved_addresses_are_nowhere"""

    @pytest.fixture
    def driver(self, host):
        return LowerCase("main", DriverSettings(), host)

    @pytest.fixture
    def known(self):
        return {"203.0.113.7": Place("AM")}


class OneReceipt(fakes.FakeSmsBackend):
    supports = frozenset({"balance", "carrier_pigeon"})  # an ability nobody knows, and `status` not declared

    def send(self, sms):
        return Receipt("always the same")


class TestSmsBackend(SmsBackendSuite):
    """test_two_messages_have_two_receipts test_declared_abilities_exist
    test_undeclared_abilities_raise_not_supported"""

    @pytest.fixture
    def driver(self, host):
        return OneReceipt("main", DriverSettings(), host)


class Unquoted(fakes.FakeStreamRouter):
    def issue(self, request):
        return StreamUrl(f"http://video.example/{request.prefix}/live.m3u8?token={request.token}")

    def is_alive(self, deadline):
        return ServiceHealth(alive=False, load=-1.0)

    def record(self, task):
        return super().record(replace(task, id=str(len(self.tasks) % 2)))  # another name each time, then one of others

    def cancel_record(self, task):
        del self.tasks[task.external_id]


class TestStreamRouter(StreamRouterSuite):
    """test_values_cannot_break_out_of_the_address test_a_name_cannot_climb_out_of_its_folder
    test_health_is_told_in_numbers_that_can_be_compared test_a_task_sent_twice_is_recorded_once
    test_cancelling_is_idempotent"""

    @pytest.fixture
    def driver(self, host):
        return Unquoted("main", DriverSettings(), host)


class Forgetful(fakes.FakeOnlineCinema):
    def unsubscribe(self, subscriber, service_id):
        self.subscribed.remove(subscriber.account_id)  # the second time is an error


class TestOnlineCinema(OnlineCinemaSuite):
    """test_unsubscribing_is_idempotent_and_ends_playing"""

    @pytest.fixture
    def driver(self, host):
        return Forgetful("main", DriverSettings(), host)

    @pytest.fixture
    def playable(self):
        return "101"


class Strict(fakes.FakeCas):
    def revoke(self, right):
        self.cards[right.card].remove(right.product)


class TestCas(CasSuite):
    """test_revoking_is_idempotent test_revoking_what_was_never_granted_succeeds"""

    @pytest.fixture
    def driver(self, host):
        return Strict("main", DriverSettings(), host)

    @pytest.fixture
    def rights_of(self, driver: Any):
        return lambda card: driver.cards[card]


class Trusting(fakes.FakePaymentGateway):
    counter = itertools.count()

    def parse_callback(self, callback):
        if not callback.body:
            return super().parse_callback(callback)
        order = next(iter(self.orders.values()))
        return replace(order.state, key=f"key{next(self.counter)}")  # checks nothing, and another key each time


class TestPaymentGateway(PaymentGatewaySuite):
    """test_altered_body_is_rejected test_same_callback_twice_is_the_same_payment"""

    @pytest.fixture
    def driver(self, host):
        return Trusting("main", DriverSettings(), host)

    @pytest.fixture
    def pay(self, driver: Any) -> Callable[[Any], None]:
        return lambda redirect: driver.pay(redirect.gateway_id.removeprefix("fake-"))

    @pytest.fixture
    def callback(self, driver, charge):
        driver.start(charge)
        driver.pay(charge.order_id)
        return driver.callback(charge.order_id)


class FloatBalance(fakes.FakeExternalApi):
    def get_customer_balance(self, subscriber, *, params):  # no further arguments, and a float
        return 98.25


class TestExternalApi(ExternalApiSuite):
    """test_balance_is_exact"""

    @pytest.fixture
    def driver(self, host):
        return FloatBalance("main", DriverSettings(), host)


class NewNumber(fakes.FakeFiscal):
    def register(self, receipt):
        self.marks.pop(receipt.id, None)
        self.marks[f"dummy{len(self.marks)}"] = None
        return super().register(receipt)


class TestFiscal(FiscalSuite):
    """test_the_same_receipt_is_registered_once"""

    @pytest.fixture
    def driver(self, host):
        return NewNumber("main", DriverSettings(), host)


class Pasted(fakes.FakeHbbtvProvider):
    def application(self, request):
        return HbbtvApplication("fake", f"https://hbb.example/app?uid={request.device_uid}")


class TestHbbtvProvider(HbbtvProviderSuite):
    """test_values_cannot_break_out_of_the_address"""

    @pytest.fixture
    def driver(self, host):
        return Pasted("main", DriverSettings(), host)


class Unsorted(fakes.FakeMetadataSource):
    def find(self, query):
        return super().find(query)[::-1]


class TestMetadataSource(MetadataSourceSuite):
    """test_candidates_come_likeliest_first"""

    @pytest.fixture
    def driver(self, host):
        return Unsorted("main", DriverSettings(), host)


class SaysYes(fakes.FakeCaptcha):
    def create(self):
        return Challenge("1", b"<svg><text>1</text></svg>")

    def check(self, key, answer):
        return True

    def probe(self):
        return Probe(ok=False, reason="no idea")


class TestCaptcha(CaptchaSuite):
    """test_any_other_answer_fails test_challenges_differ test_the_picture_does_not_hold_the_answer_as_text
    test_probe_answers_in_the_documented_words"""

    @pytest.fixture
    def driver(self, host):
        return SaysYes("main", DriverSettings(), host)

    @pytest.fixture
    def solve(self):
        return lambda challenge: challenge.key


class LooseSettings(DriverSettings):
    model_config = ConfigDict(extra="allow")
    password: str = "hunter2"


class Declares(fakes.FakeSmsBackend):
    Settings = LooseSettings
    contract = 99
    supports = frozenset()

    def status(self, receipt_id):
        return "delivered"


class TestDriver(SmsBackendSuite):
    """test_capability_has_a_contract_the_core_serves test_settings_are_a_closed_model
    test_secret_settings_are_typed_as_secrets test_undeclared_abilities_raise_not_supported"""

    @pytest.fixture
    def driver(self, host):
        return Declares("main", LooseSettings(), host)


class TestNothingOverridden(SmsBackendSuite):
    """test_a_message_taken_has_a_receipt"""
