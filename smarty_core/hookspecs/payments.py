"""Hooks around money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import PaymentFailed, PaymentRefunded, PaymentSettled, TransactionCreated
from smarty_core.hookspecs.markers import notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@notify(durable=True)
def transaction_created(host: Host, event: TransactionCreated) -> None:
    """An entry was written to a customer's ledger; the balance has changed.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per customer, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def payment_settled(host: Host, event: PaymentSettled) -> None:
    """A payment through a gateway is final and credited. Told once per payment.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per customer, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def payment_failed(host: Host, event: PaymentFailed) -> None:
    """A payment through a gateway is final and nothing was credited.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per customer, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def payment_refunded(host: Host, event: PaymentRefunded) -> None:
    """Money went back through a gateway and the reversing entry is written.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per customer, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """
