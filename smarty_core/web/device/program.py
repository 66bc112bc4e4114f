"""Programmes: the guide of a channel, one programme."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.guide import LONGEST_WINDOW
from smarty_core.services.guide_tags import CATEGORIES_TAG, epg_tag
from smarty_core.services.languages import pick
from smarty_core.services.line_up import CatalogueChannel
from smarty_core.services.listing import Listed, Listing
from smarty_core.storage.repositories.guide import ProgrammeRow
from smarty_core.web.device.shown import (
    LIFE,
    Addresses,
    device_type,
    entitlement_of,
    listed_for_caller,
    operator_of,
    viewer_of,
)
from smarty_core.web.method import AUTHKEY_SLOT, Answer, ApiError, Call, Method, Shared

NO_PROGRAMME: Final = 2
DAY: Final = 86_400
HOUR: Final = 3600
PUBLIC_FIELDS: Final = ("id", "begin_time", "name", "description", "category", "rating", "meta")

_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Watchable:
    """What a viewer can do with a programme of a channel."""

    has_record: bool
    blocked: bool
    url: str
    """Empty when there is nothing to play."""


def watchable(
    call: Call, programme: ProgrammeRow, channel: CatalogueChannel, item: Listed | None, addresses: Addresses
) -> Watchable:
    """`item` None: the viewer has not got the channel."""
    guide = call.system.guide
    has_record = guide.has_record(programme, item, call.now)
    blocked = guide.blockings(channel.client_id).forbid(programme, channel.prefix, call.now)
    url = addresses.record(channel.id, programme.id) if has_record and not blocked else ""
    return Watchable(has_record, blocked, url)


def program_list(call: Call) -> Answer:
    if call.params["is_camera"]:
        if call.system.cameras.find(operator_of(call).id, call.params["cid"]) is None:
            raise NotFound("there is no such camera")
        return {"programs": []}  # cameras have no guide
    entitlement = entitlement_of(call)
    listing = call.system.catalogue.listing(entitlement)
    channel, programmes, window = _asked(call, listing)
    item = listing.by_id.get(channel.id)
    saved = call.system.positions.of_programmes(viewer_of(call))
    positions = {row.id: saved[row.id] for row in programmes if row.id in saved}

    def build() -> Mapping[str, Any]:
        addresses = Addresses(call, authkey=AUTHKEY_SLOT)
        return {
            "programs": [
                _own_fields(call, row, channel, item, addresses, positions.get(row.id, 0)) for row in programmes
            ]
        }

    # Not the whole entitlement: of a viewer's tariffs only what they make of this channel is in the answer.
    held = None if item is None else (item.shift_hours, item.archives, item.subscribed)
    return Shared(
        (call.lang, held, device_type(call), channel.id, window, tuple(positions.items())),
        build,
        (*entitlement.tags, *_guide_tags(channel)),
        call.system.guide.records_change(programmes, item, channel, call.now),
        steady_until=min(entitlement.valid_until, _window_stays(call, window)),
        own_positions=True,
    )


def public_program_list(call: Call) -> Answer:
    channel, programmes, window = _asked(call)

    def build() -> Mapping[str, Any]:
        rows = (call.system.guide.programme_rows.detail(row, call.lang) for row in programmes)
        return {"programs": [{name: row[name] for name in PUBLIC_FIELDS} for row in rows]}

    tags = (f"client:{channel.client_id}:channels", f"client:{channel.client_id}", *_guide_tags(channel))
    until = _window_stays(call, window)
    return Shared((call.lang, channel.id, window), build, tags, call.now + LIFE, steady_until=until)


def program_detail(call: Call) -> Answer:
    listing = listed_for_caller(call)
    programme, channel = _programme(call, listing)
    position = call.system.positions.of_programmes(viewer_of(call)).get(programme.id, 0)
    addresses = Addresses(call, authkey=call.authkey)
    return _own_fields(call, programme, channel, listing.by_id.get(channel.id), addresses, position)


def public_program_detail(call: Call) -> Answer:
    programme, channel = call.system.guide.programme(operator_of(call).id, call.params["pid"])
    blocked = call.system.guide.blockings(channel.client_id).forbid(programme, channel.prefix, call.now)
    return {
        **call.system.guide.programme_rows.detail(programme, call.lang),
        "blocked": int(blocked),
        "channel_name": pick(channel.names, call.lang),
        "channel_icon": call.system.catalogue.icons.address(channel.icon_url),
    }


def _programme(call: Call, listing: Listing) -> tuple[ProgrammeRow, CatalogueChannel]:
    """The programme asked for; of several channels that show it, one that the viewer has."""
    client_id, wanted = operator_of(call).id, call.params["cid"] or 0
    programme, channel = call.system.guide.programme(client_id, call.params["pid"], wanted)
    if not wanted and channel.id not in listing.by_id:
        others = call.system.catalogue.line_up(client_id).by_guide[programme.epg_channel_id]
        channel = next((other for other in others if other.id in listing.by_id), channel)
    return programme, channel


def _own_fields(
    call: Call,
    programme: ProgrammeRow,
    channel: CatalogueChannel,
    item: Listed | None,
    addresses: Addresses,
    position: int,
) -> dict[str, Any]:
    found = watchable(call, programme, channel, item, addresses)
    return {
        **call.system.guide.programme_rows.detail(
            programme, call.lang, shift_hours=item.shift_hours if item is not None else 0
        ),
        "url": found.url,
        "has_record": int(found.has_record),
        "has_subscription": int(item is not None and item.subscribed),
        "position": position,
        "blocked": int(found.blocked),
        "ads_available": int(channel.ads_available),
    }


def _guide_tags(channel: CatalogueChannel) -> tuple[str, ...]:
    return () if channel.epg_channel_id is None else (epg_tag(channel.epg_channel_id), CATEGORIES_TAG)


def _asked(
    call: Call, listing: Listing | None = None
) -> tuple[CatalogueChannel, Sequence[ProgrammeRow], tuple[int, int]]:
    """The channel asked for, its programmes in the time asked for, and that time.

    The time is that of the picture, which on a channel of `listing` may come later than the guide says.
    """
    channel = call.system.catalogue.line_up(operator_of(call).id).by_id.get(call.params["cid"])
    if channel is None:
        raise NotFound("there is no such channel")
    item = listing.by_id.get(channel.id) if listing is not None else None
    shift = item.shift_hours * HOUR if item is not None else 0
    begin, end = _window(call, channel, shift)
    return channel, call.system.guide.of_channel(channel, begin - shift, end - shift), (begin, end)


def _window(call: Call, channel: CatalogueChannel, shift: int) -> tuple[int, int]:
    """`pid_from`, else `date`, else `time_from` and `time_to`, else today; Unix seconds, the end not included."""
    sent = call.params
    if sent["pid_from"] is not None:
        begin = _begin_of(call, channel, sent["pid_from"]) + shift
        return begin, begin + DAY
    if sent["date"]:
        return _day(call, *_read_date(sent["date"]))
    begin, end = sent["time_from"], sent["time_to"]
    if begin is None and end is None:
        today = call.now.astimezone(operator_of(call).zone(call.system.settings.TIME_ZONE))
        return _day(call, today.year, today.month, today.day)
    if begin is None or end is None or not 0 <= begin < end <= begin + int(LONGEST_WINDOW.total_seconds()):
        raise InvalidValue(f"time_from, time_to: a window of at most {LONGEST_WINDOW.days} days")
    return begin, end


def _window_stays(call: Call, window: tuple[int, int]) -> datetime:
    """Until when the same parameters mean the same time: today ends."""
    named = any(call.params[name] not in (None, "") for name in ("pid_from", "date", "time_from", "time_to"))
    return call.now + LIFE if named else datetime.fromtimestamp(window[1], UTC)


def _begin_of(call: Call, channel: CatalogueChannel, programme_id: int) -> int:
    try:
        return call.system.guide.programme(channel.client_id, programme_id, channel.id)[0].start
    except NotFound as exc:
        raise ApiError(NO_PROGRAMME) from exc


def _read_date(text: str) -> tuple[int, int, int]:
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise InvalidValue("date: not dd.mm.YYYY")
    return int(found[3]), int(found[2]), int(found[1])


def _day(call: Call, year: int, month: int, day: int) -> tuple[int, int]:
    """A day in the operator's time zone."""
    zone = operator_of(call).zone(call.system.settings.TIME_ZONE)
    try:
        begin = datetime(year, month, day, tzinfo=zone)
        end = begin + timedelta(days=1)  # the next midnight on the wall, also when clocks are changed
        return int(begin.astimezone(UTC).timestamp()), int(end.astimezone(UTC).timestamp())
    except (ValueError, OverflowError) as exc:
        raise InvalidValue("date: no such day") from exc


_PLAIN: Final = "id:N, begin_time:N, name:S, description:S, category:S, rating:N, meta:S"
_OWN: Final = "url:S, has_record:F, has_subscription:F, position:N, blocked:F, ads_available:F"
_PERIOD: Final = "time_from? N; time_to? N; date? S{..10}<dd.mm.YYYY>; pid_from? N{1..}"
_PERIOD_DOC: Final = (
    " Named by `date` (a day in the operator's time zone), by `time_from` and `time_to` (Unix time, at most 31 days) or"
    " by `pid_from` (24 hours from the beginning of this programme on); today when nothing is named."
)
_WRONG: Final = {1: "one of the parameters is wrong"}

METHODS = (
    Method(
        "ProgramList",
        "/program/list/",
        program_list,
        group="Program",
        bad_parameter=1,
        params="cid N; is_camera? F=0; " + _PERIOD,
        answer=f"programs[]{{{_PLAIN}, end_time:N, short_name:S, preview:S, {_OWN}}}",
        codes={**_WRONG, NO_PROGRAMME: "there is no programme `pid_from`"},
        doc="Programmes of a channel in a period, with what the viewer may do with them; `url` leads to the record and"
        " is empty when there is none to play." + _PERIOD_DOC,
    ),
    Method(
        "NoAuthProgramList",
        "/noauth/program/list/",
        public_program_list,
        auth="api_key",
        group="Program",
        bad_parameter=1,
        params="cid N; " + _PERIOD,
        answer=f"programs[]{{{_PLAIN}}}",
        codes={**_WRONG, NO_PROGRAMME: "there is no programme `pid_from`"},
        doc="Programmes of a channel in a period." + _PERIOD_DOC,
    ),
    Method(
        "ProgramDetail",
        "/program/detail/",
        program_detail,
        group="Program",
        bad_parameter=1,
        params="pid N; cid? N=0",
        answer=f"{_PLAIN}, end_time:N, short_name:S, preview:S, {_OWN}",
        codes=_WRONG,
        doc="A programme; `cid` says which of several channels that show it is meant.",
    ),
    Method(
        "NoAuthProgramDetail",
        "/noauth/program/detail/",
        public_program_detail,
        auth="api_key",
        group="Program",
        bad_parameter=1,
        params="pid N",
        answer=f"{_PLAIN}, end_time:N, short_name:S, preview:S, blocked:F, channel_name:S, channel_icon:S",
        codes=_WRONG,
        doc="A programme and the channel that shows it.",
    ),
)
