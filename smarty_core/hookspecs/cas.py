"""Hooks around rights on smart cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import EntitlementGranted, EntitlementRevoked
from smarty_core.hookspecs.markers import notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@notify(durable=True)
def entitlement_granted(host: Host, event: EntitlementGranted) -> None:
    """The CAS confirmed a product on a card.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per card, in one of the server's processes, by a thread of the plugin's own. An exception is logged under
    the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def entitlement_revoked(host: Host, event: EntitlementRevoked) -> None:
    """The CAS confirmed that a product is off a card.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per card, in one of the server's processes, by a thread of the plugin's own. An exception is logged under
    the plugin's name and the delivery to this plugin is tried again later.
    """
