"""Channel lists with what is on now and next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from smarty_core.errors import NotFound
from smarty_core.services.channel_rows import LONG_FIELDS, RowStyle
from smarty_core.web.device.channel_fields import LONG_ROW
from smarty_core.web.device.channel_rows import channel_rows, shared_with_guide
from smarty_core.web.device.shown import Shown, icon_size, names_in, page_of, shown_to
from smarty_core.web.method import Answer, ApiError, Call, Method

SEARCH_ANSWER: Final = f"channels[]{{{LONG_ROW}}}"
LIST_ANSWER: Final = f"channels[]{{{LONG_ROW}, drm_available:B}}"
SEARCH_FIELDS: Final = names_in(SEARCH_ANSWER)
LIST_FIELDS: Final = names_in(LIST_ANSWER)


def channel_list(call: Call) -> Answer:
    sent = call.params
    if sent["search"]:
        return _found(call, sent["search"], LIST_FIELDS)
    shown = _shown(call)
    if sent["page"] > _pages(len(shown.listing.items), sent["limit"]):
        return {"channels": []}

    def build() -> Mapping[str, Any]:
        rows = channel_rows(call, shown, _style(call, LIST_FIELDS))
        return {"channels": list(page_of(rows, sent["page"], sent["limit"]))}

    return shared_with_guide(call, shown, build, icon_size(call), sent["compact"], sent["page"], sent["limit"])


def channel_list_search(call: Call) -> Answer:
    return _found(call, call.params["search"], SEARCH_FIELDS)


def _found(call: Call, text: str, fields: frozenset[str]) -> Answer:
    """What is searched for differs from caller to caller, so the answer is made for this one alone."""
    needle = text.casefold()
    rows = channel_rows(
        call,
        _shown(call),
        _style(call, fields),
        authkey=call.authkey,
        wanted=lambda item: any(needle in name.casefold() for name in item.channel.names),
    )
    return {"channels": list(page_of(rows, call.params["page"], call.params["limit"]))}


def _shown(call: Call) -> Shown:
    try:
        return shown_to(
            call,
            multicast=not call.params["reject_multicast"],
            own_order=bool(call.params["account_sort"]),
            channel_sort_id=call.params["channel_sort_id"],
        )
    except NotFound as exc:
        raise ApiError(1) from exc


def _style(call: Call, fields: frozenset[str]) -> RowStyle:
    return RowStyle(call.lang, fields - LONG_FIELDS if call.params["compact"] else fields, icon_size(call))


def _pages(items: int, limit: int | None) -> int:
    return 1 if limit is None else max(1, -(-items // limit))


_PARAMS: Final = (
    "icon_width? N; icon_height? N; page? N{1..}=1; limit? N{1-99}; compact? F=0; account_sort? F=1;"
    " reject_multicast? F=0; channel_sort_id? N"
)
_CODES: Final = {1: "no such channel sort list"}
_RULES: Final = (
    " `account_sort=0` ignores the account's own order; `channel_sort_id` names an order of the operator, which counts"
    " more. Without `limit` the first page is the whole list."
)

METHODS = (
    Method(
        "ChannelList",
        "/channel/list/",
        channel_list,
        group="Channel",
        params="search? S; " + _PARAMS,
        answer=LIST_ANSWER,
        codes=_CODES,
        doc="All channels of the account with what is on now and next. `url` is an address of this API that leads to"
        " the stream; `compact=1` leaves out the long fields." + _RULES,
    ),
    Method(
        "ChannelListSearch",
        "/channel/list/search/",
        channel_list_search,
        group="Channel",
        params="search S; " + _PARAMS,
        answer=SEARCH_ANSWER,
        codes=_CODES,
        doc="As ChannelList, only channels with `search` somewhere in their name, letter case aside." + _RULES,
    ),
)
