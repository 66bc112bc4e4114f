"""A working fake of every capability, which passes the capability's suite. For tests of what uses drivers."""

from smarty_core.testing.fakes.films import FakeMetadataSource, FakeOnlineCinema
from smarty_core.testing.fakes.money import FakeFiscal, FakePaymentGateway
from smarty_core.testing.fakes.people import FakeCaptcha, FakeCas, FakeExternalApi, FakeSmsBackend
from smarty_core.testing.fakes.television import FakeEpgParser, FakeGeoLocator, FakeHbbtvProvider, FakeStreamRouter

__all__ = [
    "FakeCaptcha",
    "FakeCas",
    "FakeEpgParser",
    "FakeExternalApi",
    "FakeFiscal",
    "FakeGeoLocator",
    "FakeHbbtvProvider",
    "FakeMetadataSource",
    "FakeOnlineCinema",
    "FakePaymentGateway",
    "FakeSmsBackend",
    "FakeStreamRouter",
]
