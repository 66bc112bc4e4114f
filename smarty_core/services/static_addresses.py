"""Addresses that are made when a list is built: for multicast, open and partner streams of services with static
routing. They are the same for all viewers of a list, so they hold no token and nothing of a viewer."""

from __future__ import annotations

from datetime import datetime

from smarty_core.services.content import Contents
from smarty_core.services.entitlements import Entitlement, Entitlements
from smarty_core.services.routing import Around, Wish, choose
from smarty_core.services.stream_addresses import StreamAddresses
from smarty_core.storage.repositories.streams import ContentFacts


class StaticAddresses:
    """Safe to share between threads; without SQL until a tag moves."""

    def __init__(self, *, contents: Contents, entitlements: Entitlements, addresses: StreamAddresses) -> None:
        self._contents = contents
        self._entitlements = entitlements
        self._addresses = addresses

    def of_channel(self, entitlement: Entitlement, channel_id: int, now: datetime) -> str:
        """The address of a channel in a list; empty when it has none: then it is made at the request."""
        if not self._entitlements.tariffs(entitlement.client_id).static_addresses:
            return ""
        content = self._contents.static_channels(entitlement.client_id).get(channel_id)
        return "" if content is None else self.of(entitlement, content, now)

    def of(self, entitlement: Entitlement, content: ContentFacts, now: datetime) -> str:
        """The same of any content: that of the service which would be chosen at the request, if that one is static.

        How busy services are does not count from moment to moment, or lists would have to follow it.
        """
        wish = Wish(
            service_ids=entitlement.service_ids,
            data_center_id=entitlement.data_center_id or None,
            shift_hours=entitlement.timeshift_offset,
            multicast=entitlement.multicast,
        )
        service = choose(wish, content, Around(entitlement.works)).service
        if service is None or not service.static:
            return ""
        return self._addresses.static(content, service, wish.data_center_id, now)
