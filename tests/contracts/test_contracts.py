from __future__ import annotations

import dataclasses
import importlib
import inspect
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from smarty_core.contracts import CONTRACTS
from smarty_core.contracts.driver import Driver
from smarty_core.contracts.external_api import RegistrationRefused
from smarty_core.contracts.fiscal import FiscalLine, FiscalReceipt
from smarty_core.contracts.payment_gateway import Charge
from smarty_core.contracts.routes import CommandSpec, JobSpec, Route
from smarty_core.contracts.sms_backend import Sms
from smarty_core.errors import InvalidValue
from smarty_core.values import Money, utc_now

DOCS = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("capability", sorted(CONTRACTS))
def test_a_contract_is_complete(capability: str) -> None:
    contract = CONTRACTS[capability]
    assert contract.namespace == f"smarty.{capability}"
    assert issubclass(contract.base, Driver)
    assert contract.base.capability == capability
    assert inspect.getmodule(contract.base).__name__ == f"smarty_core.contracts.{capability}"  # type: ignore[union-attr]
    for method in contract.base.__abstractmethods__:
        assert inspect.getdoc(getattr(contract.base, method)), f"{method} has no law"
    for methods in contract.base.abilities.values():
        for method in methods:
            assert method not in contract.base.__abstractmethods__, "an optional method is never abstract"
            assert inspect.getdoc(getattr(contract.base, method))


@pytest.mark.parametrize("capability", sorted(CONTRACTS))
def test_what_contracts_carry_is_frozen(capability: str) -> None:
    module = importlib.import_module(f"smarty_core.contracts.{capability}")
    for name, kind in vars(module).items():
        if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__ and name != "RawProgramme":
            assert kind.__dataclass_params__.frozen, name  # type: ignore[union-attr]
            assert kind.__doc__


def test_the_core_serves_this_contract_and_the_one_before() -> None:
    contract = dataclasses.replace(CONTRACTS["sms_backend"], number=3)
    assert [number for number in range(6) if contract.serves(number)] == [2, 3]
    assert [number for number in range(6) if CONTRACTS["sms_backend"].serves(number)] == [1]


@pytest.mark.parametrize("capability", sorted(CONTRACTS))
def test_every_contract_is_documented(capability: str) -> None:
    page = (DOCS / "contracts.md").read_text("utf-8")
    base = CONTRACTS[capability].base
    assert f"`smarty.{capability}`" in page
    for name in [*base.__abstractmethods__, *[method for group in base.abilities.values() for method in group]]:
        assert f"`{name}" in page, f"{base.__name__}.{name} is not on the page"
    for ability in base.abilities:
        assert f"`{ability}`" in page


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sms("+79990000000", "x"),
        lambda: Sms("٧٩٩٩٠٠٠٠٠٠٠", "x"),
        lambda: Sms("123", "x"),
        lambda: Sms("79990000000", ""),
        lambda: Charge("", Money(Decimal(1), "RUB")),
        lambda: Charge("a b", Money(Decimal(1), "RUB")),
        lambda: Charge("ж", Money(Decimal(1), "RUB")),
        lambda: Charge("a", Money(Decimal(0), "RUB")),
        lambda: RegistrationRefused(26),
        lambda: FiscalReceipt("", "income", (FiscalLine("x", Money(Decimal(1), "RUB")),), "a@b", utc_now()),
        lambda: Route("relative", Any),
        lambda: Route("/../admin", Any),
        lambda: Route("/a//b", Any),
        lambda: Route("/a?b", Any),
        lambda: Route("/a", Any, methods=("get",)),
        lambda: JobSpec("Bad Name", 60, print),
        lambda: JobSpec("good", 0, print),
        lambda: CommandSpec("../x", print),
    ],
)
def test_nonsense_cannot_be_made(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make()


def test_routes_are_mounted_under_the_plugins_name() -> None:
    assert Route("/status", Any).mounted("demo") == "/ext/demo/status"
    assert Route("/player_api.php", Any, absolute=True).mounted("demo") == "/player_api.php"


def test_a_receipts_total_is_exact() -> None:
    lines = tuple(FiscalLine(name, Money(Decimal("0.1"), "RUB")) for name in "abc")
    assert FiscalReceipt("1", "income", lines, "a@b", utc_now()).total == Money(Decimal("0.3"), "RUB")
