"""What every driver has to keep, whatever its capability."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from pydantic import SecretStr

from smarty_core.contracts import CONTRACTS
from smarty_core.contracts.driver import Driver, DriverSettings, Probe
from smarty_core.errors import NotSupported

_SECRET = re.compile(r"(^|_)(password|passwd|psw|secret|api_?key|private_key|token|salt)$")


def argument_for(parameter: inspect.Parameter) -> Any:
    """Something to pass where only the refusal matters."""
    return f"argument {parameter.name}"


class DriverSuite:
    """Base of all suites. Override `driver`."""

    @pytest.fixture
    def driver(self, host: Any) -> Driver[Any]:
        """The driver under test: `YourDriver("main", YourSettings(...), host)`."""
        raise NotImplementedError("override the `driver` fixture")

    def test_capability_has_a_contract_the_core_serves(self, driver: Driver[Any]) -> None:
        contract = CONTRACTS[driver.capability]
        assert isinstance(driver, contract.base)
        assert contract.serves(driver.contract), f"the core serves contract {contract.number} of {driver.capability}"

    def test_declared_abilities_exist(self, driver: Driver[Any]) -> None:
        unknown = driver.supports - driver.abilities.keys() - {"inline"}
        assert not unknown, f"not abilities of {driver.capability}: {sorted(unknown)}"

    def test_declared_abilities_are_implemented(self, driver: Driver[Any]) -> None:
        base = CONTRACTS[driver.capability].base
        for ability in driver.supports & driver.abilities.keys():
            for method in driver.abilities[ability]:
                assert getattr(type(driver), method) is not getattr(base, method), f"{ability} is declared"

    def test_undeclared_abilities_raise_not_supported(self, driver: Driver[Any]) -> None:
        for ability, methods in driver.abilities.items():
            if ability in driver.supports:
                continue
            for method in methods:
                call = getattr(driver, method)
                positional, named = [], {}
                for parameter in inspect.signature(call).parameters.values():
                    if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                        continue
                    if parameter.kind is parameter.KEYWORD_ONLY:
                        named[parameter.name] = argument_for(parameter)
                    else:
                        positional.append(argument_for(parameter))
                with pytest.raises(NotSupported):
                    call(*positional, **named)

    def test_settings_are_a_closed_model(self, driver: Driver[Any]) -> None:
        assert issubclass(driver.Settings, DriverSettings)
        assert isinstance(driver.settings, driver.Settings)
        assert driver.Settings.model_config.get("extra") == "forbid", "an unknown setting must be an error"
        assert driver.Settings.model_config.get("frozen") is True

    def test_secret_settings_are_typed_as_secrets(self, driver: Driver[Any]) -> None:
        for name, field in driver.Settings.model_fields.items():
            if _SECRET.search(name):
                assert "SecretStr" in str(field.annotation), f"{name} looks like a secret; type it SecretStr"

    def test_secrets_are_not_printed(self, driver: Driver[Any]) -> None:
        for value in dict(driver.settings).values():
            if isinstance(value, SecretStr) and len(value.get_secret_value()) > 3:
                assert value.get_secret_value() not in repr(driver.settings)
                assert value.get_secret_value() not in repr(driver)

    def test_two_instances_are_independent(self, driver: Driver[Any], host: Any) -> None:
        other = type(driver)("other", driver.settings, host)
        try:
            assert other.name == "other"
            assert driver.name != "other"
        finally:
            other.close()

    def test_probe_answers_in_the_documented_words(self, driver: Driver[Any]) -> None:
        probe = driver.probe()
        assert isinstance(probe, Probe)
        assert probe.ok or probe.reason in ("cannot_connect", "refused_credentials", "other")

    def test_close_may_be_called_more_than_once(self, driver: Driver[Any]) -> None:
        driver.close()
        driver.close()

    def test_time_limit_is_set(self, driver: Driver[Any]) -> None:
        assert 0 < driver.deadline <= 300
