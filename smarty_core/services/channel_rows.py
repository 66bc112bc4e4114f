"""Channels as fields of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smarty_core.services.channel_order import NOTHING_ARRANGED, Arrangement
from smarty_core.services.icons import IconSize
from smarty_core.services.languages import pick
from smarty_core.services.line_up import TELEMETER
from smarty_core.services.listing import Listed
from smarty_core.services.programme_rows import ProgrammeRows

if TYPE_CHECKING:
    from smarty_core.services.catalogue import Catalogue

ASPECT_RATIOS: Final = (0, 1, 2, 3)
"""Auto, 16:9, 4:3, full screen."""

NEXT_FIELDS: Final = frozenset(
    "next_program_" + name
    for name in (
        "id", "name", "begin_time", "end_time", "category_id", "category", "description", "preview_url", "rating",
        "meta", "genres",
    )
)  # fmt: skip
LONG_FIELDS: Final = NEXT_FIELDS | {
    "option1", "option2", "option3", *TELEMETER, "aspect_ratio", "lcn_number", "hbb", "additional_categories",
    "program_meta", "program_genres", "show_in_all", "ads_available",
}  # fmt: skip
"""What `compact` leaves out."""

BRIEF_NEXT_FIELDS: Final = LONG_FIELDS - {
    "next_program_name", "next_program_begin_time", "next_program_end_time",
}  # fmt: skip
"""What `wrt_compact` leaves out: as `compact`, but the next programme stays in short."""


FULL_SIZE: Final = IconSize()


@dataclass(frozen=True, slots=True)
class RowStyle:
    """How channels are shown. `fields`: names the answer has; `step` 1 = the next programme stands for the present."""

    lang: int
    fields: frozenset[str]
    size: IconSize = FULL_SIZE
    step: int = 0


class ChannelRows:
    """Makes fields out of channels and what is on air on them."""

    def __init__(self, *, catalogue: Catalogue, programme_rows: ProgrammeRows) -> None:
        self._catalogue = catalogue
        self._programmes = programme_rows

    def row(
        self,
        item: Listed,
        *,
        now: int,
        place: int,
        style: RowStyle,
        category_names: Mapping[int, str],
        arrangement: Arrangement = NOTHING_ARRANGED,
        url: str = "",
    ) -> dict[str, Any]:
        """A channel with the present programme, cut down to the fields of the style. `place`: from 1 on."""
        channel, lang = item.channel, style.lang
        fields: dict[str, Any] = {
            "id": channel.id,
            "name": pick(channel.names, lang),
            "icon": self._catalogue.icons.address(channel.icon_url, style.size),
            "url": url,
            "category_id": channel.category_id,
            "has_record": int(item.archive_days > 0),
            "max_archive_duration": item.archive_days,
            "is_hidden": int(channel.id in arrangement.hidden),
            "is_favorited": int(channel.id in arrangement.favourites),
            "is_parent_control": int(arrangement.is_locked(channel.id, by_operator=channel.parental_control)),
            "has_subscription": int(item.subscribed),
            "timeshift_offset": item.shift_hours,
            "channel_sort": place,
            "sort": channel.place,
            "pause_live_tv_shift": channel.pause_live_tv_shift,
            "option1": channel.options[0],
            "option2": channel.options[1],
            "option3": channel.options[2],
            **channel.telemeter,
            "aspect_ratio": channel.aspect_ratio if channel.aspect_ratio in ASPECT_RATIOS else 0,
            "lcn_number": channel.lcn_number,
            "hbb": channel.hbb,
            "additional_categories": [
                {"id": category, "name": category_names.get(category, "")} for category in channel.additional_categories
            ],
            "show_in_all": int(channel.show_in_all),
            "ads_available": int(channel.ads_available),
            "drm_available": channel.drm_available,
            "meta": channel.meta,
        }
        if "program_id" in style.fields:
            fields.update(
                self._programmes.on_air(
                    channel.epg_channel_id, now=now, shift_hours=item.shift_hours, lang=lang, step=style.step
                )
            )
        return {name: value for name, value in fields.items() if name in style.fields}
