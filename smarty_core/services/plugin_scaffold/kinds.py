"""What can be written: one kind of package per capability, and one with hooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from smarty_core.contracts import CONTRACTS, HOOKS_NAMESPACE


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the generated plugin, as its README tells it."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of package. Its templates are in `templates/<capability>/`, those of `web` kinds also in `templates/web/`.

    `noun` ends the class name; `module` is the file that holds the class; `web`: the driver speaks to a service over
    HTTP, so that there is a client and, in the tests, a simulator of the service.
    """

    capability: str
    noun: str
    module: str
    summary: str
    web: bool = False
    settings: tuple[Setting, ...] = ()

    @property
    def namespace(self) -> str:
        """Group of the entry point."""
        contract = CONTRACTS.get(self.capability)
        return contract.namespace if contract else HOOKS_NAMESPACE

    @property
    def base(self) -> str:
        """Name of the contract's class; empty for hooks."""
        contract = CONTRACTS.get(self.capability)
        return contract.base.__name__ if contract else ""

    @property
    def contract(self) -> int:
        """Number of the contract; 0 for hooks."""
        contract = CONTRACTS.get(self.capability)
        return contract.number if contract else 0


_WEB: Final = (
    Setting("url", "none", "address of the service, without a slash at the end"),
    Setting("api_key", "none", "key the service gave you"),
)

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.capability: kind
        for kind in (
            Kind("epg_parser", "Parser", "parser", "reads a television guide", settings=(
                Setting("separator", "`;`", "what stands between two columns"),)),
            Kind("geo_locator", "Locator", "locator", "tells where an address is", settings=(
                Setting("networks", "none", "networks with the country of each: `{\"203.0.113.0/24\": \"AM\"}`"),)),
            Kind("sms_backend", "Backend", "backend", "sends short messages", web=True, settings=(
                *_WEB, Setting("sender", "empty", "sender's name; empty = the one of the contract"))),
            Kind("stream_router", "Router", "router", "makes stream addresses", settings=(
                Setting("url", "none", "address of the video server, without a slash at the end"),)),
            Kind("online_cinema", "Cinema", "cinema", "films and serials of a partner", web=True, settings=_WEB),
            Kind("cas", "Cas", "cas", "tells a conditional access system what cards may decrypt", web=True,
                 settings=_WEB),
            Kind("payment_gateway", "Gateway", "gateway", "takes payments", web=True, settings=(
                *_WEB, Setting("callback_secret", "none", "key of the signature in callbacks"))),
            Kind("external_api", "Billing", "billing", "asks an operator's own billing", web=True, settings=_WEB),
            Kind("fiscal", "Fiscal", "fiscal", "registers cash receipts", web=True, settings=_WEB),
            Kind("hbbtv_provider", "Provider", "provider", "interactive applications over channels", settings=(
                Setting("url", "none", "address of the application"),)),
            Kind("metadata_source", "Source", "source", "finds descriptions and pictures of films", web=True,
                 settings=_WEB),
            Kind("captcha", "Captcha", "captcha", "tells people from programs", settings=(
                Setting("most", "`20`", "largest number of dots"),)),
            Kind("hooks", "", "hooks", "listens to events and adds to the server"),
        )
    }
)  # fmt: skip
"""Kinds by capability; `hooks` besides."""
