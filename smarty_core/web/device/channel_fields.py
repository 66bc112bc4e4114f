"""The fields of a channel in answers, as the methods declare them. `?` marks what `compact` leaves out."""

from __future__ import annotations

from typing import Final

_GENRES: Final = "[]{genre_id:N, genre_name:S}"

NOW: Final = (
    "program_id:N, program_name:S, program_begin_time:N, program_end_time:N, program_category_id:N,"
    " program_category:S, program_description:S, program_preview_url:S, program_rating:N"
)
NEXT: Final = (
    "next_program_id?:N, next_program_name?:S, next_program_begin_time?:N, next_program_end_time?:N,"
    " next_program_category_id?:N, next_program_category?:S, next_program_description?:S,"
    " next_program_preview_url?:S, next_program_rating?:N, next_program_meta?:PM, next_program_genres?" + _GENRES
)
ABOUT: Final = (
    "option1?:S, option2?:S, option3?:S, telemeter?:S, telemeter_account_name?:S, telemeter_tmsec_name?:S,"
    " telemeter_cat_id?:S, telemeter_vc_id?:S, telemeter_vc_version?:S, aspect_ratio?:N<0,1,2,3>,"
    " hbb?[]{type:N, id:N, api_key:S, channel_id:S}, additional_categories?[]{id:N, name:S}, program_meta?:PM,"
    " program_genres?" + _GENRES + ", show_in_all?:F"
)
SHOWN: Final = (
    "id:N, name:S, icon:S, category_id:N, timeshift_offset:N, channel_sort:N, has_record:F, is_parent_control:F,"
    " pause_live_tv_shift:N"
)
OWN: Final = (
    "url:S, max_archive_duration:N, is_hidden:F, is_favorited:F, has_subscription:F, lcn_number?:N, ads_available?:F"
)

LONG_ROW: Final = ", ".join((SHOWN, OWN, NOW, ABOUT, NEXT))
"""A channel of ChannelList and of its relatives."""

INFO_ROW: Final = LONG_ROW + ", drm_available:B, meta:S"
PUBLIC_INFO_ROW: Final = ", ".join((SHOWN, NOW, ABOUT, NEXT)) + ", drm_available:B, meta:S"
