"""Makes the rows of channel lists, and the shared answers that hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from smarty_core.services.channel_rows import RowStyle
from smarty_core.services.listing import Listed
from smarty_core.web.device.shown import Addresses, Shown, device_type
from smarty_core.web.method import AUTHKEY_SLOT, Call, Shared


def channel_rows(
    call: Call,
    shown: Shown,
    style: RowStyle,
    *,
    authkey: str = AUTHKEY_SLOT,
    wanted: Callable[[Listed], bool] | None = None,
) -> list[dict[str, Any]]:
    """The wanted channels as fields, in the caller's order; places are those in the whole list."""
    addresses = Addresses(call, authkey=authkey) if "url" in style.fields else None
    names = call.system.catalogue.category_names(shown.listing.client_id, call.lang)
    now = int(call.now.timestamp())
    return [
        call.system.guide.channel_rows.row(
            item,
            now=now,
            place=place,
            style=style,
            category_names=names,
            arrangement=shown.arrangement,
            url=addresses.shown(shown, item.channel.id) if addresses else "",
        )
        for place, item in enumerate(shown.items(), 1)
        if wanted is None or wanted(item)
    ]


def shared_with_guide(call: Call, shown: Shown, build: Callable[[], Mapping[str, Any]], *key: Any) -> Shared:
    """A shared answer with channels and what is on air on them: it lives until something on air changes.

    `key`: the parameters it depends on.
    """
    guide = call.system.guide
    return Shared(
        (*shown.key, device_type(call), *key),
        build,
        (*shown.tags, *guide.tags(shown.listing.client_id)),
        min(shown.valid_until, guide.changes_at(shown.listing, call.now)),
        steady_until=shown.valid_until,
    )
