"""Radio: the list of stations, with their addresses in it."""

from __future__ import annotations

from typing import Any

from smarty_core.services.languages import pick
from smarty_core.services.radio import Listed
from smarty_core.web.device.shown import entitlement_of, icon_size
from smarty_core.web.method import Answer, Call, Method


def radio_list(call: Call) -> Answer:
    listed = call.system.radio.listed(entitlement_of(call), call.now, search=call.params["search"] or "")
    return {"radio": [_row(call, item) for item in listed]}


def _row(call: Call, item: Listed) -> dict[str, Any]:
    row = item.station.row
    return {
        "id": row.content.id,
        "name": pick(item.station.names, call.lang),
        "url": item.url,
        "logo_url": call.system.catalogue.icons.address(row.icon_url, icon_size(call)),
        "channel_name": "",
        "description": row.description,
        "has_subscription": 1,
    }


METHODS = (
    Method(
        "RadioList",
        "/radio/list/",
        radio_list,
        group="Radio",
        params='icon_width? N; icon_height? N; search? S=""',
        answer="radio[]{id:N, name:S, url:S, logo_url:S, channel_name:S, description:S, has_subscription:F}",
        doc="Radio stations of the viewer's tariffs, in the operator's order. `url` is the stream itself: the station's"
        " own address, or that of a stream service with static routing; stations with neither are left out. `search`"
        " is a part of the name.",
    ),
)
