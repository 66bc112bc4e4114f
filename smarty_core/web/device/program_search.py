"""ProgramListSearch: programmes by a part of their name."""

from __future__ import annotations

from typing import Any, Final

from smarty_core.services.guide_search import Hit
from smarty_core.services.languages import pick
from smarty_core.services.line_up import CatalogueChannel
from smarty_core.services.listing import Listed
from smarty_core.storage.repositories.guide import ProgrammeRow
from smarty_core.web.device.program import watchable
from smarty_core.web.device.shown import Addresses, icon_size, listed_for_caller, operator_of, page_of
from smarty_core.web.method import Answer, Call, Method

SHORTEST: Final = 2


def program_list_search(call: Call) -> Answer:
    sent, guide = call.params, call.system.guide
    listed = listed_for_caller(call).by_id

    def wanted(channel: CatalogueChannel, programme: ProgrammeRow) -> bool:
        item = listed.get(channel.id)
        if sent["skip_unavailable"] and item is None:
            return False
        return not sent["only_archive"] or (
            guide.has_record(programme, item, call.now)
            and not guide.blockings(channel.client_id).forbid(programme, channel.prefix, call.now)
        )

    hits = guide.search.find(operator_of(call).id, sent["search"], call.now, wanted=wanted)
    limit = min(sent["limit"], guide.search.most_results)
    addresses = Addresses(call, authkey=call.authkey)
    return {
        "results": [
            _result(call, hit, listed.get(hit.channel.id), addresses) for hit in page_of(hits, sent["page"], limit)
        ]
    }


def _result(call: Call, hit: Hit, item: Listed | None, addresses: Addresses) -> dict[str, Any]:
    channel, catalogue = hit.channel, call.system.catalogue
    found = watchable(call, hit.programme, channel, item, addresses)
    shift = item.shift_hours if item is not None else 0
    shown = call.system.guide.programme_rows.detail(hit.programme, call.lang, shift_hours=shift)
    return {
        "id": channel.id,
        "name": pick(channel.names, call.lang),
        "icon": catalogue.icons.address(channel.icon_url, icon_size(call)),
        "category_id": channel.category_id,
        "has_record": int(found.has_record),
        "blocked": int(found.blocked),
        "has_subscription": int(item is not None and item.subscribed),
        "url": found.url,
        "program_id": shown["id"],
        "program_begin_time": shown["begin_time"],
        "program_end_time": shown["end_time"],
        "program_name": shown["name"],
        "program_short_name": shown["short_name"],
        "program_description": shown["description"],
        "program_category": shown["category"],
        "program_rating": shown["rating"],
        "program_preview_url": shown["preview"],
        "program_meta": shown["meta"],
    }


METHODS = (
    Method(
        "ProgramListSearch",
        "/program/list/search/",
        program_list_search,
        group="Program",
        bad_parameter=1,
        params=f"search S{{{SHORTEST}..}}; icon_width? N; icon_height? N; skip_unavailable? N=0; only_archive? N=0;"
        " limit? N{1..}=20; page? N{1..}=1",
        answer="results[]{id:N, name:S, icon:S, category_id:N, has_record:F, blocked:F, has_subscription:F, url:S,"
        " program_id:N, program_begin_time:N, program_end_time:N, program_name:S, program_short_name:S,"
        " program_description:S, program_category:S, program_rating:N, program_preview_url:S, program_meta:PM}",
        codes={1: "one of the parameters is wrong"},
        doc="Programmes with `search` in their name on the operator's channels, on the days the settings name."
        " `skip_unavailable=1`: only channels the viewer has; `only_archive=1`: only what he can play.",
    ),
)
