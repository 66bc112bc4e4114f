"""The server does not start with a driver that is not installed or that the settings file says nonsense to."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from smarty_core.config import Settings
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.sms_backend import Receipt, Sms, SmsBackend
from smarty_core.errors import ConfigError
from smarty_core.plugins.discovery import Discovery, Injected
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.configured_drivers import demand_configured_drivers


class AcmeSettings(DriverSettings):
    url: str
    api_key: SecretStr
    parts: int = 1


class Acme(SmsBackend[AcmeSettings]):
    Settings: ClassVar[type[DriverSettings]] = AcmeSettings
    legacy_names: ClassVar[tuple[str, ...]] = ("sms.backends.acme.Acme",)

    def send(self, sms: Sms) -> Receipt:
        return Receipt("1")


GOOD = {"SMS_BACKEND": "acme", "ACME_URL": "https://sms.test", "ACME_API_KEY": "k3y-for-tests"}


def problems(**values: Any) -> tuple[str, ...]:
    found = {"smarty.sms_backend": [Injected.of("smarty.sms_backend", "acme", Acme)]}
    settings = Settings.for_tests(**values)
    try:
        demand_configured_drivers(settings, DriverRegistry.for_listing(Discovery(environ={}, injected=found)))
    except ConfigError as failure:
        return failure.problems
    return ()


def test_drivers_that_are_there_with_good_settings_are_fine() -> None:
    assert problems() == ()
    assert problems(**GOOD) == ()
    assert problems(**{**GOOD, "SMS_BACKEND": "sms.backends.acme.Acme"}) == ()


def test_a_misspelt_setting_is_named_with_the_one_that_was_meant() -> None:
    wrong = {name.replace("URL", "ULR"): value for name, value in GOOD.items()}
    said = "\n".join(problems(**wrong))
    assert "ACME_URL: this setting is required" in said
    assert "ACME_ULR: unknown setting" in said
    assert "ACME_URL" in said.partition("ACME_ULR: unknown setting")[2]


def test_all_mistakes_are_told_at_once_and_no_value_is() -> None:
    said = problems(SMS_BACKEND="acme", ACME_PARTS="s3cret", ACME_KEY="s3cret", GEO_LOCATORS=["nowhere"])
    assert [line.partition(":")[0] for line in said] == [
        "GEO_LOCATORS", "ACME_URL", "ACME_API_KEY", "ACME_PARTS", "ACME_KEY",
    ]  # fmt: skip
    assert "s3cret" not in "\n".join(said)


@pytest.mark.parametrize("name", ["acm", "sms.backends.acm.Acm"])
def test_a_driver_that_is_not_installed_is_named(name: str) -> None:
    (said,) = problems(**{**GOOD, "SMS_BACKEND": name})
    assert said.startswith("SMS_BACKEND: no installed package provides the sms_backend")
