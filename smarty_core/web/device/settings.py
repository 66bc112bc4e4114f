"""SettingsSave: PIN, favourites, locks, timeshift, data centre, own order of channels."""

from __future__ import annotations

from typing import Any

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.account_settings import ChannelChange, SettingsChange, merged
from smarty_core.web.method import Answer, ApiError, Call, Method


def settings_save(call: Call) -> Answer:
    assert call.viewer is not None
    sent = call.params
    try:
        change = SettingsChange(
            parent_code=sent["parent_code"],
            use_timeshift=_flag(sent["use_timeshift"]),
            timeshift_offset=sent["preferred_timeshift_offset"],
            data_center_id=sent["data_center_id"],
            channels=merged(_marks(sent)),
            order=None if sent["channels_sort"] is None else tuple(_place(item) for item in sent["channels_sort"]),
        )
        call.system.account_settings.save(call.viewer, change)
    except (InvalidValue, NotFound) as exc:
        raise ApiError(1, f"settings not saved: {exc}") from exc
    return {}


def _marks(sent: Any) -> list[ChannelChange]:
    marks = (
        ("favorite_channel", {"favourite": True}),
        ("unfavorite_channel", {"favourite": False}),
        ("parent_lock_channel", {"locked": True}),
        ("parent_unlock_channel", {"locked": False}),
    )
    return [ChannelChange(sent[name], **flags) for name, flags in marks if sent[name] is not None]


def _place(item: Any) -> ChannelChange:
    if item["id"] is None:
        raise InvalidValue("channels_sort: id missing")
    return ChannelChange(
        item["id"],
        favourite=_flag(item["is_favorited"]),
        hidden=_flag(item["is_hidden"]),
        locked=_flag(item["is_parent_control"]),
    )


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


METHODS = (
    Method(
        "SettingsSave",
        "/settings/save/",
        settings_save,
        group="Settings",
        writes=True,
        bad_parameter=1,
        params="parent_code? S{1..16}; favorite_channel? N; unfavorite_channel? N; parent_lock_channel? N;"
        " parent_unlock_channel? N; use_timeshift? F; preferred_timeshift_offset? N; data_center_id? N;"
        " body channels_sort? O[]; channels_sort.id? N; channels_sort.is_parent_control? F;"
        " channels_sort.is_favorited? F; channels_sort.is_hidden? F",
        codes={1: "the settings were not saved"},
        doc="Saves settings of the account. `channels_sort` is a JSON list in the subscriber's order, sent by POST.",
    ),
)
