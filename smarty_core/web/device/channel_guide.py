"""The guide by channels: the next programmes of one, and a grid of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.guide import LONGEST_WINDOW
from smarty_core.services.guide_tags import CATEGORIES_TAG, epg_tag
from smarty_core.services.listing import Listed
from smarty_core.services.schedules import days_between
from smarty_core.web.device.shown import LIFE, operator_of, shown_to
from smarty_core.web.method import Answer, ApiError, Call, Method, Shared

HOUR: Final = 3600
NO_SORT: Final = 1
BAD_CHANNELS: Final = 2
MOST_DAYS: Final = 5_000
"""Days of channels in one grid: three hundred channels for two weeks."""


def channel_programs(call: Call) -> Answer:
    sent, guide, operator = call.params, call.system.guide, operator_of(call)
    channel = call.system.catalogue.line_up(operator.id).by_id.get(sent["cid"])
    if channel is None:
        raise NotFound("there is no such channel")
    shift, limit, now = sent["timeshift_offset"], sent["limit"], int(call.now.timestamp())
    if channel.epg_channel_id is None:
        return {"programs": []}
    air = guide.now_next.on_air(channel.epg_channel_id, now - shift * HOUR, following=limit)
    changes_at = air.changes_at + shift * HOUR

    def build() -> Mapping[str, Any]:
        coming = [row for row in air.programmes if row is not None][:limit]
        rows = [guide.programme_rows.timetable(row, shift_hours=shift, lang=call.lang) for row in coming]
        if sent["compact"]:
            for row in rows:
                del row["program_description"]
        return {"programs": rows}

    return Shared(
        (channel.id, shift, limit, sent["compact"], call.lang),
        build,
        (f"client:{operator.id}:channels", epg_tag(channel.epg_channel_id), CATEGORIES_TAG),
        datetime.fromtimestamp(changes_at, UTC),
        steady_until=call.now + LIFE,
        countdown=True,
    )


def channel_list_programs(call: Call) -> Answer:
    """Every grid has bounds of its own, so nothing is shared; the programmes come from memory."""
    begin, end = call.params["programs_from_ts"], call.params["programs_to_ts"]
    if not 0 <= begin <= end <= begin + int(LONGEST_WINDOW.total_seconds()):
        raise InvalidValue(f"programs_from_ts, programs_to_ts: a window of at most {LONGEST_WINDOW.days} days")
    try:
        shown = shown_to(
            call, own_order=bool(call.params["account_sort"]), channel_sort_id=call.params["channel_sort_id"]
        )
    except NotFound as exc:
        raise ApiError(NO_SORT) from exc
    items = shown.items()
    if call.params["channel_ids"] is not None:
        asked = frozenset(call.params["channel_ids"])
        if not asked <= shown.listing.by_id.keys():
            raise ApiError(BAD_CHANNELS)
        items = [item for item in items if item.channel.id in asked]
    # from the lowest end of the first programme to the highest start of the last one, both included
    return {"channels": _grid(call, items, begin - 1, end + 1)}


def _grid(call: Call, items: Sequence[Listed], begin: int, end: int) -> list[dict[str, Any]]:
    guide, now = call.system.guide, int(call.now.timestamp())
    guide_ids = sorted({item.channel.epg_channel_id for item in items if item.channel.epg_channel_id is not None})
    if len(guide_ids) * len(days_between(begin, end)) > MOST_DAYS:
        raise InvalidValue("too many channels for so long a time")
    shifted: dict[int, set[int]] = {item.shift_hours: set() for item in items}
    for item in items:
        if item.channel.epg_channel_id is not None:
            shifted[item.shift_hours].add(item.channel.epg_channel_id)
    programmes = {
        shift: guide.schedules.between_all(sorted(numbers), begin - shift * HOUR, end - shift * HOUR)
        for shift, numbers in shifted.items()
    }
    moments = [(number, now - item.shift_hours * HOUR) for item in items
               if (number := item.channel.epg_channel_id) is not None]  # fmt: skip
    air = guide.now_next.on_air_all(moments, following=0)
    rows = []
    for item in items:
        number = item.channel.epg_channel_id
        current = air[number, now - item.shift_hours * HOUR].at(0) if number is not None else None
        rows.append(
            {
                "id": item.channel.id,
                "current_program_id": current.id if current else 0,
                "programs": [
                    guide.programme_rows.grid(row, call.lang, shift_hours=item.shift_hours)
                    for row in programmes[item.shift_hours].get(number or 0, ())
                ],
            }
        )
    return rows


METHODS = (
    Method(
        "ChannelPrograms",
        "/channel/programs/",
        channel_programs,
        group="Channel",
        bad_parameter=1,
        params="cid N; limit? N{1-12}=6; timeshift_offset? N{-24..24}=0; compact? F=0",
        answer="programs[]{id:N, program_name:S, program_begin_time:N, program_end_time:N, program_preview_url:S,"
        " program_rating:N, program_category:S, program_description?:S, datetime_begin:N, datetime_end:N}",
        codes={1: "bad parameter"},
        doc="What is on now and the next programmes, `limit` of them in all, as a broadcast shows them that comes"
        " `timeshift_offset` hours later than the guide says; `datetime_begin` and `datetime_end` are the guide's own"
        " times. Cache-Control holds the seconds until the present programme ends.",
    ),
    Method(
        "ChannelListPrograms",
        "/channel/list/programs/",
        channel_list_programs,
        verb="POST",
        group="Channel",
        params="body channel_ids? N[]; body programs_from_ts N; body programs_to_ts N; body account_sort? F=1;"
        " body channel_sort_id? N",
        answer="channels[]{id:N, current_program_id:N, programs[]{id:N, name:S, begin_time:N, end_time:N,"
        " category_id:N, category:S, description:S, preview_url:S, rating:N, program_meta:PM,"
        " program_genres[]{genre_id:N, genre_name:S}}}",
        codes={NO_SORT: "no such channel sort list", BAD_CHANNELS: "bad channel list"},
        doc="The guide of many channels, of all without `channel_ids`: programmes that end at `programs_from_ts` or"
        " later and begin at `programs_to_ts` or earlier. `current_program_id` is 0 when nothing is on.",
    ),
)
