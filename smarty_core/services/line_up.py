"""An operator's channels as ready objects: in his order, with texts, icons, categories and working services."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from smarty_core.services.languages import Texts, texts
from smarty_core.storage.models import Channel
from smarty_core.storage.repositories.channels import GuideChannelRow, LineUpRows, ServiceRow, localised

TELEMETER: Final = (
    "telemeter",
    "telemeter_account_name",
    "telemeter_tmsec_name",
    "telemeter_cat_id",
    "telemeter_vc_id",
    "telemeter_vc_version",
)
NOTHING: Final = "{}"
"""An empty object as JSON text: clients parse such fields without looking whether they are empty."""


@dataclass(frozen=True, slots=True)
class CatalogueChannel:
    """A channel that is switched on. `place`: from 1 on, in the operator's order. Category 0 = none."""

    id: int
    client_id: int
    place: int
    names: Texts
    category_id: int
    additional_categories: tuple[int, ...]
    icon_url: str
    epg_channel_id: int | None
    guide_categories: frozenset[int]
    """Categories of the guide's channel (what it mostly shows)."""
    prefix: str
    uri: str
    multicast_uri: str
    services: tuple[ServiceRow, ...]
    recording_days: int
    pause_live_tv_shift: int
    lcn_number: int
    aspect_ratio: int
    show_in_all: bool
    parental_control: bool
    ads_available: bool
    drm_available: bool
    options: tuple[str, str, str]
    telemeter: Mapping[str, str]
    hbb: tuple[Mapping[str, Any], ...]
    meta: str
    """JSON text."""


@dataclass(frozen=True, slots=True, eq=False)
class LineUp:
    """All channels of one operator, in his order."""

    client_id: int
    channels: tuple[CatalogueChannel, ...]
    by_id: Mapping[int, CatalogueChannel]
    by_guide: Mapping[int, tuple[CatalogueChannel, ...]]
    """Channels by the guide's channel they show."""


def build_line_up(client_id: int, rows: LineUpRows, *, allowed_sorts: Sequence[str] | None) -> LineUp:
    """Put the rows together. `allowed_sorts`: the kinds of automatic order in use, None = all."""
    autosort = rows.autosort if allowed_sorts is None or rows.autosort in allowed_sorts else "custom"
    ordered = in_order(rows.channels, rows.guide, autosort)
    channels = tuple(_channel(row, place, rows) for place, row in enumerate(ordered, 1))
    by_guide: defaultdict[int, list[CatalogueChannel]] = defaultdict(list)
    for channel in channels:
        if channel.epg_channel_id is not None:
            by_guide[channel.epg_channel_id].append(channel)
    return LineUp(
        client_id,
        channels,
        {channel.id: channel for channel in channels},
        {guide_id: tuple(found) for guide_id, found in by_guide.items()},
    )


def in_order(channels: Iterable[Channel], guide: Mapping[int, GuideChannelRow], autosort: str) -> list[Channel]:
    """Channels as `autosort` says: `auto` by the numbers of the guide's channels, `id`, `name`, else by hand."""

    def number(channel: Channel) -> tuple[object, ...]:
        known = guide.get(channel.epg_channel_id or 0)
        return (known is None, known.sort if known else 0, channel.sort, channel.id)

    if autosort == "auto":
        return sorted(channels, key=number)
    if autosort == "id":
        return sorted(channels, key=lambda channel: channel.id)
    if autosort == "name":
        return sorted(channels, key=lambda channel: (channel.name.casefold(), channel.id))
    return sorted(channels, key=lambda channel: (channel.sort, channel.id))


def _channel(row: Channel, place: int, rows: LineUpRows) -> CatalogueChannel:
    guide = rows.guide.get(row.epg_channel_id or 0)
    return CatalogueChannel(
        id=row.id,
        client_id=row.client_id,
        place=place,
        names=texts(*localised(row)),
        category_id=row.category_id or 0,
        additional_categories=rows.categories.get(row.id, ()),
        icon_url=row.icon_url or (guide.icon_url if guide else ""),
        epg_channel_id=guide.id if guide else None,
        guide_categories=frozenset(guide.categories) if guide else frozenset(),
        prefix=row.url_prefix,
        uri=row.uri,
        multicast_uri=row.multicast_uri,
        services=rows.services.get(row.id, ()),
        recording_days=row.recording_days,
        pause_live_tv_shift=row.pause_live_tv_shift,
        lcn_number=row.lcn_number,
        aspect_ratio=row.aspect_ratio,
        show_in_all=row.show_in_all,
        parental_control=row.parental_control,
        ads_available=row.ads_available,
        drm_available=row.drm_available,
        options=(row.option1, row.option2, row.option3),
        telemeter={name: getattr(row, name) or "" for name in TELEMETER},
        hbb=tuple(_hbb(item) for item in row.hbb or () if isinstance(item, Mapping)),
        meta=NOTHING if not row.meta else json.dumps(row.meta, ensure_ascii=False, separators=(",", ":")),
    )


def _hbb(item: Mapping[str, Any]) -> dict[str, Any]:
    """An HbbTV provider of a channel, with the types devices expect whatever the row holds."""
    return {
        "type": _whole(item.get("type")),
        "id": _whole(item.get("id")),
        "api_key": str(item.get("api_key") or ""),
        "channel_id": str(item.get("channel_id") or ""),
    }


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
