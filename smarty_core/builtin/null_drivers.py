"""Drivers that do nothing, honestly: they satisfy their contract where an operator has no such system."""

from __future__ import annotations

from typing import ClassVar

from smarty_core.contracts.cas import CardRight, Cas
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fiscal import Fiscal, FiscalMark, FiscalReceipt
from smarty_core.contracts.hbbtv_provider import HbbtvApplication, HbbtvProvider, HbbtvRequest
from smarty_core.contracts.metadata_source import Metadata, MetadataMatch, MetadataQuery, MetadataSource
from smarty_core.contracts.payment_gateway import Charge, PaymentGateway, PaymentState, Redirect
from smarty_core.errors import NotFound, NotSupported

INLINE = frozenset({"inline"})


class NoCas(Cas[DriverSettings]):
    """CAS `none`: no cards; everything is granted and revoked at once."""

    supports: ClassVar[frozenset[str]] = INLINE

    def grant(self, right: CardRight) -> None:
        return None

    def revoke(self, right: CardRight) -> None:
        return None


class NullGateway(PaymentGateway[DriverSettings]):
    """Payment gateway `null`, for tests of the way a payment takes: every order is settled when it is asked about.

    The page to pay on is the success address itself. Never configure it where money is real. It keeps nothing: the
    amount is not known to it, so `status` tells none and the core credits what was charged.
    """

    supports: ClassVar[frozenset[str]] = frozenset({"inline", "status"})
    source: ClassVar[int] = 11

    def start(self, charge: Charge) -> Redirect:
        if charge.hold or charge.card:
            raise NotSupported(f"{self.name}: the null gateway neither holds money nor knows cards")
        return Redirect(url=charge.success_url or "about:blank", gateway_id=f"null-{charge.order_id}")

    def status(self, order_id: str, gateway_id: str) -> PaymentState:
        if gateway_id != f"null-{order_id}":
            raise NotFound(f"{self.name}: no such order")
        return PaymentState(order_id, "settled", key=gateway_id)


class NullFiscal(Fiscal[DriverSettings]):
    """Fiscal operator `null`: receipts count as registered, with their own id as the document.

    What was handed over is remembered in the plugin's cache for a day.
    """

    def register(self, receipt: FiscalReceipt) -> FiscalMark:
        self.host.cache.set(f"receipt:{receipt.id}", True, timeout=86_400)
        return FiscalMark(receipt.id, "registered", document=receipt.id)

    def status(self, receipt_id: str) -> FiscalMark:
        if self.host.cache.get(f"receipt:{receipt_id}") is None:
            raise NotFound(f"{self.name}: no such receipt")
        return FiscalMark(receipt_id, "registered", document=receipt_id)


class NullHbbtv(HbbtvProvider[DriverSettings]):
    """HbbTV provider `null`: no channel has an application."""

    supports: ClassVar[frozenset[str]] = INLINE

    def application(self, request: HbbtvRequest) -> HbbtvApplication | None:
        return None


class NullMetadata(MetadataSource[DriverSettings]):
    """Metadata source `null`: knows nothing."""

    supports: ClassVar[frozenset[str]] = INLINE

    def find(self, query: MetadataQuery) -> tuple[MetadataMatch, ...]:
        return ()

    def details(self, id: str) -> Metadata:
        raise NotFound(f"{self.name}: nothing is known")
