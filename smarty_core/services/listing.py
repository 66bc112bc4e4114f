"""Which channels a viewer is shown, with which shift of the picture and how deep an archive.

A channel is listed when it is in one of the viewer's tariffs and there is a live picture for it: a direct address, a
working live service that is in one of his tariffs too, or, as the last resort, a multicast address. Technical works
take away the archive while they last, but no channel: lists stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from smarty_core.services.archive import kept_days
from smarty_core.services.line_up import CatalogueChannel, LineUp
from smarty_core.services.multicast import is_multicast
from smarty_core.services.works import NO_WORKS, Works

if TYPE_CHECKING:
    from smarty_core.services.entitlements import Entitlement

Archives = tuple[tuple[int, int], ...]
"""Shift in hours and days kept of each kind of record."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A channel as it is shown to somebody. `shift_hours`: how much later than the guide says it is broadcast.

    `archives`: the records he may play, by how much later than the guide says they were broadcast and how many days
    they are kept. `subscribed`: he may watch it.
    """

    channel: CatalogueChannel
    shift_hours: int = 0
    archives: Archives = ()
    subscribed: bool = True

    @property
    def archive_days(self) -> int:
        """How many days back the archive reaches; 0 = there is none."""
        return max((days for _, days in self.archives), default=0)


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """The channels of equal viewers, in the operator's order. Equal `key` and tags mean an equal listing."""

    key: tuple[Any, ...]
    client_id: int
    items: tuple[Listed, ...]
    by_id: Mapping[int, Listed]
    guide_ids: tuple[int, ...]
    """The guide's channels it shows, ascending."""


def make_listing(key: tuple[Any, ...], client_id: int, items: Iterable[Listed]) -> Listing:
    found = tuple(items)
    guide_ids = {item.channel.epg_channel_id for item in found if item.channel.epg_channel_id is not None}
    return Listing(key, client_id, found, {item.channel.id: item for item in found}, tuple(sorted(guide_ids)))


def listed_for(line_up: LineUp, entitlement: Entitlement) -> Iterable[Listed]:
    """The channels an entitlement shows."""
    for channel in line_up.channels:
        if channel.id not in entitlement.channel_ids:
            continue
        shift = shown_shift(
            channel,
            entitlement.service_ids,
            entitlement.works,
            wanted=entitlement.timeshift_offset,
            multicast=entitlement.multicast,
        )
        if shift is not None:
            yield Listed(channel, shift, archives(channel, entitlement.service_ids, entitlement.works))


def listed_for_all(line_up: LineUp, works: Works = NO_WORKS) -> Iterable[Listed]:
    """The channels shown to somebody who is not logged in: all that have a picture."""
    for channel in line_up.channels:
        shift = live_shift(channel, None, wanted=0, multicast=True)
        if shift is not None:
            yield Listed(channel, shift, archives(channel, None, works), subscribed=False)


class Serving(Protocol):
    """What is asked of a stream service that works."""

    @property
    def id(self) -> int: ...

    @property
    def type(self) -> str: ...

    @property
    def shift_hours(self) -> int: ...


class Pictured(Protocol):
    """What the picture of a channel comes from."""

    @property
    def uri(self) -> str: ...

    @property
    def multicast_uri(self) -> str: ...

    @property
    def services(self) -> Sequence[Serving]: ...


def shown_shift(
    channel: Pictured, service_ids: frozenset[int], works: Works, *, wanted: int, multicast: bool = True
) -> int | None:
    """The shift of the picture that a viewer is shown: as `live_shift`, of services under works only when there is no
    other."""
    working = service_ids - works.service_ids
    shift = live_shift(channel, working, wanted=wanted, multicast=multicast)
    if shift is None and working != service_ids:
        return live_shift(channel, service_ids, wanted=wanted, multicast=multicast)
    return shift


def live_shift(channel: Pictured, service_ids: frozenset[int] | None, *, wanted: int, multicast: bool) -> int | None:
    """The broadcast shift of the picture in hours; None = there is no picture. `service_ids` None = any service."""
    if channel.uri:
        return 0 if multicast or not is_multicast(channel.uri) else None
    usable = [service for service in channel.services if service_ids is None or service.id in service_ids]
    shifts = [service.shift_hours for service in usable if service.type == "live"]
    if not shifts and multicast and channel.multicast_uri:  # as in the choice of a service: unicast comes first
        shifts = [service.shift_hours for service in usable if service.type == "multicast"]
    if shifts:
        return min(shifts, key=lambda shift: (abs(shift - wanted), shift))
    return 0 if channel.multicast_uri and multicast else None


def archives(channel: CatalogueChannel, service_ids: frozenset[int] | None, works: Works = NO_WORKS) -> Archives:
    """The records of a channel, as far as the services that may be used have any and no works block them."""
    deepest: dict[int, int] = {}
    if channel.id in works.channel_ids:
        return ()
    for service in channel.services:
        if service.id in works.service_ids:
            continue
        if service.type == "pvr" and (service_ids is None or service.id in service_ids):
            days = kept_days(channel.recording_days, service.recording_days)
            deepest[service.shift_hours] = max(days, deepest.get(service.shift_hours, 0))
    return tuple(sorted((shift, days) for shift, days in deepest.items() if days > 0))


def archive_days(channel: CatalogueChannel, service_ids: frozenset[int] | None) -> int:
    """How many days back the archive reaches: as far as the best archive service that may be used."""
    return max((days for _, days in archives(channel, service_ids)), default=0)
