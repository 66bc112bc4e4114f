"""Details of chosen channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from smarty_core.services.channel_rows import LONG_FIELDS, RowStyle
from smarty_core.web.device.channel_fields import INFO_ROW, PUBLIC_INFO_ROW
from smarty_core.web.device.channel_rows import channel_rows, shared_with_guide
from smarty_core.web.device.shown import icon_size, names_in, shown_to
from smarty_core.web.method import Answer, ApiError, Call, Method

NOT_AVAILABLE: Final = 1
NOT_FOUND: Final = 404

ANSWER: Final = f"programs[]{{{INFO_ROW}}}"
PUBLIC_ANSWER: Final = f"programs[]{{{PUBLIC_INFO_ROW}}}"
FIELDS: Final = names_in(ANSWER)
PUBLIC_FIELDS: Final = names_in(PUBLIC_ANSWER)


def channel_info(call: Call) -> Answer:
    return _info(call, FIELDS, NOT_AVAILABLE)


def public_channel_info(call: Call) -> Answer:
    return _info(call, PUBLIC_FIELDS, NOT_FOUND)


def _info(call: Call, fields: frozenset[str], none_code: int) -> Answer:
    """The channels in the order asked; those the caller is not shown are left out, none at all is an error."""
    shown, size, compact = (
        shown_to(call, multicast=not call.params["reject_multicast"]),
        icon_size(call),
        call.params["compact"],
    )
    asked = tuple(number for number in dict.fromkeys(call.params["channel_ids"]) if number in shown.listing.by_id)
    if not asked:
        raise ApiError(none_code)

    def build() -> Mapping[str, Any]:
        style = RowStyle(call.lang, fields - LONG_FIELDS if compact else fields, size)
        wanted = frozenset(asked)
        rows = {
            row["id"]: row for row in channel_rows(call, shown, style, wanted=lambda item: item.channel.id in wanted)
        }
        return {"programs": [rows[number] for number in asked]}

    return shared_with_guide(call, shown, build, size, compact, asked)


_PARAMS: Final = "body channel_ids N[]; icon_width? N; icon_height? N; compact? F=0; reject_multicast? F=0"
_CODES: Final = {
    400: "a parameter is missing or malformed",
    404: "the requested object does not exist",
    500: "internal error",
}

METHODS = (
    Method(
        "ChannelInfoV2",
        "/v2/channel/info/",
        channel_info,
        verb="POST",
        group="Channel",
        params=_PARAMS,
        answer=ANSWER,
        codes={NOT_AVAILABLE: "none of the channels is available to the viewer", **_CODES},
        doc="The channels of `channel_ids` with what is on now and next; `compact=1` leaves out the long fields.",
    ),
    Method(
        "NoAuthChannelInfoV2",
        "/v2/noauth/channel/info/",
        public_channel_info,
        verb="POST",
        auth="api_key",
        group="Channel",
        params=_PARAMS,
        answer=PUBLIC_ANSWER,
        codes=_CODES,
        doc="As ChannelInfoV2, for somebody who is not logged in: without addresses and the fields of an account.",
    ),
)
