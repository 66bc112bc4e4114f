"""Hooks around films, serials and the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import CatalogueUpdated, PortalEvent
from smarty_core.hookspecs.markers import notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@notify(durable=True)
def catalogue_updated(host: Host, event: CatalogueUpdated) -> None:
    """The catalogue of an online cinema was synchronised.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per cinema, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify()
def portal_event(host: Host, event: PortalEvent) -> None:
    """A portal reported something it saw, e.g. an opened screen. Texts are the device's and untrusted.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """
