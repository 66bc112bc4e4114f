"""Channels in short: the list for a menu, icons, the ones watched last, the operator's named orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from smarty_core.errors import NotFound
from smarty_core.services.channel_rows import RowStyle
from smarty_core.services.languages import pick
from smarty_core.services.listing import Listed
from smarty_core.web.device.channel_rows import channel_rows
from smarty_core.web.device.shown import icon_size, listed_for_caller, names_in, operator_of, shown_to, viewer_of
from smarty_core.web.method import Answer, Call, Method, Shared

V2_ANSWER: Final = (
    "channels[]{id:N, name:S, category_id:N, sort:N, lcn_number:N, has_subscription:F, is_hidden:F,"
    " is_parent_control:F, is_favorited:F, show_in_all:F, icon:S}"
)
PUBLIC_V2_ANSWER: Final = (
    "channels[]{id:N, name:S, category_id:N, sort:N, lcn_number:N, is_parent_control:F, show_in_all:F, icon:S}"
)
V2_FIELDS: Final = names_in(V2_ANSWER)
PUBLIC_V2_FIELDS: Final = names_in(PUBLIC_V2_ANSWER)


def channel_list_v2(call: Call) -> Answer:
    shown, size = shown_to(call), icon_size(call)

    def build() -> Mapping[str, Any]:
        return {"channels": channel_rows(call, shown, RowStyle(call.lang, V2_FIELDS, size))}

    return Shared((*shown.key, size), build, shown.tags, shown.valid_until, steady_until=shown.valid_until)


def public_channel_list_v2(call: Call) -> Answer:
    shown, size = shown_to(call), icon_size(call)
    asked, excluded = call.params["tariff_id"], tuple(sorted(set(call.params["exclude_tariff_id"] or ())))
    wanted = _by_tariff(call, asked, excluded)

    def build() -> Mapping[str, Any]:
        return {"channels": channel_rows(call, shown, RowStyle(call.lang, PUBLIC_V2_FIELDS, size), wanted=wanted)}

    tags = (*shown.tags, f"client:{shown.listing.client_id}:tariffs")
    return Shared((*shown.key, size, asked, excluded), build, tags, shown.valid_until, steady_until=shown.valid_until)


def _by_tariff(call: Call, asked: int | None, excluded: tuple[int, ...]) -> Callable[[Listed], bool]:
    """Which channels two filters leave: those of one tariff, without those of others. Raises `NotFound`."""
    known = call.system.entitlements.tariffs(operator_of(call).id).by_id
    if not known.keys() >= {*excluded, *([] if asked is None else [asked])}:
        raise NotFound("there is no such tariff")
    inside = None if asked is None else known[asked].channels
    outside: frozenset[int] = frozenset().union(*(known[tariff_id].channels for tariff_id in excluded))
    return lambda item: (inside is None or item.channel.id in inside) and item.channel.id not in outside


def channel_icon_list(call: Call) -> Answer:
    shown, size = shown_to(call), icon_size(call)
    icons = call.system.catalogue.icons

    def build() -> Mapping[str, Any]:
        return {
            "icons": [
                {"id": item.channel.id, "icon": icons.address(item.channel.icon_url, size)} for item in shown.items()
            ]
        }

    return Shared((*shown.key, size), build, shown.tags, shown.valid_until, steady_until=shown.valid_until)


def channel_list_last(call: Call) -> Answer:
    known, size = listed_for_caller(call).by_id, icon_size(call)
    icons = call.system.catalogue.icons
    watched = call.system.positions.last_channels(viewer_of(call))
    return {
        "channels": [
            {
                "id": channel_id,
                "name": pick(known[channel_id].channel.names, call.lang),
                "icon": icons.address(known[channel_id].channel.icon_url, size),
            }
            for channel_id in watched
            if channel_id in known
        ]
    }


def channel_sort_list(call: Call) -> Answer:
    return {
        "channel_sort": [
            {"id": sort.id, "name": pick(sort.names, call.lang)}
            for sort in call.system.catalogue.sorts(operator_of(call).id)
        ]
    }


_V2_CODES: Final = {
    400: "a parameter is missing or malformed",
    404: "the requested object does not exist",
    500: "internal error",
}

METHODS = (
    Method(
        "ChannelListV2",
        "/v2/channel/list/",
        channel_list_v2,
        group="Channel",
        params="icon_width? N; icon_height? N",
        answer=V2_ANSWER,
        codes=_V2_CODES,
        doc="All channels of the account without the guide, in the account's order; `sort` is the operator's order.",
    ),
    Method(
        "NoAuthChannelListV2",
        "/v2/noauth/channel/list/",
        public_channel_list_v2,
        auth="api_key",
        group="Channel",
        params="icon_width? N; icon_height? N; tariff_id? N; exclude_tariff_id? N[]",
        answer=PUBLIC_V2_ANSWER,
        codes=_V2_CODES,
        doc="All channels of the operator; only those of `tariff_id`, without those of `exclude_tariff_id` (a list).",
    ),
    Method(
        "ChannelIconList",
        "/channel/icon/list/",
        channel_icon_list,
        auth="api_key",
        group="Channel",
        params="icon_width? N; icon_height? N",
        answer="icons[]{id:N, icon:S}",
        doc="Icons of all channels of the operator.",
    ),
    Method(
        "ChannelListLast",
        "/channel/list/last/",
        channel_list_last,
        group="Channel",
        bad_parameter=1,
        params="icon_width? N; icon_height? N",
        answer="channels[]{id:N, name:S, icon:S}",
        codes={1: "bad parameter"},
        doc="The channels the account watched last, the newest first.",
    ),
    Method(
        "ChannelSortList",
        "/channel/sort/list/",
        channel_sort_list,
        group="Channel",
        answer="channel_sort[]{id:N, name:S}",
        doc="The operator's named orders of channels, for `channel_sort_id`.",
    ),
)
