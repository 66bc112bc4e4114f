"""Where a viewer stopped watching, and which channel he watches."""

from __future__ import annotations

from typing import Final

from smarty_core.errors import StorageError
from smarty_core.web.device.shown import viewer_of
from smarty_core.web.method import Answer, ApiError, Call, Method

NOT_SAVED: Final = 2
NO_ASSET: Final = 3


def position_set(call: Call) -> Answer:
    sent = call.params
    if sent["content_type"] == "video" and not sent["asset_id"]:
        raise ApiError(NO_ASSET)
    try:
        call.system.positions.save(
            viewer_of(call),
            content_type=sent["content_type"],
            content_id=sent["content_id"],
            seconds=sent["position"],
            asset_id=sent["asset_id"] or None,
            duration=sent["duration"],
            is_viewed=None if sent["is_viewed"] is None else bool(sent["is_viewed"]),
        )
    except StorageError as exc:
        raise ApiError(NOT_SAVED) from exc
    return {}


def position_delete(call: Call) -> Answer:
    sent = call.params
    try:
        call.system.positions.delete(
            viewer_of(call),
            content_type=sent["content_type"],
            content_id=sent["content_id"],
            asset_id=sent["asset_id"] or None,
        )
    except StorageError as exc:
        raise ApiError(NOT_SAVED) from exc
    return {}


def remember_channel(call: Call) -> Answer:
    call.system.positions.remember_channel(viewer_of(call), call.params["channel_id"])
    return {}


_CONTENT: Final = "content_type S<program,video>; content_id N{1..}; asset_id? N{0..}"
_CODES: Final = {1: "bad parameter", NOT_SAVED: "the data could not be saved"}

METHODS = (
    Method(
        "ContentPositionSet",
        "/content/position/set/",
        position_set,
        group="ContentPosition",
        writes=True,
        bad_parameter=1,
        params=_CONTENT + "; position N{0..2147483647}; duration? N{0..2147483647}; is_viewed? F",
        codes={**_CODES, NO_ASSET: "this content needs asset_id", 404: "there is no such content"},
        doc="Saves the position, seconds from the start. The length of the content is known when `duration` is absent;"
        " `is_viewed` is worked out from both when it is absent.",
    ),
    Method(
        "ContentPositionDelete",
        "/content/position/delete/",
        position_delete,
        group="ContentPosition",
        writes=True,
        bad_parameter=1,
        params=_CONTENT,
        codes=_CODES,
        doc="Forgets a position; without `asset_id` all positions of the content.",
    ),
    Method(
        "ContentPositionRememberChannel",
        "/content/position/remember/channel/",
        remember_channel,
        group="ContentPosition",
        writes=True,
        bad_parameter=1,
        params="channel_id N{1..}",
        codes={1: "bad parameter"},
        doc="Remembers the channel as watched last.",
    ),
)
