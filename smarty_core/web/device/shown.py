"""Which channels a caller is shown, in which order, and what an answer made from them depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from smarty_core.services.channel_order import NOTHING_ARRANGED, Arrangement, ordered
from smarty_core.services.guide_tags import CHANNELS_TAG
from smarty_core.services.icons import IconSize
from smarty_core.services.listing import Listed, Listing
from smarty_core.web.method import AUTHKEY_SLOT, Call
from smarty_core.web.notation import parse_answer

if TYPE_CHECKING:
    from smarty_core.services.entitlements import Entitlement
    from smarty_core.services.operators import Operator
    from smarty_core.services.sessions import Viewer

LIFE: Final = timedelta(days=1)
"""How long a body lives that nothing but its tags ends."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The channels of a caller. Equal `key` and unmoved `tags`: equal channels, order and flags until `valid_until`.

    `order`: ids of channels that stand in front, in this order.
    """

    listing: Listing
    arrangement: Arrangement
    order: Sequence[int]
    key: tuple[Any, ...]
    tags: tuple[str, ...]
    valid_until: datetime
    entitlement: Entitlement | None = None
    """None for somebody who is not logged in."""

    def items(self) -> list[Listed]:
        """The channels in the caller's order."""
        return ordered(self.listing.items, self.order) if self.order else list(self.listing.items)


def shown_to(
    call: Call, *, multicast: bool = True, own_order: bool = True, channel_sort_id: int | None = None
) -> Shown:
    """What a viewer is shown, or somebody without a session. A named order counts more than the account's own.

    Raises `NotFound` for a named order that is none of the operator's.
    """
    operator, catalogue = operator_of(call), call.system.catalogue
    named = catalogue.sort(operator.id, channel_sort_id).channel_ids if channel_sort_id is not None else ()
    if call.viewer is None:
        listing, changes = catalogue.public_listing(operator.id, call.now), catalogue.works.of(operator.id, call.now)
        return Shown(
            listing,
            NOTHING_ARRANGED,
            named,
            (*listing.key, call.lang, channel_sort_id),
            (f"client:{operator.id}:channels", f"client:{operator.id}", CHANNELS_TAG),
            min(call.now + LIFE, changes.next_change(call.now) or call.now + LIFE),
        )
    entitlement = entitlement_of(call, multicast=multicast)
    arrangement = catalogue.arrangements.of(call.viewer)
    return Shown(
        catalogue.listing(entitlement),
        arrangement,
        named or (arrangement.order if own_order and channel_sort_id is None else ()),
        (*entitlement.key, arrangement.digest, own_order, channel_sort_id),
        (*entitlement.tags, CHANNELS_TAG),
        entitlement.valid_until,
        entitlement,
    )


def entitlement_of(call: Call, *, multicast: bool = True) -> Entitlement:
    """What the viewer may watch now; `multicast`: whether the device wants such addresses, if it takes any."""
    return call.system.entitlements.for_viewer(
        viewer_of(call),
        lang=call.lang,
        device_format=call.answer_format,
        now=call.now,
        multicast=multicast and call.system.multicast.take(call.device),
    )


def listed_for_caller(call: Call) -> Listing:
    """The channels the caller is shown, in the operator's order."""
    catalogue = call.system.catalogue
    if call.viewer is None:
        return catalogue.public_listing(operator_of(call).id, call.now)
    return catalogue.listing(entitlement_of(call))


def viewer_of(call: Call) -> Viewer:
    assert call.viewer is not None
    return call.viewer


def operator_of(call: Call) -> Operator:
    assert call.operator is not None
    return call.operator


def icon_size(call: Call) -> IconSize:
    """The wanted size of icons; sizes that cannot be had all mean the original."""
    size = IconSize(call.params["icon_width"] or 0, call.params["icon_height"] or 0)
    return size if size.wanted else IconSize()


def device_type(call: Call) -> str:
    """The name of the caller's device type, empty when nobody knows it: one of few, so answers are kept by it."""
    found = call.system.play_devices.find(call.device)
    return found.system_name if found else ""


class Addresses:
    """API addresses inside an answer, ready to be fetched: they hold the session.

    In shared bodies `authkey` is the slot that is filled when the body is sent.
    """

    def __init__(self, call: Call, *, authkey: str = AUTHKEY_SLOT) -> None:
        self._call = call
        base = str(call.system.settings.TVMIDDLEWARE_API_URL or "").rstrip("/")
        device = device_type(call)
        tail = f"?client_id={operator_of(call).id}&authkey={authkey}" + (f"&device={device}" if device else "")
        self._live = f"{base}/channel/url/{tail}"
        self._archive = f"{base}/program/url/{tail}"
        self._camera = f"{base}/camera/url/{tail}"
        self._own_record = f"{base}/npvr/url/{tail}"

    def live(self, channel_id: int) -> str:
        return f"{self._live}&cid={channel_id}"

    def shown(self, shown: Shown, channel_id: int) -> str:
        """What a list says of a channel: its static address where it has one, else that of this API."""
        if shown.entitlement is None:
            return self.live(channel_id)
        static = self._call.system.playback.static
        return static.of_channel(shown.entitlement, channel_id, self._call.now) or self.live(channel_id)

    def record(self, channel_id: int, programme_id: int) -> str:
        return f"{self._archive}&cid={channel_id}&pid={programme_id}"

    def camera(self, camera_id: int) -> str:
        return f"{self._camera}&cid={camera_id}"

    def own_record(self, task_id: int) -> str:
        return f"{self._own_record}&rid={task_id}"


def names_in(answer: str) -> frozenset[str]:
    """The names of the fields inside the first list of a declared answer."""
    return frozenset(field.name for field in parse_answer(answer)[0].items)


def page_of(found: Sequence[Any], page: int, limit: int | None) -> Sequence[Any]:
    """A page of a list, from page 1 on; without a limit the first page is the whole list and there is no other."""
    if limit is None:
        return found if page == 1 else ()
    return found[(page - 1) * limit : page * limit]
