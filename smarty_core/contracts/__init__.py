"""The contracts between the core and drivers: one module per capability, and the table that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from smarty_core.contracts.captcha import Captcha
from smarty_core.contracts.cas import Cas
from smarty_core.contracts.driver import Driver
from smarty_core.contracts.epg_parser import EpgParser
from smarty_core.contracts.external_api import ExternalApi
from smarty_core.contracts.fiscal import Fiscal
from smarty_core.contracts.geo_locator import GeoLocator
from smarty_core.contracts.hbbtv_provider import HbbtvProvider
from smarty_core.contracts.metadata_source import MetadataSource
from smarty_core.contracts.online_cinema import OnlineCinema
from smarty_core.contracts.payment_gateway import PaymentGateway
from smarty_core.contracts.sms_backend import SmsBackend
from smarty_core.contracts.stream_router import StreamRouter

__all__ = ["CONTRACTS", "HOOKS_NAMESPACE", "Contract"]

HOOKS_NAMESPACE: Final = "smarty.hooks"
"""Entry points of hook modules; they are not drivers and have no contract class."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One capability. The core serves drivers written for `number` and, with a warning, for `number - 1`."""

    capability: str
    namespace: str
    base: type[Driver[Any]]
    number: int

    def serves(self, number: int) -> bool:
        """Whether a driver written for contract `number` can be used."""
        return max(1, self.number - 1) <= number <= self.number


def _contract(base: type[Driver[Any]], number: int) -> Contract:
    return Contract(base.capability, f"smarty.{base.capability}", base, number)


CONTRACTS: Final[Mapping[str, Contract]] = MappingProxyType(
    {
        contract.capability: contract
        for contract in (
            _contract(EpgParser, 1),
            _contract(GeoLocator, 1),
            _contract(SmsBackend, 1),
            _contract(StreamRouter, 1),
            _contract(OnlineCinema, 1),
            _contract(Cas, 1),
            _contract(PaymentGateway, 1),
            _contract(ExternalApi, 1),
            _contract(Fiscal, 1),
            _contract(HbbtvProvider, 1),
            _contract(MetadataSource, 1),
            _contract(Captcha, 1),
        )
    }
)
"""Capability -> its contract."""
