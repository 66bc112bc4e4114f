"""Hooks around the health of stream services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import StreamServiceDown, StreamServiceUp
from smarty_core.hookspecs.markers import notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@notify(durable=True)
def stream_service_down(host: Host, event: StreamServiceDown) -> None:
    """A stream service that was available fails its checks; viewers are sent elsewhere.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per stream service, in one of the server's processes, by a thread of the plugin's own. An exception is
    logged under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def stream_service_up(host: Host, event: StreamServiceUp) -> None:
    """A stream service that was down passes its checks again.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per stream service, in one of the server's processes, by a thread of the plugin's own. An exception is
    logged under the plugin's name and the delivery to this plugin is tried again later.
    """
