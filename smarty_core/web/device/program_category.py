"""Categories and genres of programmes, and the channels on which such programmes are on air."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from smarty_core.errors import InvalidValue
from smarty_core.services.channel_rows import BRIEF_NEXT_FIELDS, LONG_FIELDS, RowStyle
from smarty_core.services.languages import pick
from smarty_core.services.listing import Listed
from smarty_core.web.device.channel_fields import LONG_ROW
from smarty_core.web.device.channel_rows import channel_rows, shared_with_guide
from smarty_core.web.device.shown import Shown, icon_size, listed_for_caller, names_in, shown_to
from smarty_core.web.method import Answer, ApiError, Call, Method

HOUR: Final = 3600
CONFLICT: Final = 2

CHANNELS_ANSWER: Final = f"programs[]{{{LONG_ROW}, drm_available:F}}"
PUBLIC_CHANNELS_ANSWER: Final = (
    "programs[]{id:N, name:S, icon:S, category_id:N, program_category_id:N, program_begin_time:N, program_end_time:N,"
    " program_name:S, program_preview_url:S, program_category:S, program_id:N, program_rating:N, channel_sort:N,"
    " meta:S, program_meta:PM}"
)
CHANNELS_FIELDS: Final = names_in(CHANNELS_ANSWER)
PUBLIC_CHANNELS_FIELDS: Final = names_in(PUBLIC_CHANNELS_ANSWER)


def program_category_list(call: Call) -> Answer:
    guide, icons = call.system.guide, call.system.catalogue.icons
    wanted: frozenset[int] | None = None
    if call.params["only_records_categories"]:
        listing = listed_for_caller(call)
        wanted = guide.categories.in_records(listing, call.now, guide.tags(listing.client_id))[0]
    if call.params.get("consider_program_category") == 0:
        items = listed_for_caller(call).items
        of_channels: frozenset[int] = frozenset().union(*(item.channel.guide_categories for item in items))
        wanted = of_channels if wanted is None else wanted & of_channels
    return {
        "categories": [
            {
                "id": category.id,
                "name": pick(category.names, call.lang),
                "icon_type": category.icon_type,
                "icon": icons.address(category.icon_url),
                "icon_tv": icons.address(category.icon_tv_url),
            }
            for category in guide.categories.all().categories
            if wanted is None or category.id in wanted
        ]
    }


def program_genre_list(call: Call) -> Answer:
    guide, icons = call.system.guide, call.system.catalogue.icons
    wanted: frozenset[int] | None = None
    if call.params["only_records_genres"]:
        listing = listed_for_caller(call)
        wanted = guide.categories.in_records(listing, call.now, guide.tags(listing.client_id))[1]
    return {
        "genres": [
            {"id": genre.id, "name": pick(genre.names, call.lang), "icon_for_archive": icons.address(genre.icon_url)}
            for genre in guide.categories.all().genres
            if wanted is None or genre.id in wanted
        ]
    }


def program_category_channel_list(call: Call) -> Answer:
    sent = call.params
    if sent["compact"] and sent["wrt_compact"]:
        raise ApiError(CONFLICT)
    left_out = LONG_FIELDS if sent["compact"] else BRIEF_NEXT_FIELDS if sent["wrt_compact"] else frozenset()
    shown = shown_to(call, multicast=not sent["reject_multicast"], channel_sort_id=sent["channel_sort_id"])
    return _channels(call, shown, CHANNELS_FIELDS - left_out, sent["next"], sent["compact"], sent["wrt_compact"])


def public_program_category_channel_list(call: Call) -> Answer:
    shown = shown_to(call, channel_sort_id=call.params["channel_sort_id"])
    return _channels(call, shown, PUBLIC_CHANNELS_FIELDS, 0)


def _channels(call: Call, shown: Shown, fields: frozenset[str], step: int, *key: Any) -> Answer:
    """Channels of a category, of all categories without one. `step` 1: the next programme stands for the present."""
    sent, size, category = call.params, icon_size(call), call.params["category_id"] or 0
    by_programme = sent["consider_program_category"]
    if by_programme is None:
        by_programme = int(call.system.settings.TVMW_CONSIDER_PROGRAM_CATEGORY)
    by_channel = sent["consider_epg_channel_category"]
    if category and category not in {known.id for known in call.system.guide.categories.all().categories}:
        raise InvalidValue("category_id: there is no such category")

    def build() -> Mapping[str, Any]:
        wanted = _in_category(call, shown, category, step, bool(by_programme), bool(by_channel)) if category else None
        rows = channel_rows(call, shown, RowStyle(call.lang, fields, size, step), wanted=wanted)
        for row in rows:
            if "drm_available" in row:
                row["drm_available"] = int(row["drm_available"])
        return {"programs": rows}

    return shared_with_guide(call, shown, build, size, category, step, by_programme, by_channel, *key)


def _in_category(
    call: Call, shown: Shown, category: int, step: int, by_programme: bool, by_channel: bool
) -> Callable[[Listed], bool]:
    now = int(call.now.timestamp())

    def moment(item: Listed) -> tuple[int, int]:
        return item.channel.epg_channel_id or 0, now - item.shift_hours * HOUR

    with_guide = [item for item in shown.listing.items if item.channel.epg_channel_id is not None]
    air = call.system.guide.now_next.on_air_all(map(moment, with_guide), following=step) if by_programme else {}

    def wanted(item: Listed) -> bool:
        if by_channel and category in item.channel.guide_categories:
            return True
        seen = air.get(moment(item))
        programme = seen.at(step) if seen is not None else None
        return programme is not None and category in programme.category_ids

    return wanted


_LIST_ANSWER: Final = "categories[]{id:N, name:S, icon_type:S, icon:S, icon_tv:S}"
_CODES: Final = {1: "one of the parameters is wrong"}
_FILTERS: Final = "consider_program_category? F; consider_epg_channel_category? F=1; channel_sort_id? N"
_CHANNELS_DOC: Final = (
    " `consider_program_category=0` looks only at the categories of channels, `consider_epg_channel_category=0` only"
    " at those of programmes. Without `category_id` all channels are listed."
)

METHODS = (
    Method(
        "ProgramCategoryList",
        "/program/category/list/",
        program_category_list,
        group="ProgramCategory",
        bad_parameter=1,
        params="only_records_categories? F=0; consider_program_category? F=1",
        answer=_LIST_ANSWER,
        codes=_CODES,
        doc="Categories of programmes; with `only_records_categories=1` those that occur in the viewer's archive, with"
        " `consider_program_category=0` those of whole channels.",
    ),
    Method(
        "NoAuthProgramCategoryList",
        "/noauth/program/category/list/",
        program_category_list,
        auth="api_key",
        group="ProgramCategory",
        bad_parameter=1,
        params="only_records_categories? F=0",
        answer=_LIST_ANSWER,
        codes=_CODES,
        doc="Categories of programmes; with `only_records_categories=1` those that occur in the operator's archive.",
    ),
    Method(
        "ProgramCategoryChannelList",
        "/program/category/channel/list/",
        program_category_channel_list,
        group="ProgramCategory",
        bad_parameter=1,
        params="category_id? N; next? N{0-12}=0; icon_width? N; icon_height? N; compact? F=0; wrt_compact? F=0;"
        " reject_multicast? F=0; " + _FILTERS,
        answer=CHANNELS_ANSWER,
        codes={**_CODES, CONFLICT: "compact and wrt_compact exclude each other"},
        doc="Channels on which a programme of the category is on, or with `next=1` comes next; the next programme then"
        " stands in the place of the present one." + _CHANNELS_DOC,
    ),
    Method(
        "NoAuthProgramCategoryChannelList",
        "/noauth/program/category/channel/list/",
        public_program_category_channel_list,
        auth="api_key",
        group="ProgramCategory",
        bad_parameter=1,
        params="category_id? N; icon_width? N; icon_height? N; " + _FILTERS,
        answer=PUBLIC_CHANNELS_ANSWER,
        codes=_CODES,
        doc="Channels of the operator on which a programme of the category is on." + _CHANNELS_DOC,
    ),
    Method(
        "ProgramGenreList",
        "/program/genre/list/",
        program_genre_list,
        group="ProgramGenre",
        params="only_records_genres? F",
        answer="genres[]{id:N, name:S, icon_for_archive:S}",
        doc="Genres of programmes; with `only_records_genres=1` those that occur in the viewer's archive.",
    ),
)
